# frozen_string_literal: true

module DiscourseLcm
  module Workflows
    # What our actions share: each hands one decision a given item to the worker, in the name of an LCM of the cohort.
    # What is so already, or was asked for today, is not decided again: `done` is false then.
    module Action
      DONE = {
        cohort: {
          type: "string",
        },
        done: {
          type: "boolean",
        },
        decision_id: {
          type: %w[integer null],
        },
      }.freeze
      TEXT = { type: :string, required: true }.freeze
      OPTIONAL_TEXT = { type: :string, required: false }.freeze
      LONG_TEXT = { type: :string, required: true, ui: { control: :textarea } }.freeze
      USER = { type: :string, required: true, ui: { control: :user } }.freeze
      NAME_LONGEST = 80

      def self.included(node)
        node.extend(ForClasses)
      end

      module ForClasses
        def acts(name, icon:, properties:)
          schema = { "$schema": Trigger::SCHEMA, type: "object", properties: DONE }
          description(
            name: "action:#{name}",
            version: "1.0",
            defaults: {
              icon:,
              color: "cyan",
            },
            group: "discourse_actions",
            available: -> { SiteSetting.lcm_enabled },
            unavailable_reason_key: "discourse_workflows.node_unavailable.requires_lcm",
            i18n_prefix: "discourse_lcm.workflows",
            capabilities: {
              run_scope: "per_item",
            },
            output_contracts: [{ schema: }],
            properties: {
              lcm: {
                type: :string,
                required: true,
                ui: {
                  control: :actor,
                },
              },
              **properties,
            },
          )
        end

        def load_options_context(context)
          Workflows.cohorts(context) if context.method_name == "cohorts"
        end
      end

      def execute(exec_ctx)
        items =
          exec_ctx.input_items.map.with_index do |item, index|
            wrap(act(exec_ctx, index), paired_item: exec_ctx.paired_item_for(item))
          end
        [items]
      end

      private

      def act(exec_ctx, index)
        lcm = exec_ctx.actor_from_parameter("lcm", index, default: nil)
        result = decide(lcm.guardian, asked(exec_ctx, index))
        raise_node_error!(reason(result), item_index: index) if !result.success?
        { cohort: result[:cohort].key, done: !result[:decision].nil?, decision_id: result[:decision]&.id }
      end

      def asked(exec_ctx, index)
        names = self.class.properties.keys - [:lcm]
        given = names.to_h { |name| [name, exec_ctx.get_node_parameter(name.to_s, index)&.to_s.presence] }
        given.merge(workflow: exec_ctx.get_workflow.name.to_s.truncate(NAME_LONGEST).presence || "workflow")
      end

      # The same answer for what does not exist and for what the person may not see.
      def reason(result)
        return result[:refusal].message if result[:refusal]
        contract = result["result.contract.default"]
        return contract.errors.full_messages.to_sentence if contract&.errors.present?
        I18n.t("discourse_lcm.errors.workflow_may_not")
      end
    end
  end
end
