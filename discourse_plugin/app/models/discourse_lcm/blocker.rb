# frozen_string_literal: true

module DiscourseLcm
  class Blocker < ActiveRecord::Base
    self.table_name = "discourse_lcm_blockers"

    belongs_to :cohort
    belongs_to :topic
  end
end

# == Schema Information
#
# Table name: discourse_lcm_blockers
#
#  id           :bigint           not null, primary key
#  cohort_id    :bigint           not null
#  topic_id     :bigint           not null
#  question     :string(500)      not null
#  since        :datetime         not null
#  evidence     :jsonb            default([]), not null
#  state        :string(10)       default("open"), not null
#  owner_id     :bigint
#  marked_by_id :bigint
#  solved_at    :datetime
#  solved_by_id :bigint
#  stated_at    :datetime
#  owned_at     :datetime
#  created_at   :datetime         not null
#  updated_at   :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_blockers_on_cohort_id_and_topic_id  (cohort_id,topic_id) UNIQUE
#  index_discourse_lcm_blockers_on_topic_id                (topic_id)
#
