# frozen_string_literal: true

module DiscourseLcm
  # Proposes a post of a topic as a story.
  class SpotlightTopic
    include Service::Base
    include Refusing
    include OnTopic

    QUOTE = 500

    params do
      attribute :topic_id, :integer
      attribute :post_number, :integer

      validates :topic_id, presence: true
      validates :post_number, numericality: { greater_than: 0 }, allow_nil: true
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    model :post
    transaction do
      step :propose
      step :record
    end
    step :tell

    private

    def propose(cohort:, topic:, post:, guardian:)
      refuse!(:no_author) if post.user.nil? || post.user_id <= 0
      story = Story.find_or_initialize_by(cohort:, post_id: post.id)
      if story.new_record?
        story.assign_attributes(
          user_id: post.user_id,
          title: topic.title.truncate(255),
          quote: post.excerpt(QUOTE, strip_links: true, text_entities: true, strip_images: true),
          proposed_by_id: guardian.user.id,
        )
      elsif story.state == "set_aside"
        story.state = story.state_by_consent
      end
      story.save!
      context[:story] = story
    end

    def record(cohort:, story:, guardian:)
      Decision.record!(
        kind: "spotlight",
        subject: story.post_id,
        data: { consent: story.consent },
        cohort:,
        by: guardian.user,
      )
    end

    def tell(cohort:, topic:)
      Live.topic(topic)
      Live.desk(cohort, :stories)
    end
  end
end
