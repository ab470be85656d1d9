# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::GuardianExtension do
  include_context "with a cohort"

  def who(ability)
    people = { learner:, lcm:, other_learner:, other_lcm:, moderator:, admin:, anonymous: nil }
    people.select { |_, user| Guardian.new(user).public_send(ability, cohort) }.keys
  end

  it "lets a cohort's people and staff know of it" do
    expect(who(:can_see_lcm_cohort?)).to eq(%i[learner lcm moderator admin])
  end

  it "lets a cohort's LCMs and staff lead it" do
    expect(who(:can_lead_cohort?)).to eq(%i[lcm moderator admin])
    expect(who(:can_see_lcm_desk?)).to eq(%i[lcm moderator admin])
  end

  it "asks for somebody's groups once" do
    guardian, known = Guardian.new(lcm), cohort
    queries = track_sql_queries { 3.times { guardian.can_lead_cohort?(known) } }

    expect(queries.size).to eq(1)
  end

  it "knows nobody's way to a cohort that is none" do
    expect(Guardian.new(admin).can_lead_cohort?(nil)).to eq(false)
  end
end
