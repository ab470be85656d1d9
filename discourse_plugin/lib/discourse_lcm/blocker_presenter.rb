# frozen_string_literal: true

module DiscourseLcm
  # A row of DeskRows#blockers as the contract's Blocker.
  class BlockerPresenter
    def initialize(row, cards, now: Time.zone.now)
      @row = row
      @cards = cards
      @now = now
    end

    def to_h
      {
        topic: {
          id: @row.topic_id,
          title: @row.topic_title,
          url: Links.topic(@row.topic_id, @row.topic_slug),
        },
        question: @row.question,
        since: Timestamps.write(@row.since),
        days_open:,
        state: @row.state,
        owner: @cards[@row.owner_id],
        author: @cards[@row.topic_user_id],
        marked_by: @cards.username(@row.marked_by_id),
        evidence: @row.evidence,
      }
    end

    private

    def days_open
      [((@row.solved_at || @now) - @row.since).to_i / 1.day.to_i, 0].max
    end
  end
end
