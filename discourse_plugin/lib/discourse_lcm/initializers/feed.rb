# frozen_string_literal: true

module DiscourseLcm
  module Initializers
    # Where Discourse says that a post or topic changed, its rows of the feed are looked at again. Most of it happens
    # in the same transaction as the change (see FedByPosts); what Discourse writes past its models it tells by an event.
    class Feed
      OF_TOPICS = %i[topic_trashed topic_recovered topic_status_updated topic_destroyed].freeze
      OF_POSTS = %i[post_destroyed post_recovered post_owner_changed].freeze

      # Holds while the plugin is off too: what left meanwhile must not be told as being there afterwards.
      def apply
        OF_TOPICS.each { |event| DiscourseEvent.on(event) { |topic| FeedLog.look(topics: [topic.id]) } }
        OF_POSTS.each { |event| DiscourseEvent.on(event) { |post| FeedLog.look(posts: [post.id]) } }
        DiscourseEvent.on(:post_moved) { |post, from| FeedLog.look(topics: [post.topic_id, from].compact) }
        DiscourseEvent.on(:user_anonymized) { |params| FeedLog.look(users: [params[:user].id]) }
      end
    end
  end
end
