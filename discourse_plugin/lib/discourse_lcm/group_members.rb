# frozen_string_literal: true

module DiscourseLcm
  # Adds and removes many members of a group at once with everything that adding them one by one
  # brings about.
  #
  # Newer cores do all of it in their own bulk operations. On older ones `Group#bulk_add` only
  # inserts rows, so what `GroupUser`'s callbacks would have done is made up for here, in a fixed
  # number of statements.
  class GroupMembers
    def self.core_is_complete?
      Group.instance_method(:bulk_add).parameters.any? { |_, name| name == :automatic }
    end

    def initialize(group, actor)
      @group = group
      @actor = actor
    end

    # Adds people who are not members. On older cores `announce` is still to be called for them.
    def add(user_ids)
      if self.class.core_is_complete?
        @group.bulk_add(user_ids, automatic: false)
      else
        follow_primary_group(user_ids) if @group.primary_group
        keeping_titles(user_ids) { @group.bulk_add(user_ids) }
        set_notification_level(user_ids)
        NotificationDefaults.new(@group).give(user_ids)
      end
      log(:add_user_to_group, user_ids)
    end

    # What others have to hear of: followers of `user_added_to_group` (webhooks, automations, chat)
    # and open browsers.
    def announce(user_ids)
      defaults = NotificationDefaults.new(@group)
      refresh_browsers(user_ids)
      User
        .where(id: user_ids)
        .find_each do |user|
          defaults.apply_to_topics(user)
          @group.trigger_user_added_event(user, false)
        end
    end

    # Core's bulk removal tells others by itself on every core.
    def remove(user_ids)
      @group.bulk_remove(user_ids)
      refresh_browsers(user_ids) if !self.class.core_is_complete?
      log(:remove_user_from_group, user_ids)
    end

    def make_owners(user_ids)
      @group.group_users.where(user_id: user_ids).update_all(owner: true)
      log(:make_user_group_owner, user_ids)
    end

    def remove_as_owners(user_ids)
      @group.group_users.where(user_id: user_ids).update_all(owner: false)
      log(:remove_user_as_group_owner, user_ids)
    end

    private

    # Older cores' bulk_add overwrites everybody's title; one by one, only those without a title get
    # the group's.
    def keeping_titles(user_ids)
      return yield if @group.title.blank?
      titled = User.where(id: user_ids).where.not(title: [nil, ""]).pluck(:id, :title)
      yield
      return if titled.empty?
      DB.exec(<<~SQL, ids: titled.map(&:first), titles: titled.map(&:last))
        UPDATE users SET title = kept.title
        FROM UNNEST(ARRAY[:ids]::bigint[], ARRAY[:titles]::text[]) kept(id, title)
        WHERE users.id = kept.id
      SQL
    end

    # As `User` does when a primary group changes: a flair and a title that came from the old one
    # follow to the new one.
    def follow_primary_group(user_ids)
      DB.exec(<<~SQL, ids: user_ids, group_id: @group.id)
        UPDATE users SET flair_group_id = :group_id
        WHERE id IN (:ids) AND flair_group_id IS NOT DISTINCT FROM primary_group_id
      SQL
      DB.exec(<<~SQL, ids: user_ids, title: @group.title)
        UPDATE users SET title = :title
        FROM groups
        WHERE users.id IN (:ids) AND groups.id = users.primary_group_id AND groups.title = users.title
      SQL
    end

    def set_notification_level(user_ids)
      @group
        .group_users
        .where(user_id: user_ids)
        .update_all(notification_level: @group.default_notification_level)
    end

    def refresh_browsers(user_ids)
      count = @group.categories.count
      if count < Group::PUBLISH_CATEGORIES_LIMIT
        categories = ActiveModel::ArraySerializer.new(@group.categories).as_json
        MessageBus.publish("/categories", { categories: }, user_ids:)
      else
        Discourse.request_refresh!(user_ids:)
      end
    end

    # As `GroupActionLogger` does for one person.
    def log(action, user_ids)
      DB.exec(<<~SQL, group_id: @group.id, actor_id: @actor.id, action: GroupHistory.actions[action], user_ids:)
        INSERT INTO group_histories (group_id, acting_user_id, target_user_id, action, created_at, updated_at)
        SELECT :group_id, :actor_id, people.id, :action, CLOCK_TIMESTAMP(), CLOCK_TIMESTAMP()
        FROM UNNEST(ARRAY[:user_ids]) people(id)
      SQL
    end
  end
end
