# frozen_string_literal: true

require_relative "../../plugin_helper"

RSpec.describe ProblemCheck::LcmWorkerSilent do
  let(:check) { described_class.new }

  before { SiteSetting.lcm_enabled = true }

  def heard(time)
    DiscourseLcm::Worker.create!(name: "a:1", version: "1", last_seen_at: time)
  end

  it "is no problem before a worker was ever there, and while one is" do
    expect(check).to be_chill_about_it
    heard(1.minute.ago)
    expect(check).to be_chill_about_it
  end

  it "is a problem when nothing is heard any more, said in minutes" do
    heard(2.hours.ago)

    expect(check).to have_a_problem.with_priority("high").with_message(
      I18n.t("dashboard.problem.lcm_worker_silent", minutes: 60, base_path: ""),
    )
  end

  it "is no problem while the plugin is off" do
    heard(2.hours.ago)
    SiteSetting.lcm_enabled = false

    expect(check).to be_chill_about_it
  end

  it "is asked by Discourse" do
    expect(ProblemCheck.checks.map(&:identifier)).to include(:lcm_worker_silent)
  end
end
