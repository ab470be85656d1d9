# frozen_string_literal: true

module DiscourseLcm
  # Asks the worker to run or preview a step, or to pause, resume or shift a cohort.
  class RequestRun
    include Service::Base

    RUN_KINDS = {
      "run_playbook" => "playbook",
      "preview_playbook" => "preview",
      "pause_cohort" => "pause",
      "resume_cohort" => "resume",
      "shift_cohort" => "shift",
    }.freeze

    params do
      attribute :kind, :string
      attribute :cohort, :string
      attribute :step, :string
      attribute :until, :datetime
      attribute :days, :integer

      validates :kind, inclusion: RUN_KINDS.keys
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
    transaction do
      step :decide
      step :put_run
    end
    step :tell

    private

    def is_admin(guardian:)
      guardian.is_admin?
    end

    def fetch_declared(params:)
      Cohort.find_by(key: params.cohort)
    end

    def decide(params:, declared:, guardian:)
      context[:run_id] = "request-#{SecureRandom.hex(8)}"
      context[:decision] = Decision.record!(
        kind: params.kind,
        subject: context[:run_id],
        data: {
          step: params.step.presence,
          until: params.kind == "pause_cohort" ? Timestamps.write(params.until) : nil,
          days: params.kind == "shift_cohort" ? params.days : nil,
        },
        cohort: declared,
        by: guardian.user,
      )
    end

    def put_run(params:, declared:, guardian:, run_id:, decision:)
      context[:run] = Run.create!(
        run_id:,
        kind: RUN_KINDS.fetch(params.kind),
        cohort: declared,
        playbook: declared.playbook,
        step: params.step.presence,
        state: "requested",
        requested_by: guardian.user,
        decision:,
      )
    end

    def tell(run:)
      Live.run(run)
    end
  end
end
