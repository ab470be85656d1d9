# frozen_string_literal: true

module DiscourseLcm
  class Attention < ActiveRecord::Base
    self.table_name = "discourse_lcm_attentions"

    belongs_to :cohort
    belongs_to :user
    belongs_to :by, class_name: "User"

    ACTIONS = %w[snooze dismiss].freeze

    validates :action, inclusion: ACTIONS
  end
end
