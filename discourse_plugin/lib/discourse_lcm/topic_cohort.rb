# frozen_string_literal: true

module DiscourseLcm
  # The cohort in whose category a topic is, and the story about which a message asks its reader.
  module TopicCohort
    def lcm_cohort_of_topic
      return @lcm_cohort_of_topic if defined?(@lcm_cohort_of_topic)
      @lcm_cohort_of_topic = scope.authenticated? ? Cohort.of_topic(object.topic) : nil
    end

    def lcm_story_of_message
      return @lcm_story_of_message if defined?(@lcm_story_of_message)
      @lcm_story_of_message = scope.authenticated? && object.topic.private_message? ? asked_story : nil
    end

    private

    def asked_story
      story =
        Story
          .with_consent_asked
          .where(message_topic_id: object.topic.id, user_id: scope.user.id)
          .includes(post: :topic)
          .first
      story if story&.post&.topic
    end
  end
end
