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

# == Schema Information
#
# Table name: discourse_lcm_attentions
#
#  id         :bigint           not null, primary key
#  cohort_id  :bigint           not null
#  user_id    :bigint           not null
#  action     :string(10)       not null
#  until      :datetime
#  reason     :string(500)
#  by_id      :bigint           not null
#  created_at :datetime         not null
#  updated_at :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_attentions_on_cohort_id_and_user_id  (cohort_id,user_id) UNIQUE
#  index_discourse_lcm_attentions_on_user_id                (user_id)
#
