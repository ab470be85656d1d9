# frozen_string_literal: true

module DiscourseLcm
  # Paths on this forum.
  module Links
    def self.topic(id, slug)
      "#{Discourse.base_path}/t/#{slug.presence || "topic"}/#{id}"
    end

    def self.post(topic_id, slug, number)
      "#{topic(topic_id, slug)}/#{number}"
    end
  end
end
