# frozen_string_literal: true

module DiscourseLcm
  # A row of DeskRows#drafts as the contract's Draft.
  class DraftPresenter
    def initialize(draft, cards)
      @draft = draft
      @cards = cards
    end

    def to_h
      {
        **@draft.slice(:key, :kind, :play, :step, :recipients, :reason, :evidence, :state, :outcome).symbolize_keys,
        title: @draft.current_title,
        raw: @draft.current_raw,
        cooked:,
        topic:,
        created_at: Timestamps.write(@draft.drafted_at),
        edited: @draft.edited?,
        decided_by: @cards.username(@draft.decided_by_id),
        decided_at: Timestamps.write(@draft.decided_at),
        decision_reason: @draft.decision_reason,
      }
    end

    private

    # What is not rendered yet is shown as written.
    def cooked
      return @draft.cooked if @draft.cooked_fresh?
      "<pre>#{ERB::Util.html_escape(@draft.current_raw)}</pre>"
    end

    def topic
      return if @draft.topic_title.nil? || @draft.topic_hidden
      {
        id: @draft.topic_id,
        title: @draft.topic_title,
        url: Links.topic(@draft.topic_id, @draft.topic_slug),
      }
    end
  end
end
