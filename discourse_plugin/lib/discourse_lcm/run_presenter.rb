# frozen_string_literal: true

module DiscourseLcm
  # A run of the worker as the contract's Run.
  class RunPresenter
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
  end
end
