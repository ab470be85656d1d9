# frozen_string_literal: true

module DiscourseLcm
  # A post as the activity of a category told it last: when, in which state, and whether it is gone.
  class FeedPost < ActiveRecord::Base
    self.table_name = "discourse_lcm_feed_posts"
  end
end

# == Schema Information
#
# Table name: discourse_lcm_feed_posts
#
#  category_id :integer          not null
#  post_id     :bigint           not null
#  topic_id    :bigint           not null
#  at          :datetime         not null
#  fingerprint :string(32)       not null
#  gone        :boolean          default(FALSE), not null
#
# Indexes
#
#  index_discourse_lcm_feed_posts_on_position  (category_id,at,post_id)
#  index_discourse_lcm_feed_posts_on_post      (post_id,category_id) UNIQUE
#  index_discourse_lcm_feed_posts_on_topic     (topic_id)
#
