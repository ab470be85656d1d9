# frozen_string_literal: true

module DiscourseLcm
  # Marks a topic as something that blocks its author, or says that it is solved.
  class MarkBlocker
    include Service::Base
    include OnTopic

    params do
      attribute :topic_id, :integer
      attribute :marked, :boolean
      attribute :note, :string

      validates :topic_id, presence: true
      validates :note, length: { maximum: 500 }
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    transaction do
      model :blocker, optional: true
      step :mark
      step :record
    end
    step :tell

    private

    def fetch_blocker(params:, cohort:, topic:)
      blocker = Blocker.find_or_initialize_by(cohort:, topic_id: topic.id)
      blocker if params.marked || blocker.persisted?
    end

    def mark(params:, topic:, guardian:)
      blocker = context[:blocker]
      return context[:kind] = nil if blocker.nil?
      if params.marked
        open(blocker, topic, params.note, guardian.user)
        context[:kind] = "open_blocker"
      else
        context[:kind] = "solve_blocker" if blocker.state == "open"
        now = Time.zone.now
        blocker.assign_attributes(state: "solved", solved_at: now, stated_at: now, solved_by_id: guardian.user.id)
      end
      blocker.save!
    end

    def open(blocker, topic, note, user)
      blocker.marked_by_id ||= user.id
      blocker.since ||= topic.created_at
      blocker.question = note.presence || blocker.question || topic.title.truncate(500)
      blocker.assign_attributes(state: "open", solved_at: nil, solved_by_id: nil, stated_at: Time.zone.now)
    end

    def record(params:, cohort:, topic:, guardian:)
      return if context[:kind].nil?
      Decision.record!(
        kind: context[:kind],
        subject: topic.id,
        data: { reason: params.note.presence },
        cohort:,
        by: guardian.user,
      )
    end

    def tell(cohort:, topic:)
      Live.topic(topic)
      Live.desk(cohort, :blockers)
    end
  end
end
