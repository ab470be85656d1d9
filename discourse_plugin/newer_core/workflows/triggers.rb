# frozen_string_literal: true

module DiscourseLcm
  module Workflows
    class CohortStarted < ::DiscourseWorkflows::NodeType
      include Trigger

      follows :lcm_cohort_started, icon: "flag"
    end

    # The worker says of a learner that they need a hand. What they wrote is not given on.
    class LearnerQuiet < ::DiscourseWorkflows::NodeType
      include Trigger

      follows :lcm_learner_quiet,
              icon: "hand-holding-heart",
              about: {
                user: {
                  type: "object",
                  properties: {
                    id: {
                      type: "integer",
                    },
                    username: {
                      type: "string",
                    },
                  },
                },
                reasons: {
                  type: "array",
                  items: {
                    type: "string",
                  },
                },
              }

      private

      def about
        user = @subject.user.slice(:id, :username).symbolize_keys
        { user:, reasons: @subject.reasons.map { |reason| reason["text"] } }
      end
    end

    # A draft waits for an LCM: what it is and why, not its text.
    class DraftWaiting < ::DiscourseWorkflows::NodeType
      include Trigger

      TOLD = %i[key kind play step title reason].freeze

      follows :lcm_draft_waiting,
              icon: "envelope-open-text",
              about: {
                draft: {
                  type: "object",
                  properties: TOLD.to_h { |name| [name, { type: %w[string null] }] },
                },
              }

      private

      def about
        { draft: @subject.slice(*TOLD).symbolize_keys }
      end
    end

    class StoryTold < ::DiscourseWorkflows::NodeType
      include Trigger

      follows :lcm_story_told,
              icon: "lightbulb",
              about: {
                story: {
                  type: "object",
                  properties: {
                    title: {
                      type: "string",
                    },
                    post_id: {
                      type: "integer",
                    },
                    topic_id: {
                      type: %w[integer null],
                    },
                  },
                },
              }

      private

      def about
        { story: { title: @subject.title, post_id: @subject.post_id, topic_id: @subject.story_topic_id } }
      end
    end

    class BlockerOpened < ::DiscourseWorkflows::NodeType
      include Trigger

      follows :lcm_blocker_opened,
              icon: "road-barrier",
              about: {
                topic: {
                  type: "object",
                  properties: {
                    id: {
                      type: %w[integer null],
                    },
                    title: {
                      type: %w[string null],
                    },
                    url: {
                      type: %w[string null],
                    },
                  },
                },
                question: {
                  type: "string",
                },
              }

      private

      def about
        { topic: topic_of(@subject.topic), question: @subject.question }
      end
    end
  end
end
