# frozen_string_literal: true

module DiscourseLcm
  # A category whose posts are followed since somebody read its activity.
  class FeedCategory < ActiveRecord::Base
    self.table_name = "discourse_lcm_feed_categories"
  end
end

# == Schema Information
#
# Table name: discourse_lcm_feed_categories
#
#  category_id :integer          not null, primary key
#  watched_at  :datetime         not null
#  settled     :boolean          default(FALSE), not null
#
