# frozen_string_literal: true

module DiscourseLcm
  # A row of DeskRows#stories as the contract's Story.
  class StoryPresenter
    def initialize(row, cards)
      @row = row
      @cards = cards
    end

    def to_h
      {
        post_id: @row.post_id,
        url: Links.post(@row.of_topic_id, @row.topic_slug, @row.post_number),
        title: @row.title,
        quote: @row.quote,
        author: @cards[@row.post_user_id],
        evidence: @row.evidence,
        state: @row.state,
        consent: @row.consent,
      }
    end
  end
end
