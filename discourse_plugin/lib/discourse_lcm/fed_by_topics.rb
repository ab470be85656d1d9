# frozen_string_literal: true

module DiscourseLcm
  # In Topic: where something changes that makes its posts come, go or look different, the feed looks at them.
  module FedByTopics
    extend ActiveSupport::Concern

    SEEN = %w[category_id visible deleted_at archetype title slug closed].freeze

    included { after_update { FeedLog.look(topics: [id]) if saved_changes.keys.intersect?(SEEN) } }
  end
end
