# frozen_string_literal: true

module DiscourseLcm
  # One statement a stream. Each gives rows after a keyset position (:moment, :id), at most :limit,
  # with the position of each row in `at` and `key`.
  #
  # A row is written some time before it can be seen by others. So that none is passed over, nothing
  # is read that is younger than the oldest transaction that is still writing (but no longer than a
  # minute is waited for one), less a second.
  module ActivityQueries
    SETTLED = <<~SQL
      settled AS MATERIALIZED (
        SELECT GREATEST(
          LEAST(clock_timestamp(), (
            SELECT MIN(xact_start) FROM pg_stat_activity
            WHERE datname = CURRENT_DATABASE() AND backend_type = 'client backend'
              AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
          )),
          clock_timestamp() - INTERVAL '60 seconds'
        ) AT TIME ZONE 'UTC' - INTERVAL '1 second' AS until
      )
    SQL
    NEWER = <<~SQL
      (page.at, page.key) > (:moment::timestamp, :id) AND page.at <= (SELECT until FROM settled)
      ORDER BY page.at, page.key LIMIT :limit
    SQL

    POSTS = <<~SQL
      WITH #{SETTLED}, rows AS (
        SELECT page.* FROM (
          SELECT posts.id AS key, posts.topic_id,
                 GREATEST(posts.updated_at, posts.deleted_at, topics.deleted_at) AS at,
                 posts.deleted_at IS NOT NULL OR topics.deleted_at IS NOT NULL OR posts.user_deleted OR posts.hidden AS gone
          FROM topics JOIN posts ON posts.topic_id = topics.id
          WHERE topics.category_id IN (:category_ids) AND topics.archetype = 'regular'
            AND posts.post_type = :regular AND posts.user_id > 0
        ) page
        WHERE #{NEWER}
      )
      SELECT posts.id, posts.topic_id, topics.title AS topic_title, COALESCE(topics.slug, '') AS topic_slug,
             topics.created_at AS topic_created_at, topics.closed AS topic_closed, topics.views AS topic_views,
             ARRAY(
               SELECT tags.name FROM topic_tags JOIN tags ON tags.id = topic_tags.tag_id
               WHERE topic_tags.topic_id = topics.id ORDER BY tags.name
             ) AS topic_tags,
             topics.external_id AS topic_external_id, topics.category_id, posts.post_number AS number, posts.user_id,
             users.username, COALESCE(users.name, '') AS name, posts.created_at, posts.updated_at,
             CASE WHEN page.gone THEN '' ELSE posts.raw END AS raw,
             CASE WHEN page.gone THEN '' ELSE posts.cooked END AS cooked,
             posts.like_count AS likes, posts.reads, posts.reply_to_post_number AS reply_to, page.gone AS deleted,
             page.at, page.key
      FROM rows page
      JOIN posts ON posts.id = page.key
      JOIN topics ON topics.id = page.topic_id
      JOIN users ON users.id = posts.user_id
      ORDER BY page.at, page.key
    SQL

    LIKES = <<~SQL
      WITH #{SETTLED}
      SELECT page.id, page.post_id, page.user_id, page.author_id, page.created_at, page.deleted, page.at, page.key
      FROM (
        SELECT post_actions.id, post_actions.id AS key, post_actions.post_id, post_actions.user_id,
               posts.user_id AS author_id, post_actions.created_at, post_actions.deleted_at IS NOT NULL AS deleted,
               GREATEST(post_actions.updated_at, post_actions.deleted_at) AS at
        FROM topics
        JOIN posts ON posts.topic_id = topics.id
        JOIN post_actions ON post_actions.post_id = posts.id
        WHERE topics.category_id IN (:category_ids) AND topics.archetype = 'regular'
          AND posts.post_type = :regular AND posts.user_id > 0 AND post_actions.post_action_type_id = :like
      ) page
      WHERE #{NEWER}
    SQL

    SOLUTIONS = <<~SQL
      WITH #{SETTLED}
      SELECT page.topic_id, page.post_id, page.accepted_by, page.created_at, page.at, page.key
      FROM (
        SELECT solved.id AS key, solved.topic_id, solved.answer_post_id AS post_id,
               solved.accepter_user_id AS accepted_by, solved.created_at, solved.updated_at AS at
        FROM topics JOIN discourse_solved_solved_topics solved ON solved.topic_id = topics.id
        WHERE topics.category_id IN (:category_ids) AND topics.archetype = 'regular'
      ) page
      WHERE #{NEWER}
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
