# frozen_string_literal: true

module DiscourseLcm
  # What a topic is to its cohort: the contract's TopicState. Three queries, and one for the timer.
  class TopicState
    TIMERS = { TopicTimer.types[:close] => "close", TopicTimer.types[:open] => "open" }.freeze

    def initialize(topic, cohort)
      @topic = topic
      @cohort = cohort
    end

    def to_h
      marked = marked_posts
      {
        id: @topic.id,
        cohort: @cohort.key,
        pinned_until: Timestamps.write(@topic.pinned_at && @topic.pinned_until),
        blocker: Blocker.where(cohort: @cohort, topic_id: @topic.id).pick(:state),
        story: Story.where(cohort: @cohort).joins(:post).exists?(posts: { topic_id: @topic.id }),
        practice: marked.present?,
        practices: marked.compact.sort,
        timer:,
      }
    end

    private

    # The numbers of the posts that are marked as practice; nil for one that was deleted.
    def marked_posts
      Practice.where(cohort: @cohort, topic_id: @topic.id).left_joins(:post).pluck("posts.post_number")
    end

    def timer
      timer = TopicTimer.where(topic_id: @topic.id, status_type: TIMERS.keys).order(:execute_at).first
      timer && { kind: TIMERS.fetch(timer.status_type), at: Timestamps.write(timer.execute_at) }
    end
  end
end
