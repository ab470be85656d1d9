# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Practices < Base
      NAME = "practices"
      ROW = "PublishedPractice"
      SUBJECT = "post_id"

      def publish
        refuse_unknown(topics, "post_id", "no_post")
        Practice
          .where(cohort: @cohort, marked_by_id: nil)
          .where.not(post_id: @rows.map { |row| row["post_id"] })
          .delete_all
        upsert(
          Practice,
          @rows.map { |row| attributes(row) },
          unique_by: %i[cohort_id post_id],
          update: overwrite("title", "evidence"),
        )
      end

      def count
        Practice.where(cohort: @cohort).count
      end

      private

      def topics
        @topics ||=
          Post
            .joins(:topic)
            .where(id: @rows.map { |row| row["post_id"] })
            .where(topics: { archetype: Archetype.default })
            .pluck(:id, :topic_id)
            .to_h
      end

      def attributes(row)
        {
          post_id: row["post_id"],
          topic_id: topics.fetch(row["post_id"]),
          title: row["title"],
          evidence: row["evidence"],
        }
      end
    end
  end
end
