# frozen_string_literal: true

module DiscourseLcm
  # In Post: what is saved is looked at by the feed.
  module FedByPosts
    extend ActiveSupport::Concern

    included { after_save { FeedLog.look(posts: [id]) } }
  end
end
