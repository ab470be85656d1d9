# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # What Discourse's own answers say more for those whom it concerns.
    class Serializers
      def initialize(plugin)
        @plugin = plugin
      end

      def apply
        site
        group
        topic
      end

      private

      # The cohorts that the reader is in, so that a page asks for a box only where there is one.
      def site
        @plugin.add_to_serializer(:site, :lcm_cohorts, include_condition: -> { scope.authenticated? }) do
          MyCohorts.new(scope).to_a
        end
      end

      def group
        condition = -> { scope.can_lead_cohort?(lcm_cohort_of_group) }
        @plugin.add_to_serializer(:group_show, :can_see_lcm_desk, include_condition: condition) { true }
        @plugin.add_to_serializer(:group_show, :lcm_cohort, include_condition: condition) { lcm_cohort_of_group.key }
      end

      def topic
        @plugin.add_to_serializer(
          :topic_view,
          :lcm,
          include_condition: -> { scope.can_lead_cohort?(lcm_cohort_of_topic) },
        ) { TopicState.new(object.topic, lcm_cohort_of_topic).to_h }
        @plugin.add_to_serializer(
          :topic_view,
          :lcm_consent,
          include_condition: -> { lcm_story_of_message.present? },
        ) { ConsentPresenter.new(lcm_story_of_message, scope).to_h }
      end
    end
  end
end
