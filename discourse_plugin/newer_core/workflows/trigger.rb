# frozen_string_literal: true

module DiscourseLcm
  module Workflows
    # What our triggers share: each follows one event of Happenings, in one cohort or in all. A module and no class, since
    # Workflows takes every subclass of its NodeType for a node.
    module Trigger
      SCHEMA = "https://json-schema.org/draft/2020-12/schema"
      COHORT = {
        type: "object",
        properties: {
          key: { type: "string" },
          name: { type: "string" },
          category_id: { type: %w[integer null] },
          desk_url: { type: %w[string null] },
        },
      }.freeze
      # Which cohort the node is about; all where none is chosen.
      CHOICE = {
        type: :string,
        required: false,
        no_data_expression: true,
        type_options: {
          load_options_method: "cohorts",
        },
        ui: {
          control: :combo_box,
        },
        control_options: {
          value_property: "id",
          name_property: "name",
          filterable: true,
        },
      }.freeze

      def self.included(node)
        node.extend(ForClasses)
      end

      module ForClasses
        # `about` are the properties of what is given on beside the cohort, as JSON Schema.
        def follows(event, icon:, about: {})
          schema = { "$schema": SCHEMA, type: "object", properties: { cohort: COHORT, **about } }
          description(
            name: "trigger:#{event}",
            version: "1.0",
            defaults: {
              icon:,
              color: "teal",
            },
            group: "discourse_triggers",
            # One name in newer versions, a list in older ones.
            event:,
            events: [event],
            available: -> { SiteSetting.lcm_enabled },
            unavailable_reason_key: "discourse_workflows.node_unavailable.requires_lcm",
            i18n_prefix: "discourse_lcm.workflows",
            output_contracts: [{ schema: }],
            properties: {
              cohort: CHOICE,
            },
          )
        end

        def from_event(_event_name, *args)
          new(*args)
        end

        def load_options_context(context)
          Workflows.cohorts(context) if context.method_name == "cohorts"
        end
      end

      def initialize(cohort, subject = nil, options = {})
        super()
        @cohort = cohort
        @subject = subject
        @by_workflow = options.to_h.with_indifferent_access[:by_workflow] == true
      end

      # What a workflow did starts no other workflow, so that two of them cannot start each other for ever.
      def valid?
        @cohort.present? && !@by_workflow
      end

      def matches?(trigger_ctx)
        wanted = trigger_ctx.get_node_parameter("cohort")
        wanted.blank? || wanted == @cohort.key
      end

      def output
        cohort = @cohort.slice(:key, :name, :category_id).symbolize_keys
        { cohort: { **cohort, desk_url: @cohort.desk_url }, **about }
      end

      private

      def about
        {}
      end

      def topic_of(topic)
        { id: topic&.id, title: topic&.title, url: topic&.relative_url }
      end
    end

    def self.cohorts(context)
      Cohort
        .order(:name)
        .pluck(:key, :name)
        .select { |_, name| context.matches_filter?(name) }
        .map { |key, name| { id: key, name: } }
    end
  end
end
