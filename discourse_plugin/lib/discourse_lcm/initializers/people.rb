# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # What is kept of somebody goes, or goes along, with their account.
    class People
      def initialize(plugin)
        @plugin = plugin
      end

      # An account that is deleted is forgotten in ForgottenUsers, while its posts still name it.
      # Holds while the plugin is off too: what is forgotten then must not come back with it.
      def apply
        DiscourseEvent.on(:user_anonymized) { |params| PersonalData.new(params[:user]).forget }
        DiscourseEvent.on(:username_changed) { |old, new| PersonalData.follow_name(old, new) }
        DiscourseEvent.on(:merging_users) { |source, target| PersonalData.new(source).move_to(target) }
      end
    end
  end
end
