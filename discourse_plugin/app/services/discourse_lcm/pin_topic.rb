# frozen_string_literal: true

module DiscourseLcm
  # Pins a topic in its category until a time, or takes the pin away (no `until`).
  class PinTopic
    include Service::Base
    include OnTopic

    LONGEST = 1.year

    params do
      attribute :topic_id, :integer
      attribute :pinned, :boolean
      attribute :until, :datetime

      validates :topic_id, presence: true
      validates :until,
                presence: true,
                comparison: {
                  greater_than: -> { Time.zone.now },
                  less_than_or_equal_to: -> { LONGEST.from_now },
                },
                if: :pinned
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    transaction do
      step :pin
      step :record
    end
    step :tell

    private

    def pin(params:, topic:, guardian:)
      context[:changes] = params.pinned || topic.pinned_at.present?
      return if !context[:changes]
      options = params.pinned ? { until: params.until.iso8601 } : {}
      topic.update_status("pinned", params.pinned, guardian.user, options)
    end

    def record(params:, cohort:, topic:, guardian:, changes:)
      return if !changes
      Decision.record!(
        kind: params.pinned ? "pin" : "unpin",
        subject: topic.id,
        data: params.pinned ? { until: Timestamps.write(params.until) } : {},
        cohort:,
        by: guardian.user,
      )
    end
  end
end
