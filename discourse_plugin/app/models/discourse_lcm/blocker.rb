# frozen_string_literal: true

module DiscourseLcm
  class Blocker < ActiveRecord::Base
    self.table_name = "discourse_lcm_blockers"

    belongs_to :cohort
    belongs_to :topic
  end
end
