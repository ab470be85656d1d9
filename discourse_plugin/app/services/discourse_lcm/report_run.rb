# frozen_string_literal: true

module DiscourseLcm
  # Takes in what a run of the worker does. What came before is kept; a finished run does not go
  # back.
  class ReportRun
    include Service::Base
    include Refusing

    params do
      attribute :id, :string
      attribute :report
      validates :id, :report, presence: true
    end

    lock(:id) do
      transaction do
        step :find_cohort
        step :put_run
        step :put_lines
        step :apply_to_cohort
      end
    end
    step :tell

    private

    def find_cohort(params:)
      key = params.report["cohort"]
      context[:cohort] = key && Cohort.find_by(key:)
      refuse!(:unknown_cohort, key:) if key && context[:cohort].nil?
    end

    def put_run(params:)
      report = params.report
      run = Run.find_or_initialize_by(run_id: params.id)
      context[:was_finished] = run.finished?
      run.assign_attributes(kind: report["kind"], cohort: context[:cohort] || run.cohort)
      run.assign_attributes(report.slice("playbook", "step", "summary", "started_at").compact)
      run.assign_attributes(report.slice("state", "finished_at")) if !run.finished? || report["state"] != "running"
      run.previews = cooked(report["previews"]) if report["previews"]
      run.save!
      context[:run] = run
    end

    def cooked(previews)
      previews.map do |preview|
        preview.slice("kind", "title", "recipients", "reason").merge("cooked" => PrettyText.cook(preview["raw"]))
      end
    end

    def put_lines(params:, run:)
      lines = (params.report["lines"] || []).map { |line| line.slice("number", "at", "level", "text") }
      lines = lines.uniq { |line| line["number"] }
      RunLine.insert_all(lines.map { |line| line.merge("run_id" => run.id) }, unique_by: %i[run_id number]) if lines.present?
      context[:lines] = lines
    end

    # The cohort is paused, resumed or shifted when the worker says that it is.
    def apply_to_cohort(run:, was_finished:)
      return if run.cohort.nil? || run.state != "done" || was_finished
      data = run.decision&.data || {}
      case run.kind
      when "pause"
        run.cohort.update!(paused: true, paused_until: data["until"])
      when "resume"
        run.cohort.update!(paused: false, paused_until: nil)
      when "shift"
        run.cohort.update!(shift_days: run.cohort.shift_days + data["days"].to_i)
      end
    end

    def tell(run:, lines:)
      Live.run(run, lines:)
    end
  end
end
