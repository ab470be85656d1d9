# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Says once of each cohort that it started, by the cohort's own clock: on its first day, or when a pause that
    # was longer ends. A start that is long past is not told any more.
    class StartCohorts < ::Jobs::Scheduled
      every 10.minutes

      LATEST = 7.days

      def execute(_args)
        return if !SiteSetting.lcm_enabled

        ::DiscourseLcm::Cohort
          .where(start_told_at: nil, paused: false)
          .select { |cohort| ::DiscourseLcm::CohortClock.new(cohort).started? }
          .each { |cohort| tell(cohort) }
      end

      private

      def tell(cohort)
        # Of two processes that look at the same moment, one tells.
        untold = ::DiscourseLcm::Cohort.where(id: cohort.id, start_told_at: nil)
        return if untold.update_all(start_told_at: Time.zone.now).zero?
        return if ::DiscourseLcm::CohortClock.new(cohort).started?(before: LATEST.ago)
        ::DiscourseLcm::Happenings.tell(:lcm_cohort_started, cohort)
      end
    end
  end
end
