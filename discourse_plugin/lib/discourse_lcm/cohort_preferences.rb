# frozen_string_literal: true

module DiscourseLcm
  # The members of a cohort who chose something else than the default.
  class CohortPreferences
    def initialize(cohort)
      @cohort = cohort
    end

    def to_a
      Preference
        .where("NOT (nudges AND quoting AND pairing)")
        .where(user_id: GroupUser.where(group_id: [@cohort.group_id, @cohort.lcm_group_id].compact).select(:user_id))
        .order(:user_id)
        .map { |preference| { user_id: preference.user_id, **preference.choices.symbolize_keys } }
    end
  end
end
