# frozen_string_literal: true

module DiscourseLcm
  # The rows that a cohort's desk is made of, each kind read once with what it needs of topics and
  # posts. What is about a topic that the reader may not see, moved elsewhere perhaps, is left out.
  class DeskRows
    TOPIC = "topics.title AS topic_title, topics.slug AS topic_slug, topics.user_id AS topic_user_id"
    POST = "posts.post_number, posts.topic_id AS of_topic_id, posts.user_id AS post_user_id, topics.slug AS topic_slug"
    WITH_POST = <<~SQL
      JOIN posts ON posts.id = %<table>s.post_id AND posts.deleted_at IS NULL
        AND NOT posts.hidden AND NOT posts.user_deleted
      JOIN topics ON topics.id = posts.topic_id AND topics.deleted_at IS NULL
    SQL
    LEARNER = <<~SQL
      discourse_lcm_learners.*, %<last_seen_at>s AS last_seen_at, attentions.action AS attention_action,
      attentions.until AS attention_until, attentions.reason AS attention_reason,
      attentions.by_id AS attention_by_id, attentions.updated_at AS attention_at
    SQL
    LEARNER_JOINS = <<~SQL
      JOIN users ON users.id = discourse_lcm_learners.user_id
      JOIN group_users ON group_users.user_id = users.id AND group_users.group_id = :group_id
      LEFT JOIN user_options ON user_options.user_id = users.id
      LEFT JOIN discourse_lcm_attentions attentions
        ON attentions.cohort_id = discourse_lcm_learners.cohort_id AND attentions.user_id = users.id
    SQL

    def initialize(cohort, guardian)
      @cohort = cohort
      @guardian = guardian
    end

    # The journey, without the titles of topics that are not for the reader.
    def calendar
      @calendar ||=
        @cohort.calendar.map do |entry|
          next entry if entry["topic_id"].nil? || seen?(entry["topic_id"])
          entry.merge("topic_id" => nil, "title" => entry["step"])
        end
    end

    # Published people who are still in the cohort, who needs a hand first.
    def learners
      @learners ||= learner_scope.order("discourse_lcm_learners.needs_hand DESC, users.username_lower").to_a
    end

    def learner(user_id)
      learner_scope.find_by(user_id:)
    end

    def drafts
      @drafts ||= all_drafts.each { |row| row.topic_hidden = !seen?(row.topic_id) }
    end

    def draft(key)
      draft_scope.find_by(key:)&.tap { |row| row.topic_hidden = !may_see?(row.topic_id) }
    end

    def blockers
      @blockers ||= all_blockers.select { |row| seen?(row.topic_id) }
    end

    def blocker(topic_id)
      blocker_scope.find_by(topic_id:) if may_see?(topic_id)
    end

    def stories
      @stories ||= all_stories.select { |row| seen?(row.of_topic_id) }
    end

    def story(post_id)
      row = story_scope.find_by(post_id:)
      row if row && may_see?(row.of_topic_id)
    end

    def practices
      @practices ||= all_practices.select { |row| seen?(row.of_topic_id) }
    end

    def group_name
      places[:group_name]
    end

    def category_url
      return if places[:category_id].nil?
      path = [places[:parent_slug], places[:category_slug], places[:category_id]].compact.join("/")
      "#{Discourse.base_path}/c/#{path}"
    end

    # The cohort's LCMs, in no order.
    def lcm_ids
      places[:lcm_ids].split(",").map(&:to_i)
    end

    # Everybody whose card or name is shown.
    def user_ids
      lcm_ids + learners.flat_map { |row| [row.user_id, row.attention_by_id, *row.partner_ids] } +
        drafts.map(&:decided_by_id) +
        blockers.flat_map { |row| [row.owner_id, row.marked_by_id, row.topic_user_id] } +
        (stories + practices).map(&:post_user_id) + practices.map(&:marked_by_id)
    end

    private

    # Of all topics that the desk names, read in one query.
    def seen?(topic_id)
      @seen ||= @guardian.can_see_topic_ids(topic_ids: named_topic_ids).to_set
      @seen.include?(topic_id)
    end

    def may_see?(topic_id)
      topic_id.present? && @guardian.can_see_topic_ids(topic_ids: [topic_id]).include?(topic_id)
    end

    def named_topic_ids
      ids = @cohort.calendar.map { |entry| entry["topic_id"] } + (all_drafts + all_blockers).map(&:topic_id)
      (ids + (all_stories + all_practices).map(&:of_topic_id)).compact.uniq
    end

    def all_drafts
      @all_drafts ||= draft_scope.order(:drafted_at, :id).to_a
    end

    def all_blockers
      @all_blockers ||= blocker_scope.order(:since, :id).to_a
    end

    def all_stories
      @all_stories ||= story_scope.order(:id).to_a
    end

    def all_practices
      @all_practices ||=
        Practice
          .where(cohort: @cohort)
          .joins(format(WITH_POST, table: "discourse_lcm_practices"))
          .select("discourse_lcm_practices.*, #{POST}")
          .order(:id)
          .to_a
    end

    def learner_scope
      joins = ActiveRecord::Base.sanitize_sql([LEARNER_JOINS, group_id: @cohort.group_id])
      Learner.where(cohort: @cohort).joins(joins).select(format(LEARNER, last_seen_at:))
    end

    # Of people who hide their profile Discourse shows it to staff only, and so does the desk.
    def last_seen_at
      return "users.last_seen_at" if @guardian.is_staff? || !SiteSetting.allow_users_to_hide_profile
      "CASE WHEN user_options.hide_profile THEN NULL ELSE users.last_seen_at END"
    end

    def draft_scope
      Draft
        .where(cohort: @cohort)
        .joins("LEFT JOIN topics ON topics.id = discourse_lcm_drafts.topic_id AND topics.deleted_at IS NULL")
        .select("discourse_lcm_drafts.*, #{TOPIC}")
    end

    def blocker_scope
      Blocker
        .where(cohort: @cohort)
        .joins("JOIN topics ON topics.id = discourse_lcm_blockers.topic_id AND topics.deleted_at IS NULL")
        .select("discourse_lcm_blockers.*, #{TOPIC}")
    end

    def story_scope
      Story
        .where(cohort: @cohort)
        .joins(format(WITH_POST, table: "discourse_lcm_stories"))
        .select("discourse_lcm_stories.*, #{POST}")
    end

    def places
      @places ||= DB.query_hash(<<~SQL, id: @cohort.id).first.symbolize_keys
        SELECT COALESCE(groups.name, '') AS group_name, categories.id AS category_id, categories.slug AS category_slug,
               parents.slug AS parent_slug,
               COALESCE((SELECT string_agg(user_id::text, ',') FROM group_users WHERE group_id = cohorts.lcm_group_id), '')
                 AS lcm_ids
        FROM discourse_lcm_cohorts cohorts
        LEFT JOIN groups ON groups.id = cohorts.group_id
        LEFT JOIN categories ON categories.id = cohorts.category_id
        LEFT JOIN categories parents ON parents.id = categories.parent_category_id
        WHERE cohorts.id = :id
      SQL
    end
  end
end
