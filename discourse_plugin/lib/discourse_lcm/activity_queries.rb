# frozen_string_literal: true

module DiscourseLcm
  # One statement a stream. Each gives rows after a keyset position (:moment, :id) and not younger than :until, at most
  # :limit, with the position of each row in `at` and `key`; none reads more than it gives, whatever there is.
  module ActivityQueries
    # A row is written some time before it can be seen by others. So that none is passed over, nothing
    # is read that is younger than the oldest transaction that is still writing (but no longer than a
    # minute is waited for one), less a second.
    SETTLED = <<~SQL
      SELECT GREATEST(
        LEAST(clock_timestamp(), (
          SELECT MIN(xact_start) FROM pg_stat_activity
          WHERE datname = CURRENT_DATABASE() AND backend_type = 'client backend'
            AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
        )),
        clock_timestamp() - INTERVAL '60 seconds'
      ) AT TIME ZONE 'UTC' - INTERVAL '1 second'
    SQL

    # What the feed says of posts, each category's along its index. A post that left is reported with the category and topic
    # in which it was, and nothing else of what it became.
    POSTS = <<~SQL
      WITH rows AS (
        SELECT page.* FROM unnest(ARRAY[:category_ids]) AS followed(id) CROSS JOIN LATERAL (
          SELECT feed.category_id, feed.post_id AS key, feed.topic_id, feed.at, feed.gone
          FROM discourse_lcm_feed_posts feed
          WHERE feed.category_id = followed.id AND (feed.at, feed.post_id) > (:moment::timestamp, :id)
            AND feed.at <= :until::timestamp
          ORDER BY feed.at, feed.post_id LIMIT :limit
        ) page
        ORDER BY page.at, page.key LIMIT :limit
      ), shown AS (
        SELECT rows.key, rows.category_id #{FeedLog::SHOWN.sub("FROM topics", "FROM rows CROSS JOIN topics")}
          AND posts.id = rows.key AND topics.category_id = rows.category_id AND NOT rows.gone
      )
      SELECT page.key AS id, page.topic_id, COALESCE(topics.title, '') AS topic_title,
             COALESCE(topics.slug, '') AS topic_slug, COALESCE(topics.created_at, page.at) AS topic_created_at,
             COALESCE(topics.closed, FALSE) AS topic_closed, COALESCE(topics.views, 0) AS topic_views,
             ARRAY(
               SELECT tags.name FROM topic_tags JOIN tags ON tags.id = topic_tags.tag_id
               WHERE topic_tags.topic_id = topics.id ORDER BY tags.name
             ) AS topic_tags,
             topics.external_id AS topic_external_id, page.category_id, COALESCE(posts.post_number, 0) AS number,
             COALESCE(posts.user_id, 0) AS user_id, COALESCE(users.username, '') AS username,
             COALESCE(users.name, '') AS name, COALESCE(posts.created_at, page.at) AS created_at,
             COALESCE(posts.updated_at, page.at) AS updated_at, COALESCE(posts.raw, '') AS raw,
             COALESCE(posts.cooked, '') AS cooked, COALESCE(posts.like_count, 0) AS likes,
             COALESCE(posts.reads, 0) AS reads, posts.reply_to_post_number AS reply_to, shown.key IS NULL AS deleted,
             page.at, page.key
      FROM rows page
      LEFT JOIN shown ON shown.key = page.key AND shown.category_id = page.category_id
      LEFT JOIN posts ON posts.id = shown.key
      LEFT JOIN topics ON topics.id = posts.topic_id
      LEFT JOIN users ON users.id = posts.user_id
      ORDER BY page.at, page.key
    SQL

    LIKED_AT = "GREATEST(post_actions.updated_at, post_actions.deleted_at)"
    LIKES = <<~SQL
      SELECT post_actions.id, post_actions.post_id, post_actions.user_id, posts.user_id AS author_id,
             post_actions.created_at, post_actions.deleted_at IS NOT NULL AS deleted,
             #{LIKED_AT} AS at, post_actions.id AS key
      FROM post_actions
      JOIN posts ON posts.id = post_actions.post_id
      JOIN topics ON topics.id = posts.topic_id
      WHERE post_actions.post_action_type_id = #{PostActionType::LIKE_POST_ACTION_ID}
        AND (#{LIKED_AT}, post_actions.id) > (:moment::timestamp, :id) AND #{LIKED_AT} <= :until::timestamp
        AND topics.category_id IN (:category_ids) AND topics.archetype = 'regular'
        AND posts.post_type = :regular AND posts.user_id > 0
      ORDER BY #{LIKED_AT}, post_actions.id LIMIT :limit
    SQL

    SOLUTIONS = <<~SQL
      SELECT page.topic_id, page.post_id, page.accepted_by, page.created_at, page.at, page.key
      FROM (
        SELECT solved.id AS key, solved.topic_id, solved.answer_post_id AS post_id,
               solved.accepter_user_id AS accepted_by, solved.created_at, solved.updated_at AS at
        FROM topics JOIN discourse_solved_solved_topics solved ON solved.topic_id = topics.id
        WHERE topics.category_id IN (:category_ids) AND topics.archetype = 'regular'
      ) page
      WHERE (page.at, page.key) > (:moment::timestamp, :id) AND page.at <= :until::timestamp
      ORDER BY page.at, page.key LIMIT :limit
    SQL

    VISITS = <<~SQL
      SELECT visits.user_id, visits.visited_at AS day, visits.posts_read, visits.time_read AS seconds_read,
             visits.visited_at AS at, visits.user_id AS key
      FROM user_visits visits
      WHERE visits.user_id IN (SELECT user_id FROM group_users WHERE group_id IN (:group_ids) AND user_id > 0)
        AND (visits.visited_at, visits.user_id) > (:moment::date, :id)
      ORDER BY visits.visited_at, visits.user_id
      LIMIT :limit
    SQL

    BY_STREAM = {
      "posts" => POSTS,
      "likes" => LIKES,
      "solutions" => SOLUTIONS,
      "visits" => VISITS,
    }.freeze
  end
end
