# frozen_string_literal: true

module DiscourseLcm
  class Change < ActiveRecord::Base
    self.table_name = "discourse_lcm_changes"

    belongs_to :cohort
    belongs_to :user

    # People whose membership is still to change; telling others about it may go on after that.
    def self.pending_by_cohort(ids)
      where(cohort_id: ids).where("pending > 0").group(:cohort_id).sum(:pending)
    end
  end
end

# == Schema Information
#
# Table name: discourse_lcm_changes
#
#  id         :bigint           not null, primary key
#  cohort_id  :bigint           not null
#  change     :string(64)       not null
#  user_id    :bigint           not null
#  slices     :jsonb            default([]), not null
#  done       :jsonb            default({}), not null
#  skipped    :jsonb            default({}), not null
#  pending    :integer          default(0), not null
#  created_at :datetime         not null
#  updated_at :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_changes_on_cohort_id_and_change  (cohort_id,change) UNIQUE
#
