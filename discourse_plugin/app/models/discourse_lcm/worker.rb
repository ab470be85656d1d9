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

# == Schema Information
#
# Table name: discourse_lcm_workers
#
#  id           :bigint           not null, primary key
#  name         :string(100)      not null
#  version      :string(40)       not null
#  last_seen_at :datetime         not null
#  next_at      :datetime
#  calls        :integer
#  calls_limit  :integer
#  work_taken   :bigint           default(0), not null
#  problems     :jsonb            default([]), not null
#  created_at   :datetime         not null
#  updated_at   :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_workers_on_name  (name) UNIQUE
#
