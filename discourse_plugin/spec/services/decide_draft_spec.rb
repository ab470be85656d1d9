# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::DecideDraft do
  describe described_class::Contract, type: :model do
    it { is_expected.to validate_presence_of :key }
    it { is_expected.to validate_presence_of :draft_key }
    it { is_expected.to validate_inclusion_of(:decision).in_array(%w[edit approve reject]) }
    it { is_expected.to validate_length_of(:title).is_at_most(255) }
    it { is_expected.to validate_length_of(:raw).is_at_most(32_000) }
    it { is_expected.to validate_length_of(:reason).is_at_most(500) }

    it "wants a text to edit and a reason to reject" do
      expect(described_class.new(decision: "edit").tap(&:validate).errors).to include(:raw)
      expect(described_class.new(decision: "reject").tap(&:validate).errors).to include(:reason)
      expect(described_class.new(decision: "approve").tap(&:validate).errors).not_to include(:raw, :reason)
    end
  end

  describe ".call" do
    subject(:result) { described_class.call(params:, guardian: user.guardian) }

    include_context "with a cohort"

    fab!(:draft) { Fabricate(:lcm_draft, cohort:, key: "d1") }

    let(:user) { lcm }
    let(:params) { { key: "spring-27", draft_key: "d1", decision: "approve" } }

    context "when the decision is none" do
      let(:params) { { key: "spring-27", draft_key: "d1", decision: "think" } }

      it { is_expected.to fail_a_contract }
    end

    context "when somebody may not know of the cohort" do
      let(:user) { other_lcm }

      it { is_expected.to fail_to_find_a_model(:cohort) }
    end

    context "when somebody does not lead it" do
      let(:user) { learner }

      it { is_expected.to fail_a_policy(:can_lead_cohort) }
    end

    context "when there is no such draft" do
      before { draft.destroy! }

      it { is_expected.to fail_to_find_a_model(:draft) }
    end

    context "when it was decided already" do
      before { draft.update!(state: "sent") }

      it "says so" do
        expect(result[:refusal].status).to eq(409)
      end
    end

    context "when everything is valid" do
      it { is_expected.to run_successfully }

      it "takes nothing half: no decision without the draft, no draft without the decision" do
        DiscourseLcm::Decision.stubs(:record!).raises(ActiveRecord::StatementInvalid)

        expect { result }.to raise_error(ActiveRecord::StatementInvalid)
        expect(draft.reload.state).to eq("pending")
      end
    end
  end
end
