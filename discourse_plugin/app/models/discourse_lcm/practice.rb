# frozen_string_literal: true

module DiscourseLcm
  class Practice < ActiveRecord::Base
    self.table_name = "discourse_lcm_practices"

    belongs_to :cohort
    belongs_to :post
    belongs_to :topic
  end
end
