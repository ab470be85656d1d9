# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # What a key may do that serves nothing but the worker.
    class ApiScopes
      READ = %w[
        discourse_lcm/status#show
        discourse_lcm/cohorts#index
        discourse_lcm/activity#show
        discourse_lcm/work#index
      ].freeze
      WRITE = %w[
        discourse_lcm/cohorts#declare
        discourse_lcm/cohorts#forget
        discourse_lcm/members#look
        discourse_lcm/members#change
        discourse_lcm/publications#desk
        discourse_lcm/publications#playbooks
        discourse_lcm/publications#run
        discourse_lcm/publications#heartbeat
      ].freeze

      def initialize(plugin)
        @plugin = plugin
      end

      def apply
        @plugin.add_api_key_scope(
          :lcm,
          { worker: { actions: READ + WRITE }, read: { actions: READ } },
        )
      end
    end
  end
end
