# frozen_string_literal: true

module DiscourseLcm
  # The administrators' console: the contract's Console.
  class ConsolePresenter
    RUNS = 50

    def to_h
      { health:, playbooks:, cohorts:, runs: }
    end

    private

    def health
      newest = Decision.maximum(:id) || 0
      {
        state: Worker.health.to_s,
        silent_after_minutes: SiteSetting.lcm_worker_silent_minutes,
        workers: Worker.order(last_seen_at: :desc).limit(RUNS).map { |worker| worker_row(worker, newest) },
      }
    end

    def worker_row(worker, newest)
      {
        worker: worker.name,
        version: worker.version,
        last_seen_at: Timestamps.write(worker.last_seen_at),
        next_at: Timestamps.write(worker.next_at),
        calls: worker.calls,
        calls_limit: worker.calls_limit,
        work_waiting: worker.work_taken < newest ? Decision.where("id > ?", worker.work_taken).count : 0,
        problems: worker.problems,
      }
    end

    def playbooks
      Playbook.order(:name).map { |playbook| playbook.slice(:name, :title, :version, :steps) }
    end

    def cohorts
      rows = Cohort.includes(:group, :lcm_group).order(start_on: :desc, key: :asc).to_a
      learners = Learner.where(cohort: rows).group(:cohort_id).count
      rows.map { |cohort| cohort_row(cohort, learners.fetch(cohort.id, 0)) }
    end

    def cohort_row(cohort, learners)
      {
        **cohort.slice(:key, :name, :timezone, :playbook, :shift_days, :calendar).symbolize_keys,
        start: cohort.start_on.iso8601,
        end: cohort.end_on.iso8601,
        paused: paused(cohort),
        learners:,
        desk_url: cohort.desk_url,
      }
    end

    def paused(cohort)
      return if !cohort.paused || cohort.paused_until&.past?
      { until: Timestamps.write(cohort.paused_until) }
    end

    def runs
      Run
        .includes(:cohort, :requested_by, :decision)
        .order(created_at: :desc, id: :desc)
        .limit(RUNS)
        .map { |run| RunPresenter.new(run).summary }
    end
  end
end
