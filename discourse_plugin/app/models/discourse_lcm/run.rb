# frozen_string_literal: true

module DiscourseLcm
  class Run < ActiveRecord::Base
    self.table_name = "discourse_lcm_runs"

    KINDS = %w[sync playbook preview publish pause resume shift].freeze
    FINISHED = %w[done partial failed refused].freeze
    # The kind of run by what is asked of the worker.
    OF_DECISIONS = {
      "run_playbook" => "playbook",
      "preview_playbook" => "preview",
      "pause_cohort" => "pause",
      "resume_cohort" => "resume",
      "shift_cohort" => "shift",
    }.freeze

    belongs_to :cohort, optional: true
    belongs_to :requested_by, class_name: "User", optional: true
    belongs_to :decision, optional: true
    has_many :lines,
             class_name: "DiscourseLcm::RunLine",
             inverse_of: :run,
             dependent: :delete_all

    validates :kind, inclusion: KINDS

    # Asks the worker for a run; it is shown as requested until the worker reports on it.
    def self.ask_for!(decision_kind, cohort:, by:, data:)
      run_id = "request-#{SecureRandom.hex(8)}"
      decision = Decision.record!(kind: decision_kind, subject: run_id, data:, cohort:, by:)
      create!(
        run_id:,
        kind: OF_DECISIONS.fetch(decision_kind),
        cohort:,
        playbook: cohort.playbook,
        step: data[:step],
        state: "requested",
        requested_by: by,
        decision:,
      )
    end

    def finished?
      FINISHED.include?(state)
    end
  end
end

# == Schema Information
#
# Table name: discourse_lcm_runs
#
#  id              :bigint           not null, primary key
#  run_id          :string(64)       not null
#  kind            :string(10)       not null
#  cohort_id       :bigint
#  playbook        :string(80)
#  step            :string(80)
#  state           :string(10)       not null
#  requested_by_id :bigint
#  decision_id     :bigint
#  started_at      :datetime
#  finished_at     :datetime
#  summary         :string(1000)
#  previews        :jsonb            default([]), not null
#  created_at      :datetime         not null
#  updated_at      :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_runs_on_created_at  (created_at)
#  index_discourse_lcm_runs_on_run_id      (run_id) UNIQUE
#
