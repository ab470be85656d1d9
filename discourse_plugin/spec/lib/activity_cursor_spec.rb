# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::ActivityCursor do
  let(:start) { described_class.start(Time.utc(2026, 11, 2)) }

  it "comes back as it was given out" do
    cursor = start.after("2026-11-03T08:00:00.123456Z", 42).next_stream

    expect(described_class.parse(cursor.to_s).to_s).to eq(cursor.to_s)
  end

  it "goes through the streams and begins again where each was left" do
    cursor = start.after("2026-11-03T08:00:00.000001Z", 42)
    4.times { cursor = cursor.next_stream }

    expect(cursor.stream).to eq("posts")
    expect(cursor.position).to eq(["2026-11-03T08:00:00.000001Z", 42])
  end

  it "is short enough for the contract" do
    long = described_class::STREAMS.reduce(start) { |cursor, _| cursor.after("2026-11-03T08:00:00.123456Z", 2**62).next_stream }

    expect(long.to_s.size).to be <= 400
  end

  it "is checked as anything from outside" do
    good = JSON.parse(Base64.urlsafe_decode64(start.to_s))
    bad = [
      good.merge("v" => 2),
      good.merge("s" => "users"),
      good.merge("posts" => ["2026-11-03'; DROP TABLE posts", 1]),
      good.merge("posts" => ["2026-11-03T08:00:00Z", "1 OR 1=1"]),
      good.merge("posts" => ["2026-11-03T08:00:00Z", -1]),
      good.merge("posts" => nil),
      good.except("visits"),
      ["posts"],
    ]

    bad.each do |data|
      text = Base64.urlsafe_encode64(data.to_json)
      expect { described_class.parse(text) }.to raise_error(described_class::Malformed), data.inspect
    end
    expect { described_class.parse("%%%") }.to raise_error(described_class::Malformed)
  end
end
