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

# == Schema Information
#
# Table name: discourse_lcm_stories
#
#  id                  :bigint           not null, primary key
#  cohort_id           :bigint           not null
#  post_id             :bigint           not null
#  user_id             :bigint           not null
#  title               :string(255)      not null
#  quote               :text             default(""), not null
#  evidence            :jsonb            default([]), not null
#  state               :string(12)       default("candidate"), not null
#  consent             :string(10)       default("not_asked"), not null
#  consent_asked_at    :datetime
#  consent_answered_at :datetime
#  message_topic_id    :bigint
#  story_topic_id      :bigint
#  proposed_by_id      :bigint
#  created_at          :datetime         not null
#  updated_at          :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_stories_on_cohort_id_and_post_id  (cohort_id,post_id) UNIQUE
#  index_discourse_lcm_stories_on_message_topic_id       (message_topic_id)
#  index_discourse_lcm_stories_on_post_id                (post_id)
#  index_discourse_lcm_stories_on_user_id                (user_id)
#
