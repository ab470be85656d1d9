# frozen_string_literal: true

module DiscourseLcm
  # For services about a topic in a cohort's category: the topic for those who may see it, its
  # cohort, and who leads that.
  module OnTopic
    private

    def fetch_topic(params:, guardian:)
      topic = Topic.find_by(id: params.topic_id)
      topic if topic && guardian.can_see_topic?(topic)
    end

    def fetch_cohort(topic:, guardian:)
      cohort = Cohort.of_topic(topic)
      cohort if guardian.can_see_lcm_cohort?(cohort)
    end

    def can_lead_cohort(cohort:, guardian:)
      guardian.can_lead_cohort?(cohort)
    end

    def fetch_post(params:, topic:)
      shown = { post_type: Post.types[:regular], hidden: false, user_deleted: false }
      topic.posts.find_by(post_number: params.post_number || 1, **shown)
    end

    def tell(topic:)
      Live.topic(topic)
    end
  end
end
