# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::AttendLearner do
  describe described_class::Contract, type: :model do
    it { is_expected.to validate_presence_of :key }
    it { is_expected.to validate_presence_of :user_id }
    it { is_expected.to validate_inclusion_of(:action).in_array(%w[snooze dismiss restore]) }
    it { is_expected.to validate_length_of(:reason).is_at_most(500) }
  end

  describe ".call" do
    subject(:result) { described_class.call(params:, guardian: user.guardian) }

    include_context "with a cohort"

    fab!(:row) { Fabricate(:lcm_learner, cohort:, user: learner, needs_hand: true) }

    let(:user) { lcm }
    let(:params) { { key: "spring-27", user_id: learner.id, action: "dismiss", reason: "we spoke" } }

    context "when somebody may not know of the cohort" do
      let(:user) { other_lcm }

      it { is_expected.to fail_to_find_a_model(:cohort) }
    end

    context "when somebody does not lead it" do
      let(:user) { learner }

      it { is_expected.to fail_a_policy(:can_lead_cohort) }
    end

    context "when the learner has left" do
      before { group.remove(learner) }

      it { is_expected.to fail_to_find_a_model(:learner) }
    end

    context "when everything is valid" do
      it { is_expected.to run_successfully }

      it "keeps one decision for a learner, the last" do
        described_class.call(params: params.merge(action: "snooze", until: 3.days.from_now.iso8601), guardian: user.guardian)
        result

        expect(DiscourseLcm::Attention.pluck(:action, :until, :reason)).to eq([["dismiss", nil, "we spoke"]])
      end
    end
  end
end
