# frozen_string_literal: true

RSpec.describe DiscourseLcm::Cohort do
  it "loads" do
    expect(described_class.new.errors).to be_empty
  end
end
