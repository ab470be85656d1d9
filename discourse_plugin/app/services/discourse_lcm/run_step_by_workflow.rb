# frozen_string_literal: true

module DiscourseLcm
  # Asks the worker, for a workflow, to do a step's next occurrence now, at most once a day for each step. Its texts wait
  # for the LCMs, whatever the step says.
  class RunStepByWorkflow
    include Service::Base
    include Refusing
    include ByWorkflow

    params do
      attribute :key, :string
      attribute :step, :string
      attribute :workflow, :string

      validates :key, :step, :workflow, presence: true
      validates :step, :workflow, length: { maximum: 80 }
    end

    lock(:key) do
      model :cohort
      policy :is_lcm
      step :refuse_unknown
      step :refuse_too_many
      transaction { step :ask }
    end
    step :tell

    private

    def refuse_unknown(params:, cohort:)
      steps = cohort.calendar.map { |entry| entry["step"] }
      refuse!(:no_such_step, status: 404, step: params.step, cohort: cohort.key) if steps.exclude?(params.step)
    end

    def ask(params:, cohort:, guardian:)
      context[:run] = nil
      asked = done_today(cohort).where(kind: "run_playbook").where("data ->> 'step' = ?", params.step)
      return if asked.exists?
      data = { step: params.step, workflow: params.workflow }
      context[:run] = Run.ask_for!("run_playbook", cohort:, by: guardian.user, data:)
      context[:decision] = context[:run].decision
    end

    def tell(run:)
      Live.run(run) if run
    end
  end
end
