# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Worker do
  def seen(time, name = "a:1")
    described_class.create!(name:, version: "1", last_seen_at: time)
  end

  it "is silent after the minutes that the site allows" do
    freeze_time
    expect(described_class.health).to eq(:never_seen)
    worker = seen(59.minutes.ago)
    expect(described_class.health).to eq(:healthy)
    worker.update!(last_seen_at: 61.minutes.ago)
    expect(described_class.health).to eq(:silent)
  end

  it "is healthy as long as one of several is heard" do
    seen(3.hours.ago)
    seen(1.minute.ago, "b:1")

    expect(described_class.health).to eq(:healthy)
  end
end
