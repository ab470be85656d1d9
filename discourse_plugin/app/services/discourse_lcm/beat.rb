# frozen_string_literal: true

module DiscourseLcm
  # Notes that a worker is alive, and tells it how far the work items go.
  class Beat
    include Service::Base

    params { attribute :beat }

    step :note
    step :find_last_work

    private

    def note(params:)
      beat = params.beat
      worker = Worker.find_or_initialize_by(name: beat["worker"])
      worker.update!(
        version: beat["version"],
        last_seen_at: Time.zone.now,
        next_at: beat["next_at"],
        calls: beat["calls"],
        calls_limit: beat["calls_limit"],
        work_taken: beat["work_taken"] || worker.work_taken,
        problems: beat["problems"] || [],
      )
    end

    def find_last_work
      context[:last_work_id] = Decision.maximum(:id) || 0
    end
  end
end
