# frozen_string_literal: true

module DiscourseLcm
  # What somebody decided or asked for, and the worker has to hear of.
  class Decision < ActiveRecord::Base
    self.table_name = "discourse_lcm_decisions"

    LOCK = 0x1c3_dec1
    # What each person last said in these counts until they say otherwise.
    ABOUT_THEMSELVES = %w[preference consent].freeze

    belongs_to :cohort, optional: true
    belongs_to :user

    # Ids follow the order of commits, so that a reader that goes on from the last id misses none.
    def self.record!(kind:, subject:, by:, cohort: nil, data: {})
      transaction do
        DB.exec("SELECT pg_advisory_xact_lock(:lock)", lock: LOCK)
        create!(kind:, subject: subject.to_s, user: by, cohort:, data: data.compact)
      end
    end
  end
end

# == Schema Information
#
# Table name: discourse_lcm_decisions
#
#  id         :bigint           not null, primary key
#  cohort_id  :bigint
#  kind       :string(20)       not null
#  subject    :string(64)       not null
#  data       :jsonb            default({}), not null
#  user_id    :bigint           not null
#  created_at :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_decisions_on_cohort_id   (cohort_id)
#  index_discourse_lcm_decisions_on_created_at  (created_at)
#
