# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # Figures of all cohorts for the administrators' dashboard.
    class Reports
      def initialize(plugin)
        @plugin = plugin
      end

      def apply
        @plugin.add_report("lcm_learner_posts") { |report| Figures.new(report).learner_posts }
        @plugin.add_report("lcm_drafts_decided") { |report| Figures.new(report).drafts_decided }
        @plugin.add_report("lcm_blockers_opened") { |report| Figures.new(report).blockers_opened }
      end
    end
  end
end
