# frozen_string_literal: true

module DiscourseLcm
  # Renders drafts that a desk is about to show, where the job that does so ahead of time has not
  # been there yet.
  class DraftCooking
    AT_ONCE = 20

    def initialize(drafts)
      @drafts = drafts
    end

    # The drafts; at most twenty pending ones were rendered, and kept for next time.
    def cooked
      stale = @drafts.select { |draft| draft.pending? && !draft.cooked_fresh? }.first(AT_ONCE)
      stale.each(&:cook)
      keep(stale) if stale.present?
      @drafts
    end

    private

    def keep(drafts)
      DB.exec(
        <<~SQL,
          UPDATE discourse_lcm_drafts SET cooked = fresh.cooked, cooked_digest = fresh.digest
          FROM UNNEST(ARRAY[:ids]::bigint[], ARRAY[:cooked]::text[], ARRAY[:digests]::text[]) fresh(id, cooked, digest)
          WHERE discourse_lcm_drafts.id = fresh.id
        SQL
        ids: drafts.map(&:id),
        cooked: drafts.map(&:cooked),
        digests: drafts.map(&:cooked_digest),
      )
    end
  end
end
