# frozen_string_literal: true

module DiscourseLcm
  class Run < ActiveRecord::Base
    self.table_name = "discourse_lcm_runs"

    KINDS = %w[sync playbook preview publish pause resume shift].freeze
    FINISHED = %w[done partial failed refused].freeze

    belongs_to :cohort, optional: true
    belongs_to :requested_by, class_name: "User", optional: true
    belongs_to :decision, optional: true
    has_many :lines,
             class_name: "DiscourseLcm::RunLine",
             inverse_of: :run,
             dependent: :delete_all

    validates :kind, inclusion: KINDS

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
