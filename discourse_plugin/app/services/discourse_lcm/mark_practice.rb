# frozen_string_literal: true

module DiscourseLcm
  # Marks a post of a topic as a practice worth carrying on, or takes its mark away, or all of the
  # topic where no post is named.
  class MarkPractice
    include Service::Base
    include OnTopic

    params do
      attribute :topic_id, :integer
      attribute :marked, :boolean
      attribute :post_number, :integer

      validates :topic_id, presence: true
      validates :post_number, numericality: { greater_than: 0 }, allow_nil: true
    end

    model :topic
    model :cohort
    policy :can_lead_cohort
    model :post
    transaction do
      step :mark
      step :record
    end
    step :tell

    private

    def mark(params:, cohort:, topic:, post:, guardian:)
      context[:post_ids] = if params.marked
        [add(cohort, topic, post, guardian.user)]
      else
        clear(cohort, topic, params.post_number && post)
      end
    end

    def add(cohort, topic, post, user)
      practice = Practice.find_or_initialize_by(cohort:, post_id: post.id)
      practice.title ||= topic.title.truncate(255)
      practice.update!(topic_id: topic.id, marked_by_id: practice.marked_by_id || user.id)
      post.id
    end

    def clear(cohort, topic, only)
      marked = Practice.where(cohort:, topic_id: topic.id)
      marked = marked.where(post_id: only.id) if only
      marked.pluck(:post_id).tap { marked.delete_all }
    end

    def record(params:, cohort:, guardian:, post_ids:)
      kind = params.marked ? "mark_practice" : "unmark_practice"
      post_ids.each { |subject| Decision.record!(kind:, subject:, cohort:, by: guardian.user) }
    end

    def tell(cohort:, topic:)
      Live.topic(topic)
      Live.desk(cohort, :practices)
    end
  end
end
