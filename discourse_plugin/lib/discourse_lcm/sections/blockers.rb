# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Blockers < Base
      NAME = "blockers"
      ROW = "PublishedBlocker"
      SUBJECT = "topic_id"

      # What the worker heard, for example on the command line, counts unless somebody said something
      # later on the desk.
      NEWER_STATE = <<~SQL
        EXCLUDED.stated_at > COALESCE(discourse_lcm_blockers.stated_at, discourse_lcm_blockers.solved_at, '-infinity')
      SQL
      NEWER_OWNER = "EXCLUDED.owned_at > COALESCE(discourse_lcm_blockers.owned_at, '-infinity')"

      # What somebody called solved is open again only for something that came after.
      STATE = <<~SQL
        state = CASE
          WHEN #{NEWER_STATE} THEN EXCLUDED.state
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
          update: [overwrite("question", "since", "evidence"), STATE, *stated, *owned].join(", "),
        )
      end

      def count
        Blocker.where(cohort: @cohort).count
      end

      private

      def stated
        %w[solved_at stated_at].map { |column| newer(column, NEWER_STATE) }
      end

      def owned
        %w[owner_id owned_at].map { |column| newer(column, NEWER_OWNER) }
      end

      def newer(column, condition)
        "#{column} = CASE WHEN #{condition} THEN EXCLUDED.#{column} ELSE discourse_lcm_blockers.#{column} END"
      end

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
          state: row["state"] || "open",
          solved_at: row["state"] == "solved" ? row["state_at"] : nil,
          stated_at: row["state_at"],
          owner_id: owners[row["owner"]&.downcase],
          owned_at: row["owner_at"],
        }
      end

      # Accounts by folded usernames; somebody who is gone looks after nothing.
      def owners
        @owners ||=
          User.where(username_lower: @rows.filter_map { |row| row["owner"]&.downcase }).pluck(:username_lower, :id).to_h
      end
    end
  end
end
