# frozen_string_literal: true

module DiscourseLcm
  # The cohort that a group belongs to, as its learners' or its LCMs' group.
  module GroupCohort
    def lcm_cohort_of_group
      return @lcm_cohort_of_group if defined?(@lcm_cohort_of_group)
      @lcm_cohort_of_group =
        if scope.authenticated?
          Cohort.where(group_id: object.id).or(Cohort.where(lcm_group_id: object.id)).order(start_on: :desc).first
        end
    end
  end
end
