# frozen_string_literal: true

module DiscourseLcm
  class Story < ActiveRecord::Base
    self.table_name = "discourse_lcm_stories"

    belongs_to :cohort
    belongs_to :post
    belongs_to :user

    scope :with_consent_asked, -> { where.not(consent: "not_asked") }

    # The state that a story is in by what its author said.
    def state_by_consent
      { "asked" => "asked", "yes" => "agreed", "no" => "declined" }.fetch(consent, "candidate")
    end
  end
end
