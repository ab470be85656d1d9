# frozen_string_literal: true

module DiscourseLcm
  # A run of the worker as the contract's Run.
  class RunPresenter
    CLOCK_KINDS = %w[pause resume shift].freeze

    def initialize(run)
      @run = run
    end

    # Without its log.
    def summary
      {
        id: @run.run_id,
        **@run.slice(:kind, :playbook, :step, :state, :summary).symbolize_keys,
        cohort: @run.cohort&.key,
        requested_by: @run.requested_by && UserCards.card(@run.requested_by),
        asked:,
        started_at: Timestamps.write(@run.started_at),
        finished_at: Timestamps.write(@run.finished_at),
      }
    end

    def to_h
      summary.merge(lines: @run.lines.order(:number).map { |line| self.class.line(line) }, previews: @run.previews)
    end

    def self.line(line)
      { number: line.number, at: Timestamps.write(line.at), level: line.level, text: line.text }
    end

    private

    # What an administrator asked for of the cohort's clock; nil where the run is of another kind or nobody asked here.
    def asked
      data = @run.decision&.data
      { until: data["until"], days: data["days"] } if data && CLOCK_KINDS.include?(@run.kind)
    end
  end
end
