# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Learners < Base
      NAME = "learners"
      ROW = "PublishedLearner"
      SUBJECT = "user_id"
      COUNTED = %w[posts replies_given replies_received likes_given likes_received days_active].freeze

      def publish
        refuse_unknown(existing, "user_id", "no_account")
        published = @rows.map { |row| row["user_id"] }
        Learner.where(cohort: @cohort).where.not(user_id: published).delete_all
        upsert(
          Learner,
          @rows.map { |row| attributes(row) },
          unique_by: %i[cohort_id user_id],
          update: overwrite("weeks", *COUNTED, "last_posted_at", "needs_hand", "reasons", "partner_ids"),
        )
        forget_answered_signs
      end

      def count
        Learner.where(cohort: @cohort).count
      end

      private

      def existing
        User.where(id: @rows.map { |row| row["user_id"] }).pluck(:id).to_set
      end

      def attributes(row)
        {
          user_id: row["user_id"],
          weeks: row["weeks"],
          **COUNTED.to_h { |name| [name.to_sym, row[name]] },
          last_posted_at: row["last_posted_at"],
          needs_hand: row["needs_hand"] || false,
          reasons: row["reasons"] || [],
          partner_ids: row["partners"] || [],
        }
      end

      # A sign that has gone takes what was decided about it along; the next one is a new one.
      def forget_answered_signs
        quiet = @rows.filter_map { |row| row["user_id"] if !row["needs_hand"] }
        Attention.where(cohort: @cohort, user_id: quiet, action: "dismiss").delete_all
      end
    end
  end
end
