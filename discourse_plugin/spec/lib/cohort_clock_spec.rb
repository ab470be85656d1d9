# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::CohortClock do
  let(:cohort) do
    Fabricate.build(
      :lcm_cohort,
      group: nil,
      lcm_group: nil,
      category: nil,
      start_on: Date.new(2026, 11, 2),
      end_on: Date.new(2027, 2, 26),
      timezone: "Europe/Paris",
    )
  end

  def week(*time)
    described_class.new(cohort, now: Time.utc(*time)).week
  end

  it "counts weeks by the cohort's own clock" do
    expect(week(2026, 11, 1, 22, 59)).to eq(nil)
    expect(week(2026, 11, 1, 23, 0)).to eq(1)
    expect(week(2026, 11, 8, 22, 59)).to eq(1)
    expect(week(2026, 11, 8, 23, 0)).to eq(2)
  end

  it "ends with the cohort's last day" do
    expect(week(2027, 2, 26, 22, 59)).to eq(17)
    expect(week(2027, 2, 26, 23, 0)).to eq(nil)
  end
end
