# frozen_string_literal: true

module DiscourseLcm
  class TopicsController < PeopleController
    requires_plugin PLUGIN_NAME

    def pin
      answer(PinTopic, **given(:topic_id, :until), pinned: true)
    end

    def unpin
      answer(PinTopic, **given(:topic_id), pinned: false)
    end

    def spotlight
      answer(SpotlightTopic, **given(:topic_id, :post_number))
    end

    def mark_blocker
      answer(MarkBlocker, **given(:topic_id, :note), marked: true)
    end

    def clear_blocker
      answer(MarkBlocker, **given(:topic_id), marked: false)
    end

    def mark_practice
      answer(MarkPractice, **given(:topic_id, :post_number), marked: true)
    end

    def unmark_practice
      answer(MarkPractice, **given(:topic_id, :post_number), marked: false)
    end

    def set_timer
      answer(TimeTopic, **given(:topic_id, :kind, :at), timed: true)
    end

    def clear_timer
      answer(TimeTopic, **given(:topic_id), timed: false)
    end

    private

    def answer(service, **asked)
      serve(service, **asked) do |result|
        render json: { topic: TopicState.new(result[:topic].reload, result[:cohort]).to_h }
      end
    end
  end
end
