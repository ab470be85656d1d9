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
