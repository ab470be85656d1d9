# frozen_string_literal: true

module DiscourseLcm
  class Learner < ActiveRecord::Base
    self.table_name = "discourse_lcm_learners"

    belongs_to :cohort
    belongs_to :user
  end
end
