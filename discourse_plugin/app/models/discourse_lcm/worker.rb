# frozen_string_literal: true

module DiscourseLcm
  class Worker < ActiveRecord::Base
    self.table_name = "discourse_lcm_workers"

    # :never_seen, :healthy or :silent, by when any worker was last heard of.
    def self.health(now: Time.zone.now)
      last = maximum(:last_seen_at)
      return :never_seen if last.nil?
      last < now - SiteSetting.lcm_worker_silent_minutes.minutes ? :silent : :healthy
    end
  end
end
