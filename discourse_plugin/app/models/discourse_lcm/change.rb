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
