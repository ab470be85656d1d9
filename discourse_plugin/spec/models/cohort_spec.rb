# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Cohort do
  fab!(:cohort) { Fabricate(:lcm_cohort, key: "spring-27") }

  it "is found by its category and by those inside, the nearest first" do
    inside = Fabricate(:category, parent_category: cohort.category)
    nested = Fabricate(:lcm_cohort, category: inside)

    expect(described_class.of_category(cohort.category)).to eq(cohort)
    expect(described_class.of_category(inside)).to eq(nested)
    nested.destroy!
    expect(described_class.of_category(inside)).to eq(cohort)
    expect(described_class.of_category(Fabricate(:category))).to eq(nil)
    expect(described_class.of_category(nil)).to eq(nil)
  end

  it "has no key with capitals, and none twice" do
    bare = { group: nil, lcm_group: nil, category: nil }
    expect(Fabricate.build(:lcm_cohort, key: "spring-28", **bare)).to be_valid
    expect(Fabricate.build(:lcm_cohort, key: "Spring", **bare)).not_to be_valid
    expect(Fabricate.build(:lcm_cohort, key: "spring-27", **bare)).not_to be_valid
  end

  it "has a desk on its LCMs' group, else on its learners', where it has one" do
    expect(cohort.desk_url).to eq("/g/#{cohort.lcm_group.name}/lcm")
    cohort.lcm_group.destroy!
    expect(cohort.reload.desk_url).to eq("/g/#{cohort.group.name}/lcm")
    cohort.group.destroy!
    expect(cohort.reload.desk_url).to eq(nil)
  end
end
