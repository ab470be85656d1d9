# frozen_string_literal: true

module DiscourseLcm
  # For services that a workflow calls in the name of one of a cohort's LCMs: what it may do is what that person may do,
  # as an LCM and not as staff, and not more often than a person would.
  module ByWorkflow
    MOST_A_DAY = 500

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key)
    end

    def is_lcm(cohort:, guardian:)
      lcm?(cohort, guardian)
    end

    def lcm?(cohort, guardian)
      guardian.authenticated? && GroupUser.exists?(group_id: cohort.lcm_group_id, user_id: guardian.user.id)
    end

    # nil where nobody has that username, or the person is not in the cohort.
    def learner_of(cohort, username)
      user = User.find_by_username(username)
      user if user && GroupUser.exists?(group_id: cohort.group_id, user_id: user.id)
    end

    # So that workflows that start each other come to an end.
    def refuse_too_many(cohort:)
      refuse!(:too_many_by_workflows, status: 429, most: MOST_A_DAY) if done_today(cohort).count >= MOST_A_DAY
    end

    def done_today(cohort)
      Decision.where(cohort:, created_at: 1.day.ago..).where("data ->> 'workflow' IS NOT NULL")
    end
  end
end
