# frozen_string_literal: true

module DiscourseLcm
  # A cohort's category as it is declared: whose it is, who may write in it and who moderates it.
  class CohortCategory
    GROUP_LEVELS = {
      visibility_level: Group.visibility_levels[:members],
      members_visibility_level: Group.visibility_levels[:members],
      mentionable_level: Group::ALIAS_LEVELS[:members_mods_and_admins],
      messageable_level: Group::ALIAS_LEVELS[:members_mods_and_admins],
    }.freeze
    # By id, since newer cores translate the names: `everyone`, and `anonymous_users` and `logged_in_users` in its place there.
    OPEN_TO_ALL = [Group::AUTO_GROUPS[:everyone], 4, 5].freeze

    def initialize(cohort, wanted, changes)
      @cohort = cohort
      @wanted = wanted
      @changes = changes
      @parent = Category.find_by(slug: wanted["parent_slug"], parent_category_id: nil) if parent_wanted?
      @category = cohort.category || Category.find_by(slug: wanted["slug"], parent_category_id: @parent&.id)
    end

    # Why the category cannot be put as declared, or nil.
    def problem(create:, adopt:)
      slug = @wanted["slug"]
      if parent_wanted? && @parent.nil?
        I18n.t("discourse_lcm.errors.no_parent_category", slug: @wanted["parent_slug"])
      elsif @category.nil? && !create
        I18n.t("discourse_lcm.errors.no_category", slug:)
      elsif @category && @cohort.category_id != @category.id
        other = Cohort.where.not(id: @cohort.id).find_by(category_id: @category.id)
        return I18n.t("discourse_lcm.errors.category_of_other_cohort", slug:, cohort: other.key) if other
        I18n.t("discourse_lcm.errors.category_is_not_ours", slug:) if !adopt
      end
    end

    # Raises ActiveRecord::RecordInvalid where Discourse refuses it.
    def put
      @category ||= Category.new(user: Discourse.system_user)
      made = @category.new_record?
      @category.assign_attributes(name: @wanted["name"], slug: @wanted["slug"])
      @category.parent_category_id = @parent.id if @parent
      permissions_differ = made || permissions_now != permissions
      @category.set_permissions(permissions) if permissions_differ
      note(made:, permissions_differ:)
      @category.description = about if made
      @category.locale = @cohort.locale if made && @category.has_attribute?(:locale)
      in_cohorts_language { @category.save! } if made || permissions_differ || @category.changed?
      replace_placeholder if !made
      put_moderators
      @category
    end

    private

    # What the category's own topic says first, instead of Discourse's advice to its administrators.
    def about
      in_cohorts_language { I18n.t("discourse_lcm.about_category", cohort: @cohort.name) }
    end

    def in_cohorts_language(&)
      I18n.with_locale(@cohort.locale, &)
    end

    # Where nobody has written anything about the category yet.
    def replace_placeholder
      post = @category.topic&.first_post
      return if post.nil? || placeholders.exclude?(post.raw.strip)
      title = in_cohorts_language { I18n.t("category.topic_prefix", category: @category.name) }
      skip = { skip_validations: true, skip_revision: true, bypass_bump: true }
      post.revise(Discourse.system_user, { title:, raw: about }, **skip)
      @changes << I18n.t("discourse_lcm.changes.about_written", slug: @category.slug)
    end

    def placeholders
      locales = [SiteSetting.default_locale, "en", "fr"].uniq
      locales.map { |locale| I18n.with_locale(locale) { Category.post_template.strip } }
    end

    def parent_wanted?
      @wanted["parent_slug"].present?
    end

    # Groups that somebody let in manually stay; those of everyone do not.
    def permissions
      types = CategoryGroup.permission_types
      permissions_now.except(*OPEN_TO_ALL).merge(
        @cohort.group.id => @wanted["archived"] ? types[:readonly] : types[:full],
        @cohort.lcm_group.id => types[:full],
        Group::AUTO_GROUPS[:staff] => types[:full],
      )
    end

    def permissions_now
      @category.category_groups.pluck(:group_id, :permission_type).to_h
    end

    def note(made:, permissions_differ:)
      slug = @category.slug
      if made
        @changes << I18n.t("discourse_lcm.changes.category_made", slug:)
      else
        @changes << I18n.t("discourse_lcm.changes.category_renamed", slug:) if @category.changed?
        @changes << I18n.t("discourse_lcm.changes.permissions_set", slug:) if permissions_differ
      end
    end

    def put_moderators
      return if @category.moderating_group_ids.include?(@cohort.lcm_group.id)
      @category.category_moderation_groups.create!(group: @cohort.lcm_group)
      @changes << I18n.t("discourse_lcm.changes.moderators_set", slug: @category.slug)
    end
  end
end
