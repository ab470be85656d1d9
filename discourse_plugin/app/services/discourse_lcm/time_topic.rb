# frozen_string_literal: true

module DiscourseLcm
  # Has a topic closed or opened at a time, or takes its timers away: what Discourse's category
  # moderation leaves out.
  class TimeTopic
    include Service::Base
    include Refusing
    include OnTopic

    LONGEST = 1.year

    params do
      attribute :topic_id, :integer
      attribute :timed, :boolean
      attribute :kind, :string
      attribute :at, :datetime

      validates :topic_id, presence: true
      validates :kind, inclusion: TopicState::TIMERS.values, if: :timed
      validates :at,
                presence: true,
                comparison: {
                  greater_than: -> { Time.zone.now },
                  less_than_or_equal_to: -> { LONGEST.from_now },
                },
                if: :timed
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    step :put_timer
    step :tell

    private

    def put_timer(params:, topic:, guardian:)
      if params.timed
        type = TopicState::TIMERS.key(params.kind)
        topic.set_or_create_timer(type, params.at.iso8601, by_user: guardian.user)
      else
        TopicState::TIMERS.each_key { |kind| topic.delete_topic_timer(kind, by_user: guardian.user) }
      end
    rescue ActiveRecord::RecordInvalid => error
      refuse_with!(error.message)
    end
  end
end
