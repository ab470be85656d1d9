# frozen_string_literal: true

module DiscourseLcm
  # What people call from their browsers.
  class PeopleController < ::ApplicationController
    include Serving

    WRITES_A_MINUTE = 60

    requires_plugin PLUGIN_NAME
    before_action :ensure_logged_in
    before_action :limit_writes

    private

    def limit_writes
      return if request.get?
      RateLimiter.new(current_user, "lcm-writes", WRITES_A_MINUTE, 1.minute).performed!
    end

    def given(*names)
      params.permit(*names).to_h.symbolize_keys
    end
  end
end
