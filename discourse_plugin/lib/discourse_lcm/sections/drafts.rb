# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Drafts < Base
      NAME = "drafts"
      ROW = "PublishedDraft"
      SUBJECT = "key"

      # A decided draft is never pending again; what became of it on the forum is told all the same.
      STATE = <<~SQL
        state = CASE
          WHEN discourse_lcm_drafts.state IN ('approved', 'rejected') AND EXCLUDED.state IN ('pending', 'withdrawn')
            AND NOT (discourse_lcm_drafts.state = 'approved' AND EXCLUDED.state = 'withdrawn')
          THEN discourse_lcm_drafts.state
          ELSE EXCLUDED.state
        END
      SQL

      def publish
        published = @rows.map { |row| row["key"] }
        Draft.where(cohort: @cohort).where.not(key: published).where.not(state: Draft::DECIDED).delete_all
        upsert(
          Draft,
          @rows.map { |row| attributes(row) },
          unique_by: %i[cohort_id key],
          update: [
            overwrite(
              *%w[kind play step title raw recipients topic_id reason evidence outcome drafted_at],
            ),
            STATE,
          ].join(", "),
        )
      end

      def count
        Draft.where(cohort: @cohort).count
      end

      private

      def attributes(row)
        {
          **%w[key kind play step title raw topic_id reason outcome].to_h { |name| [name.to_sym, row[name]] },
          recipients: row["recipients"] || [],
          evidence: row["evidence"] || [],
          state: row["state"] || "pending",
          drafted_at: row["created_at"],
        }
      end
    end
  end
end
