# frozen_string_literal: true

module DiscourseLcm
  # Forgets a cohort and all that was kept of it; its groups, category and topics stay.
  class ForgetCohort
    include Service::Base

    params do
      attribute :key, :string
      validates :key, presence: true
    end

    transaction do
      model :cohort, optional: true
      step :forget
    end

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key)
    end

    def forget(cohort:)
      cohort&.destroy!
    end
  end
end
