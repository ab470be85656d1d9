# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Finds what changed past Discourse's own callbacks and events: imports, consoles, bulk updates.
    class SweepFeed < ::Jobs::Scheduled
      every 1.hour

      def execute(_args)
        ::DiscourseLcm::FeedLog.sweep if SiteSetting.lcm_enabled
      end
    end
  end
end
