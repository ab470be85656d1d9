# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::RequestRun do
  describe described_class::Contract, type: :model do
    it { is_expected.to validate_presence_of :cohort }
    it { is_expected.to validate_length_of(:step).is_at_most(80) }

    it "shifts by some days, at most a year" do
      [nil, 0, 366, -366].each do |days|
        expect(described_class.new(kind: "shift_cohort", days:).tap(&:validate).errors).to include(:days)
      end
      expect(described_class.new(kind: "shift_cohort", days: -365).tap(&:validate).errors).not_to include(:days)
    end
  end

  describe ".call" do
    subject(:result) { described_class.call(params:, guardian: user.guardian) }

    include_context "with a cohort"

    let(:user) { admin }
    let(:params) { { kind: "run_playbook", cohort: "spring-27" } }

    context "when somebody is no administrator" do
      let(:user) { moderator }

      it { is_expected.to fail_a_policy(:is_admin) }
    end

    context "when the cohort is unknown" do
      let(:params) { { kind: "run_playbook", cohort: "nowhere" } }

      it { is_expected.to fail_to_find_a_model(:declared) }
    end

    context "when everything is valid" do
      it { is_expected.to run_successfully }

      it "tells administrators who watch" do
        messages = MessageBus.track_publish("/lcm/runs") { result }

        expect(messages.map { |message| message.data[:run][:state] }).to eq(["requested"])
      end
    end
  end
end
