# frozen_string_literal: true

module DiscourseLcm
  # Marks a topic as something that blocks its author, or says that it is solved. `workflow` names the workflow that
  # does so in the name of an LCM.
  class MarkBlocker
    include Service::Base
    include Refusing
    include ByWorkflow
    include OnTopic

    params do
      attribute :topic_id, :integer
      attribute :marked, :boolean
      attribute :note, :string
      attribute :workflow, :string

      validates :topic_id, presence: true
      validates :note, length: { maximum: 500 }
      validates :workflow, length: { maximum: 80 }
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    policy :may_by_workflow
    step :refuse_too_many
    transaction do
      model :blocker, optional: true
      step :mark
      step :record
    end
    step :tell

    private

    def may_by_workflow(params:, cohort:, guardian:)
      params.workflow.blank? || lcm?(cohort, guardian)
    end

    def refuse_too_many(params:, cohort:)
      super(cohort:) if params.workflow.present?
    end

    def fetch_blocker(params:, cohort:, topic:)
      blocker = Blocker.find_or_initialize_by(cohort:, topic_id: topic.id)
      blocker if params.marked || blocker.persisted?
    end

    def mark(params:, topic:, guardian:)
      blocker = context[:blocker]
      context[:opened] = false
      return context[:kind] = nil if blocker.nil?
      if params.marked
        context[:opened] = blocker.new_record? || blocker.state != "open"
        open(blocker, topic, params.note, guardian.user)
        said = blocker.changed.excluding("stated_at").any?
        context[:kind] = "open_blocker" if said || params.workflow.blank?
      else
        context[:kind] = "solve_blocker" if blocker.state == "open"
        now = Time.zone.now
        blocker.assign_attributes(state: "solved", solved_at: now, stated_at: now, solved_by_id: guardian.user.id)
      end
      blocker.save! if context[:kind] || !params.marked
    end

    def open(blocker, topic, note, user)
      blocker.marked_by_id ||= user.id
      blocker.since ||= topic.created_at
      blocker.question = note.presence || blocker.question || topic.title.truncate(500)
      blocker.assign_attributes(state: "open", solved_at: nil, solved_by_id: nil, stated_at: Time.zone.now)
    end

    def record(params:, cohort:, topic:, guardian:)
      context[:decision] = nil
      return if context[:kind].nil?
      data = { note: params.note.presence, workflow: params.workflow.presence }
      context[:decision] = Decision.record!(kind: context[:kind], subject: topic.id, data:, cohort:, by: guardian.user)
    end

    def tell(params:, cohort:, topic:)
      Live.topic(topic)
      Live.desk(cohort, :blockers)
      return if !context[:opened]
      Happenings.tell(:lcm_blocker_opened, cohort, context[:blocker], by_workflow: params.workflow.present?)
    end
  end
end
