# frozen_string_literal: true

module DiscourseLcm
  # Which posts of the followed categories changed when, as their readers see them.
  #
  # Discourse keeps no time for much of what makes a post come or go: a topic that is moved, unlisted or turned into a
  # message, a post that is recovered, an author who is renamed or anonymised. So what was reported of each post is kept, and
  # compared with what is true now: at once where Discourse says that something changed, and for everything once an hour,
  # which finds what happened past it. Reading is a walk along an index.
  module FeedLog
    # The posts that readers of a category can find there now, and what would be reported of each.
    SHOWN = <<~SQL
      FROM topics
      JOIN posts ON posts.topic_id = topics.id
      JOIN users ON users.id = posts.user_id
      WHERE topics.archetype = 'regular' AND topics.visible AND topics.deleted_at IS NULL
        AND posts.deleted_at IS NULL AND NOT posts.hidden AND NOT posts.user_deleted
        AND posts.post_type = :regular AND posts.user_id > 0
    SQL
    FINGERPRINT = <<~SQL
      md5(CONCAT_WS('|', posts.updated_at, posts.version, posts.user_id, users.username, users.name, topics.title, topics.slug, topics.closed))
    SQL
    # A reader that is being backfilled is recognised by the times that posts have, all else by the database's clock.
    NOW = "clock_timestamp() AT TIME ZONE 'UTC'"
    CHANGED = "GREATEST(posts.created_at, LEAST(posts.updated_at, #{NOW}))"

    COME = <<~SQL
      INSERT INTO discourse_lcm_feed_posts (category_id, post_id, topic_id, at, fingerprint, gone)
      SELECT topics.category_id, posts.id, topics.id, %<at>s, #{FINGERPRINT}, FALSE
      #{SHOWN}
        AND topics.category_id IN (SELECT category_id FROM discourse_lcm_feed_categories) AND %<scope>s
      ON CONFLICT (post_id, category_id) DO UPDATE
      SET topic_id = EXCLUDED.topic_id, at = #{NOW}, fingerprint = EXCLUDED.fingerprint, gone = FALSE
      WHERE discourse_lcm_feed_posts.gone
        OR (discourse_lcm_feed_posts.topic_id, discourse_lcm_feed_posts.fingerprint)
          IS DISTINCT FROM (EXCLUDED.topic_id, EXCLUDED.fingerprint)
    SQL
    GO = <<~SQL
      UPDATE discourse_lcm_feed_posts feed
      SET gone = TRUE, at = #{NOW}
      WHERE NOT feed.gone AND %<scope>s AND NOT EXISTS (
        SELECT 1 #{SHOWN} AND posts.id = feed.post_id AND topics.category_id = feed.category_id
      )
    SQL

    # In how many seconds at most what was being written while a category began to be followed is written.
    SETTLES_AFTER = 120

    class << self
      # Follows categories from now on; what is there already counts as changed when it was. Calls for nothing where all
      # are followed.
      def follow(category_ids)
        known = FeedCategory.where(category_id: category_ids).pluck(:category_id, :settled, :watched_at)
        begin_with(category_ids - known.map(&:first))
        waiting = known.filter_map { |id, settled, at| id if !settled && at < SETTLES_AFTER.seconds.ago }
        settle(waiting)
      end

      # Looks at posts again, and at all posts of topics, of people, or everywhere.
      def look(posts: nil, topics: nil, users: nil)
        if posts
          compare("posts.id IN (:ids)", "feed.post_id IN (:ids)", posts)
        elsif topics
          in_them = "feed.post_id IN (SELECT id FROM posts WHERE topic_id IN (:ids))"
          compare("topics.id IN (:ids)", "(feed.topic_id IN (:ids) OR #{in_them})", topics)
        elsif users
          theirs = "feed.post_id IN (SELECT id FROM posts WHERE user_id IN (:ids))"
          compare("posts.user_id IN (:ids)", theirs, users)
        end
      end

      # Compares every followed category; for once an hour.
      def sweep
        FeedCategory.where.not(category_id: Category.select(:id)).delete_all
        FeedCategory.pluck(:category_id).each { |id| look_at_category(id) }
        DB.exec(format(GO, scope: "feed.category_id NOT IN (SELECT category_id FROM discourse_lcm_feed_categories)"), regular:)
      end

      private

      def begin_with(category_ids)
        return if category_ids.empty?
        rows = category_ids.map { |category_id| { category_id:, watched_at: Time.zone.now } }
        FeedCategory.insert_all(rows)
        scope = "topics.category_id IN (:ids)"
        DB.exec(format(COME, at: CHANGED, scope:), ids: category_ids, regular:)
      end

      # Transactions that began to write before a category was followed did not know of it.
      def settle(category_ids)
        category_ids.each { |id| look_at_category(id) }
        FeedCategory.where(category_id: category_ids).update_all(settled: true) if category_ids.present?
      end

      def look_at_category(id)
        compare("topics.category_id IN (:ids)", "feed.category_id IN (:ids)", [id])
      end

      def compare(of_posts, of_feed, ids)
        return if ids.empty?
        DB.exec(format(COME, at: NOW, scope: of_posts), ids:, regular:)
        DB.exec(format(GO, scope: of_feed), ids:, regular:)
      end

      def regular
        Post.types[:regular]
      end
    end
  end
end
