# frozen_string_literal: true

module DiscourseLcm
  # Cohorts with their digests, groups and categories as the worker reads them; ten queries for any
  # number of cohorts.
  class CohortStates
    # The core's own groups by the names that its API takes on every site, whatever language the site is in.
    OWN_GROUPS = Group::AUTO_GROUPS.to_h { |name, id| [id, name.to_s] }.freeze

    def initialize(cohorts)
      @cohorts = cohorts.to_a
    end

    def to_a
      preload
      @cohorts.map { |cohort| state(cohort) }
    end

    private

    def preload
      ids = @cohorts.filter_map(&:id)
      group_ids = @cohorts.flat_map { |cohort| [cohort.group_id, cohort.lcm_group_id] }
      category_ids = @cohorts.map(&:category_id)
      @digests = CohortDigest.by_cohort(ids)
      @pending = Change.pending_by_cohort(ids)
      @groups = Group.where(id: group_ids).index_by(&:id)
      @categories = Category.where(id: category_ids).index_by(&:id)
      @permissions = permissions_of(category_ids)
      @moderators = CategoryModerationGroup.where(category_id: category_ids).pluck(:category_id, :group_id).to_set
      preload_places(category_ids)
      preload_tags(category_ids)
    end

    def preload_places(category_ids)
      parent_ids = @categories.values.filter_map(&:parent_category_id)
      @parents = Category.where(id: parent_ids).pluck(:id, :slug).to_h
      @have_below = Category.where(parent_category_id: category_ids.compact).distinct.pluck(:parent_category_id).to_set
    end

    def preload_tags(category_ids)
      rows = CategoryTag.joins(:tag).where(category_id: category_ids).order("tags.name").pluck(:category_id, "tags.name")
      @tags = rows.group_by(&:first).transform_values { |pairs| pairs.map(&:last) }
      @have_tag_groups = CategoryTagGroup.where(category_id: category_ids).distinct.pluck(:category_id).to_set
    end

    def permissions_of(category_ids)
      CategoryGroup
        .joins(:group)
        .where(category_id: category_ids)
        .pluck(:category_id, :group_id, "groups.name", :permission_type)
        .group_by(&:first)
        .transform_values { |rows| rows.to_h { |_, id, name, type| [OWN_GROUPS.fetch(id, name), type] } }
    end

    # A category without permissions of its own, as the core's own serializer shows it.
    def open_to_everyone(category)
      category.read_restricted ? {} : { "everyone" => CategoryGroup.permission_types[:full] }
    end

    def state(cohort)
      {
        key: cohort.key,
        digest: @digests[cohort.id] || CohortDigest.of(cohort),
        pending: @pending.fetch(cohort.id, 0),
        declared: declared(cohort),
        group: group_state(cohort.group_id),
        lcm_group: group_state(cohort.lcm_group_id),
        category: category_state(cohort),
      }
    end

    def declared(cohort)
      return if !cohort.persisted?
      {
        **cohort.slice(:name, :timezone, :locale, :playbook).symbolize_keys,
        start: cohort.start_on.iso8601,
        end: cohort.end_on.iso8601,
        clock: clock(cohort),
      }
    end

    def clock(cohort)
      { paused: cohort.paused, until: Timestamps.write(cohort.paused_until), shift_days: cohort.shift_days }
    end

    def group_state(id)
      group = @groups[id]
      group && {
        id: group.id,
        name: group.name,
        full_name: group.full_name,
        user_count: group.user_count,
        notifications: group.default_notification_level,
      }
    end

    def category_state(cohort)
      category = @categories[cohort.category_id]
      return if category.nil?
      {
        id: category.id,
        slug: category.slug,
        name: category.name,
        permissions: @permissions[category.id] || open_to_everyone(category),
        moderated:
          SiteSetting.enable_category_group_moderation &&
            @moderators.include?([category.id, cohort.lcm_group_id]),
        parent_slug: @parents[category.parent_category_id],
        has_below: @have_below.include?(category.id),
        tags: tag_rules(category),
      }
    end

    # Which tags may be used in a category; nil where the site has none.
    def tag_rules(category)
      return if !SiteSetting.tagging_enabled
      names = @tags.fetch(category.id, [])
      { names:, restricted: names.any? || @have_tag_groups.include?(category.id), free: category.allow_global_tags }
    end
  end
end
