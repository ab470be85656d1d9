# frozen_string_literal: true

module DiscourseLcm
  class ShowDesk
    include Service::Base
    include OnDesk

    params do
      attribute :key, :string
      validates :key, presence: true
    end

    model :cohort
    policy :can_lead_cohort
    step :read

    private

    def read(cohort:, guardian:)
      context[:desk] = DeskPresenter.new(cohort, guardian).to_h
    end
  end
end
