# frozen_string_literal: true

module DiscourseLcm
  class Learner < ActiveRecord::Base
    self.table_name = "discourse_lcm_learners"

    belongs_to :cohort
    belongs_to :user
  end
end

# == Schema Information
#
# Table name: discourse_lcm_learners
#
#  id               :bigint           not null, primary key
#  cohort_id        :bigint           not null
#  user_id          :bigint           not null
#  weeks            :integer          default([]), not null, is an Array
#  posts            :integer          default(0), not null
#  replies_given    :integer          default(0), not null
#  replies_received :integer          default(0), not null
#  likes_given      :integer          default(0), not null
#  likes_received   :integer          default(0), not null
#  days_active      :integer
#  last_posted_at   :datetime
#  needs_hand       :boolean          default(FALSE), not null
#  reasons          :jsonb            default([]), not null
#  partner_ids      :bigint           default([]), not null, is an Array
#  created_at       :datetime         not null
#  updated_at       :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_learners_on_cohort_id_and_user_id  (cohort_id,user_id) UNIQUE
#  index_discourse_lcm_learners_on_user_id                (user_id)
#
