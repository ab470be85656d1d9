# frozen_string_literal: true

module DiscourseLcm
  # Asks the worker to run or preview a step, or to pause, resume or shift a cohort.
  class RequestRun
    include Service::Base

    params do
      attribute :kind, :string
      attribute :cohort, :string
      attribute :step, :string
      attribute :until, :datetime
      attribute :days, :integer

      validates :kind, inclusion: Run::OF_DECISIONS.keys
      validates :cohort, presence: true
      validates :step, length: { maximum: 80 }
      validates :until,
                comparison: {
                  greater_than: -> { Time.zone.now },
                },
                if: -> { kind == "pause_cohort" },
                allow_nil: true
      validates :days, inclusion: -365..365, exclusion: [0], if: -> { kind == "shift_cohort" }
    end

    policy :is_admin
    model :declared
    transaction { step :ask }
    step :tell

    private

    def is_admin(guardian:)
      guardian.is_admin?
    end

    def fetch_declared(params:)
      Cohort.find_by(key: params.cohort)
    end

    def ask(params:, declared:, guardian:)
      data = {
        step: params.step.presence,
        until: params.kind == "pause_cohort" ? Timestamps.write(params.until) : nil,
        days: params.kind == "shift_cohort" ? params.days : nil,
      }
      context[:run] = Run.ask_for!(params.kind, cohort: declared, by: guardian.user, data:)
      context[:decision] = context[:run].decision
    end

    def tell(run:)
      Live.run(run)
    end
  end
end
