# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Figures do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:) }

  def data(name)
    Report.find(name, start_date: 3.days.ago, end_date: Time.zone.now).data.map { |row| [row[:x].to_date, row[:y]] }
  end

  it "counts what learners post in their cohorts, without LCMs and others" do
    2.times { Fabricate(:post, topic:, user: learner, created_at: 1.day.ago) }
    Fabricate(:post, topic:, user: lcm, created_at: 1.day.ago)
    Fabricate(:post, user: learner, created_at: 1.day.ago)
    lcm_group.add(other_learner)
    group.add(other_learner)
    Fabricate(:post, topic:, user: other_learner, created_at: 1.day.ago)

    expect(data("lcm_learner_posts")).to eq([[1.day.ago.to_date, 2]])
  end

  it "counts drafts by the day on which they were decided" do
    Fabricate(:lcm_draft, cohort:, state: "approved", decided_at: 2.days.ago)
    Fabricate(:lcm_draft, cohort:)

    expect(data("lcm_drafts_decided")).to eq([[2.days.ago.to_date, 1]])
  end

  it "counts blockers by the day on which they began, and totals those still open" do
    Fabricate(:lcm_blocker, cohort:, since: 1.day.ago)
    Fabricate(:lcm_blocker, cohort:, since: 1.day.ago, state: "solved")

    expect(data("lcm_blockers_opened")).to eq([[1.day.ago.to_date, 2]])
    expect(Report.find("lcm_blockers_opened").total).to eq(1)
  end

  it "has its texts in both languages" do
    %w[lcm_learner_posts lcm_drafts_decided lcm_blockers_opened].each do |name|
      %i[en fr].each do |locale|
        expect(I18n.exists?("reports.#{name}.title", locale)).to eq(true)
      end
    end
  end
end
