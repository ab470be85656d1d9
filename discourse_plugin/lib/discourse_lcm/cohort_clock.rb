# frozen_string_literal: true

module DiscourseLcm
  # Days and weeks by a cohort's own clock.
  class CohortClock
    def initialize(cohort, now: Time.zone.now)
      @cohort = cohort
      @now = now
      @today = day(now)
    end

    # Which week of the cohort it is, from 1; nil before its start and after its end.
    def week
      return if @today < @cohort.start_on || @today > @cohort.end_on
      (@today - @cohort.start_on).to_i / 7 + 1
    end

    # Whether the journey, shifted as it is, has begun at a moment.
    def started?(before: @now)
      @cohort.start_on + @cohort.shift_days <= day(before)
    end

    private

    def day(moment)
      moment.in_time_zone(ActiveSupport::TimeZone[@cohort.timezone] || "UTC").to_date
    end
  end
end
