# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Blockers < Base
      NAME = "blockers"
      ROW = "PublishedBlocker"
      SUBJECT = "topic_id"

      # What somebody called solved is open again only for something that came after.
      MERGE = <<~SQL
        state = CASE
          WHEN discourse_lcm_blockers.state = 'solved' AND EXCLUDED.since > discourse_lcm_blockers.solved_at THEN 'open'
          ELSE discourse_lcm_blockers.state
        END
      SQL

      def publish
        refuse_unknown(topics, "topic_id", "no_topic")
        forget_others
        upsert(
          Blocker,
          @rows.map { |row| attributes(row) },
          unique_by: %i[cohort_id topic_id],
          update: "#{overwrite("question", "since", "evidence")}, #{MERGE}",
        )
      end

      def count
        Blocker.where(cohort: @cohort).count
      end

      private

      def topics
        Topic
          .listable_topics
          .where(id: @rows.map { |row| row["topic_id"] })
          .pluck(:id)
          .to_set
      end

      def forget_others
        Blocker
          .where(cohort: @cohort, state: "open", marked_by_id: nil)
          .where.not(topic_id: @rows.map { |row| row["topic_id"] })
          .delete_all
      end

      def attributes(row)
        {
          topic_id: row["topic_id"],
          question: row["question"],
          since: row["since"],
          evidence: row["evidence"] || [],
        }
      end
    end
  end
end
