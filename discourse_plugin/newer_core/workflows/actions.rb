# frozen_string_literal: true

module DiscourseLcm
  module Workflows
    class RunStep < ::DiscourseWorkflows::NodeType
      include Action

      acts "lcm_run_step", icon: "play", properties: { cohort: { **Trigger::CHOICE, required: true }, step: Action::TEXT }

      private

      def decide(guardian, asked)
        RunStepByWorkflow.call(guardian:, params: { key: asked[:cohort], **asked.slice(:step, :workflow) })
      end
    end

    class Blocker < ::DiscourseWorkflows::NodeType
      include Action

      OPERATIONS = %w[open clear].freeze

      acts "lcm_blocker",
           icon: "road-barrier",
           properties: {
             operation: {
               type: :options,
               required: true,
               options: OPERATIONS,
               default: "open",
               no_data_expression: true,
             },
             topic_id: Action::TEXT,
             note: {
               **Action::OPTIONAL_TEXT,
               display_options: {
                 show: {
                   operation: ["open"],
                 },
               },
             },
           }

      private

      def decide(guardian, asked)
        marked = asked[:operation] != "clear"
        MarkBlocker.call(guardian:, params: { marked:, **asked.slice(:topic_id, :note, :workflow) })
      end
    end

    class SetFact < ::DiscourseWorkflows::NodeType
      include Action

      acts "lcm_set_fact",
           icon: "tag",
           properties: {
             cohort: {
               **Trigger::CHOICE,
               required: true,
             },
             username: Action::USER,
             name: Action::TEXT,
             type: {
               type: :options,
               required: true,
               options: SetFactByWorkflow::TYPES,
               default: "text",
               no_data_expression: true,
             },
             value: Action::OPTIONAL_TEXT,
           }

      private

      def decide(guardian, asked)
        fact = asked.slice(:username, :name, :value, :workflow)
        SetFactByWorkflow.call(guardian:, params: { key: asked[:cohort], type: asked[:type] || "text", **fact })
      end
    end

    class AskLcm < ::DiscourseWorkflows::NodeType
      include Action

      acts "lcm_ask_lcm",
           icon: "circle-question",
           properties: {
             cohort: {
               **Trigger::CHOICE,
               required: true,
             },
             question: Action::LONG_TEXT,
             username: {
               **Action::USER,
               required: false,
             },
             topic_id: Action::OPTIONAL_TEXT,
           }

      private

      def decide(guardian, asked)
        AskLcmByWorkflow.call(guardian:, params: { key: asked[:cohort], **asked.except(:cohort) })
      end
    end
  end
end
