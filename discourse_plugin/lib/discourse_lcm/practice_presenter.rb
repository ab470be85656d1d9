# frozen_string_literal: true

module DiscourseLcm
  # A row of DeskRows#practices as the contract's Practice.
  class PracticePresenter
    def initialize(row, cards)
      @row = row
      @cards = cards
    end

    def to_h
      {
        post_id: @row.post_id,
        url: Links.post(@row.of_topic_id, @row.topic_slug, @row.post_number),
        title: @row.title,
        author: @cards[@row.post_user_id],
        evidence: @row.evidence,
        marked_by: @cards.username(@row.marked_by_id),
      }
    end
  end
end
