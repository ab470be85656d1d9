# frozen_string_literal: true

module DiscourseLcm
  # The cohorts that somebody is in, and the desks of those that they lead, in two queries.
  class MyCohorts
    def initialize(guardian)
      @guardian = guardian
    end

    def to_a
      ids = @guardian.lcm_group_ids
      Cohort
        .where(group_id: ids)
        .or(Cohort.where(lcm_group_id: ids))
        .where.not(category_id: nil)
        .joins("JOIN groups ON groups.id = discourse_lcm_cohorts.group_id")
        .joins("LEFT JOIN groups lcm_groups ON lcm_groups.id = discourse_lcm_cohorts.lcm_group_id")
        .order(:start_on)
        .pluck(:key, :name, :category_id, "groups.name", :lcm_group_id, "lcm_groups.name")
        .map do |key, name, category_id, group_name, lcm_group_id, lcm_group_name|
          leader = ids.include?(lcm_group_id)
          { key:, name:, category_id:, group_name:, leader:, desk_group_name: leader ? lcm_group_name : nil }
        end
    end
  end
end
