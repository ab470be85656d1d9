# frozen_string_literal: true

module DiscourseLcm
  # What is on this week in a cohort, for somebody who is in it.
  class ShowBox
    include Service::Base

    params do
      attribute :category_id, :integer
      validates :category_id, presence: true
    end

    model :category
    model :cohort
    step :read

    private

    def fetch_category(params:, guardian:)
      category = Category.find_by(id: params.category_id)
      category if guardian.can_see_category?(category)
    end

    def fetch_cohort(category:, guardian:)
      cohort = Cohort.of_category(category)
      cohort if guardian.can_see_lcm_cohort?(cohort)
    end

    def read(cohort:, guardian:)
      context[:box] = BoxPresenter.new(cohort, guardian).to_h
    end
  end
end
