# frozen_string_literal: true

module DiscourseLcm
  class Practice < ActiveRecord::Base
    self.table_name = "discourse_lcm_practices"

    belongs_to :cohort
    belongs_to :post
    belongs_to :topic
  end
end

# == Schema Information
#
# Table name: discourse_lcm_practices
#
#  id           :bigint           not null, primary key
#  cohort_id    :bigint           not null
#  post_id      :bigint           not null
#  topic_id     :bigint           not null
#  title        :string(255)      not null
#  evidence     :jsonb            default([]), not null
#  marked_by_id :bigint
#  created_at   :datetime         not null
#  updated_at   :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_practices_on_cohort_id_and_post_id  (cohort_id,post_id) UNIQUE
#  index_discourse_lcm_practices_on_topic_id               (topic_id)
#
