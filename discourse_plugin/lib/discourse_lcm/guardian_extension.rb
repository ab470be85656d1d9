# frozen_string_literal: true

module DiscourseLcm
  # Who may know of a cohort, who may lead it, and who is the worker.
  module GuardianExtension
    def can_see_lcm_cohort?(cohort)
      return false if !authenticated? || cohort.nil?
      is_staff? || lcm_group_ids.intersect?([cohort.group_id, cohort.lcm_group_id])
    end

    def can_lead_cohort?(cohort)
      return false if !authenticated? || cohort.nil?
      is_staff? || lcm_group_ids.include?(cohort.lcm_group_id)
    end
    alias can_see_lcm_desk? can_lead_cohort?

    def can_work_for_lcm?
      authenticated? && is_admin? && is_api?.present?
    end

    # The groups of cohorts that the user is in; asked once a request.
    def lcm_group_ids
      @lcm_group_ids ||= GroupUser.where(user_id: @user.id).pluck(:group_id)
    end
  end
end
