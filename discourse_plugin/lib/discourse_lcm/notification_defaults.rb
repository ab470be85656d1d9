# frozen_string_literal: true

module DiscourseLcm
  # The levels at which a group's new members watch, track or mute its categories and tags.
  #
  # As core's `GroupUser` does it one by one: a higher level that somebody chose is kept, a lower
  # one is raised.
  class NotificationDefaults
    BY_RANK = %i[muted regular tracking watching_first_post watching].freeze
    RANK = "ARRAY_POSITION(ARRAY[:by_rank], %s.notification_level)"

    def initialize(group)
      @group = group
    end

    # Gives the defaults to people, in two statements.
    def give(user_ids)
      write(<<~SQL, user_ids)
        INSERT INTO category_users (user_id, category_id, notification_level)
        SELECT new_members.id, defaults.category_id, defaults.notification_level
        FROM UNNEST(ARRAY[:user_ids]) new_members(id), group_category_notification_defaults defaults
        JOIN categories ON categories.id = defaults.category_id
        WHERE defaults.group_id = :group_id
        ON CONFLICT (user_id, category_id) DO UPDATE SET notification_level = EXCLUDED.notification_level
        WHERE #{format(RANK, "category_users")} < #{format(RANK, "EXCLUDED")}
      SQL
      write(<<~SQL, user_ids)
        INSERT INTO tag_users (user_id, tag_id, notification_level, created_at, updated_at)
        SELECT new_members.id, defaults.tag_id, defaults.notification_level, NOW(), NOW()
        FROM UNNEST(ARRAY[:user_ids]) new_members(id), (
          SELECT DISTINCT ON (1) COALESCE(tags.target_tag_id, tags.id) AS tag_id, levels.notification_level
          FROM group_tag_notification_defaults levels
          JOIN tags ON tags.id = levels.tag_id
          WHERE levels.group_id = :group_id
          ORDER BY 1, #{format(RANK, "levels")} DESC
        ) defaults
        ON CONFLICT (user_id, tag_id) DO UPDATE
        SET notification_level = EXCLUDED.notification_level, updated_at = NOW()
        WHERE #{format(RANK, "tag_users")} < #{format(RANK, "EXCLUDED")}
      SQL
    end

    # Lets what is watched and tracked by category and tag hold for the topics that somebody has
    # read.
    def apply_to_topics(user)
      [CategoryUser, TagUser].zip(kinds).each do |model, present|
        next if !present
        model.auto_watch(user_id: user.id)
        model.auto_track(user_id: user.id)
      end
    end

    private

    def write(statement, user_ids)
      by_rank = BY_RANK.map { |level| NotificationLevels.all[level] }
      DB.exec(statement, user_ids:, group_id: @group.id, by_rank:)
    end

    def kinds
      @kinds ||= [
        @group.group_category_notification_defaults.exists?,
        @group.group_tag_notification_defaults.exists?,
      ]
    end
  end
end
