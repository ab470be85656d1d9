# frozen_string_literal: true

module DiscourseLcm
  # What happened in a cohort, as events of Discourse's own (DiscourseEvent): other plugins follow them, and Workflows
  # where the core has it. Each is triggered with the cohort, what it is about (a Learner, Draft, Story or Blocker; nothing
  # for a start), and whether a workflow caused it.
  module Happenings
    NAMES = %i[lcm_cohort_started lcm_learner_quiet lcm_draft_waiting lcm_story_told lcm_blocker_opened].freeze

    class << self
      # An error in the code of a plugin that follows an event must not undo what happened.
      def tell(name, cohort, subject = nil, by_workflow: false)
        DiscourseEvent.trigger(name, cohort, subject, { by_workflow: })
      rescue StandardError => error
        Discourse.warn_exception(error, message: "discourse-lcm: a handler of the event #{name} failed")
      end

      def followed?(*names)
        names.any? { |name| DiscourseEvent.events[name].any? }
      end
    end
  end
end
