# frozen_string_literal: true

module DiscourseLcm
  # Makes a cohort's groups and category stand as they are declared. Says what it made or changed.
  class DeclareCohort
    include Service::Base
    include Refusing

    NEW_TOPICS = NotificationLevels.all[:watching_first_post]

    params do
      attribute :key, :string
      attribute :name, :string
      attribute :start, :date
      attribute :end, :date
      attribute :timezone, :string
      attribute :locale, :string
      attribute :playbook, :string
      attribute :create, :boolean, default: true
      attribute :adopt, :boolean, default: false
      attribute :places, :boolean, default: true
      attribute :group
      attribute :lcm_group
      attribute :category
      attribute :clock

      validates :key, format: Cohort::KEY
      validates :name, :start, :end, :timezone, :group, :lcm_group, :category, presence: true
    end

    lock(:key) do
      transaction do
        model :cohort
        step :check_declared
        step :put_groups
        step :put_category
        step :save_cohort
        step :put_notifications
      end
    end

    private

    def fetch_cohort(params:)
      context[:changes] = []
      cohort = Cohort.find_or_initialize_by(key: params.key)
      cohort.assign_attributes(
        name: params.name,
        start_on: params.start,
        end_on: params.end,
        timezone: params.timezone,
        locale: params.locale,
        playbook: params.playbook,
        **clock(params.clock),
      )
      cohort
    end

    # How the journey runs by the worker's own clock; a declaration without one leaves what is shown.
    def clock(told)
      return {} if told.blank?
      paused = ActiveModel::Type::Boolean.new.cast(told["paused"]) || false
      { paused:, paused_until: (Timestamps.read(told["until"]) if paused), shift_days: told["shift_days"].to_i }
    end

    def check_declared(params:, cohort:)
      refuse!(:not_declared, key: params.key) if !params.places && cohort.new_record?
    end

    def put_groups(params:, cohort:, changes:)
      return if !params.places
      cohort.group = put_group(params.group, [cohort.group_id], cohort.group, params, changes)
      lcm_ids = [cohort.lcm_group_id, cohort.group.id]
      cohort.lcm_group = put_group(params.lcm_group, lcm_ids, cohort.lcm_group, params, changes)
      refuse!(:same_group, name: cohort.group.name) if cohort.group == cohort.lcm_group
    end

    def put_category(params:, cohort:, changes:)
      return if !params.places
      context[:first_time] = cohort.category_id.nil?
      declared = CohortCategory.new(cohort, params.category, changes)
      problem = declared.problem(create: params.create, adopt: params.adopt)
      refuse_with!(problem) if problem
      cohort.category = declared.put
    end

    def save_cohort(params:, cohort:, changes:)
      changes << I18n.t("discourse_lcm.changes.declared", name: cohort.name) if cohort.new_record?
      refuse_with!(cohort.errors.full_messages.to_sentence) if !cohort.save
      return if SiteSetting.enable_category_group_moderation || !params.places
      changes << I18n.t("discourse_lcm.changes.moderation_off")
    end

    # Members hear of what is new in their category from the first day on; whatever level was chosen there before, or is
    # chosen later, stays.
    def put_notifications(cohort:, changes:)
      return if !context[:first_time]
      [cohort.group, cohort.lcm_group].each do |group|
        defaults = group.group_category_notification_defaults
        next if defaults.exists?(category: cohort.category)
        defaults.create!(category: cohort.category, notification_level: NEW_TOPICS)
        NotificationDefaults.new(group).give(group.users.pluck(:id)) if group.users.exists?
        changes << I18n.t("discourse_lcm.changes.notifications_set", name: group.name, slug: cohort.category.slug)
      end
    end

    # `ours` are the ids of groups that need not be adopted: another of the same name is somebody else's.
    def put_group(wanted, ours, known, params, changes)
      group = Group.find_by("LOWER(name) = ?", wanted["name"].downcase)
      check_group(wanted["name"], group, known, params.create)
      refuse!(:group_is_not_ours, name: group.name) if group && ours.exclude?(group.id) && !params.adopt
      return make_group(wanted, changes) if group.nil?
      if group.full_name != wanted["full_name"]
        group.update!(full_name: wanted["full_name"])
        changes << I18n.t("discourse_lcm.changes.group_renamed", name: group.name)
      end
      group
    end

    def check_group(name, group, known, create)
      refuse!(:automatic_group, name:) if group&.automatic
      return if group
      refuse!(:group_renamed, name:, now: known.name) if known
      refuse!(:no_group, name:) if !create
    end

    def make_group(wanted, changes)
      group = Group.new(name: wanted["name"], full_name: wanted["full_name"], **CohortCategory::GROUP_LEVELS)
      refuse_with!(group.errors.full_messages.to_sentence) if !group.save
      changes << I18n.t("discourse_lcm.changes.group_made", name: group.name)
      group
    end
  end
end
