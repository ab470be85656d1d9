# frozen_string_literal: true

module DiscourseLcm
  # For services about something on a cohort's desk: the cohort by its key, for those who may know
  # of it, and who leads it.
  module OnDesk
    private

    def fetch_cohort(params:, guardian:)
      cohort = Cohort.find_by(key: params.key)
      cohort if guardian.can_see_lcm_cohort?(cohort)
    end

    def can_lead_cohort(cohort:, guardian:)
      guardian.can_lead_cohort?(cohort)
    end
  end
end
