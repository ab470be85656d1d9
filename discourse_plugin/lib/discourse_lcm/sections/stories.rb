# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Stories < Base
      NAME = "stories"
      ROW = "PublishedStory"
      SUBJECT = "post_id"

      # The worker moves a story on where its author has not said otherwise; it never takes a
      # decision back.
      MERGE = <<~SQL
        message_topic_id = COALESCE(EXCLUDED.message_topic_id, discourse_lcm_stories.message_topic_id),
        story_topic_id = COALESCE(EXCLUDED.story_topic_id, discourse_lcm_stories.story_topic_id),
        consent_asked_at = COALESCE(discourse_lcm_stories.consent_asked_at, EXCLUDED.consent_asked_at),
        consent = CASE
          WHEN discourse_lcm_stories.consent = 'not_asked' THEN EXCLUDED.consent
          ELSE discourse_lcm_stories.consent
        END,
        state = CASE
          WHEN discourse_lcm_stories.consent = 'no' THEN discourse_lcm_stories.state
          WHEN EXCLUDED.state = 'published' THEN 'published'
          WHEN EXCLUDED.state = 'asked' AND discourse_lcm_stories.state = 'candidate' THEN 'asked'
          ELSE discourse_lcm_stories.state
        END
      SQL

      def publish
        refuse_unknown(authors, "post_id", "no_post")
        forget_others
        upsert(
          Story,
          @rows.map { |row| attributes(row) },
          unique_by: %i[cohort_id post_id],
          update: "#{overwrite("title", "quote", "evidence")}, #{MERGE}",
        )
      end

      def count
        Story.where(cohort: @cohort).count
      end

      private

      def authors
        @authors ||=
          Post
            .joins(:topic)
            .where(id: @rows.map { |row| row["post_id"] })
            .where(topics: { archetype: Archetype.default })
            .where("posts.user_id > 0")
            .pluck(:id, :user_id)
            .to_h
      end

      # What nobody has touched yet goes with the publication that does not name it any more.
      def forget_others
        Story
          .where(cohort: @cohort, state: "candidate", consent: "not_asked", proposed_by_id: nil)
          .where.not(post_id: @rows.map { |row| row["post_id"] })
          .delete_all
      end

      def attributes(row)
        asked = row["state"].in?(%w[asked published])
        {
          post_id: row["post_id"],
          user_id: authors.fetch(row["post_id"]),
          title: row["title"],
          quote: row["quote"] || "",
          evidence: row["evidence"],
          state: row["state"] || "candidate",
          consent: asked ? "asked" : "not_asked",
          consent_asked_at: asked ? @cohort.as_of : nil,
          message_topic_id: row["message_topic_id"],
          story_topic_id: row["story_topic_id"],
        }
      end
    end
  end
end
