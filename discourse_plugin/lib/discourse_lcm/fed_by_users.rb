# frozen_string_literal: true

module DiscourseLcm
  # In User: a new name is reported with all of the person's posts.
  module FedByUsers
    extend ActiveSupport::Concern

    SEEN = %w[username name].freeze

    included { after_update { FeedLog.look(users: [id]) if saved_changes.keys.intersect?(SEEN) } }
  end
end
