# frozen_string_literal: true

module DiscourseLcm
  # A row of DeskRows#learners as the contract's Learner.
  class LearnerPresenter
    NUMBERS = %i[weeks posts replies_given replies_received likes_given likes_received days_active].freeze

    def initialize(row, cards, now: Time.zone.now)
      @row = row
      @cards = cards
      @now = now
    end

    def to_h
      {
        user: @cards[@row.user_id],
        last_seen_at: Timestamps.write(@row.last_seen_at),
        last_posted_at: Timestamps.write(@row.last_posted_at),
        **NUMBERS.to_h { |name| [name, @row.public_send(name)] },
        needs_hand: @row.needs_hand && !put_aside?,
        reasons: @row.reasons,
        attention:,
        partners: @row.partner_ids.filter_map { |id| @cards[id] },
      }
    end

    private

    def put_aside?
      return false if @row.attention_action.nil?
      @row.attention_action == "dismiss" || @row.attention_until.to_time > @now
    end

    def attention
      return if !put_aside?
      {
        action: @row.attention_action,
        until: Timestamps.write(@row.attention_until&.to_time),
        reason: @row.attention_reason,
        by: @cards.username(@row.attention_by_id).to_s,
        at: Timestamps.write(@row.attention_at.to_time),
      }
    end
  end
end
