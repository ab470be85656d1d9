# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::ChangeMembers do
  describe described_class::Contract, type: :model do
    it { is_expected.to validate_presence_of :key }
    it { is_expected.to validate_presence_of :change }
  end

  describe ".call" do
    subject(:result) { described_class.call(params:, guardian: admin.guardian) }

    include_context "with a cohort"

    fab!(:newcomer, :user)

    let(:params) { { key: "spring-27", change: "c1", group: { "add" => [newcomer.id] } } }

    context "when the cohort is unknown" do
      let(:params) { { key: "nowhere", change: "c1" } }

      it { is_expected.to fail_to_find_a_model(:cohort) }
    end

    context "when everything is valid" do
      it { is_expected.to run_successfully }

      it "logs the change under the account of whose key it is" do
        result

        expect(GroupHistory.where(group:).pluck(:acting_user_id, :target_user_id)).to eq([[admin.id, newcomer.id]])
      end

      it "keeps other cohorts' changes apart, though they have the same name" do
        result
        other = described_class.call(params: params.merge(key: "autumn-27"), guardian: admin.guardian)

        expect(other[:changed][:group]["added"]).to eq([newcomer.id])
      end
    end
  end
end
