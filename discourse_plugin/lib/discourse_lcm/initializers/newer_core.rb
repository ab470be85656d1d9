# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # What cores after 3.5 let plugins add. The files below `newer_core` are read only where the core has what they build
    # on, so that the plugin loads everywhere.
    class NewerCore
      FOLDER = File.expand_path("../../../newer_core", __dir__)
      NODES = %w[CohortStarted LearnerQuiet DraftWaiting StoryTold BlockerOpened RunStep Blocker SetFact AskLcm].freeze
      # Beside those of the plugin's own pages.
      ICONS = %w[circle-question envelope-open-text flag play tag].freeze
      OF_WORKFLOWS = %w[trigger triggers action actions].freeze

      def self.nodes
        OF_WORKFLOWS.each { |file| require File.join(FOLDER, "workflows", file) }
        NODES.map { |name| DiscourseLcm::Workflows.const_get(name, false) }
      end

      def self.category_type
        require File.join(FOLDER, "cohort_category_type")
        DiscourseLcm::CohortCategoryType
      end

      def initialize(plugin)
        @plugin = plugin
      end

      def apply
        workflows if @plugin.respond_to?(:register_discourse_workflows_node)
        @plugin.register_category_type(NewerCore.category_type) if @plugin.respond_to?(:register_category_type)
      end

      private

      def workflows
        ICONS.each { |icon| @plugin.register_svg_icon(icon) }
        @plugin.register_discourse_workflows_node { NewerCore.nodes }
      end
    end
  end
end
