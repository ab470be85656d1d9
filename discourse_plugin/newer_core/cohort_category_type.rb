# frozen_string_literal: true

module DiscourseLcm
  # "Learning cohort" as a type of category: choosing it declares a cohort on the forum, with its groups, as the worker
  # would; the worker looks after it once `lcm.yaml` names the same key.
  class CohortCategoryType < ::Categories::Types::Base
    type_id :learning_cohort

    LOCALES = %w[en fr].freeze
    DAYS = 83

    class << self
      def enable_plugin
        SiteSetting.lcm_enabled = true
      end

      def plugin_enabled?
        SiteSetting.lcm_enabled
      end

      def category_matches?(category)
        SiteSetting.lcm_enabled && Cohort.exists?(category_id: category.id)
      end

      def find_matches
        Category.where(id: Cohort.where.not(category_id: nil).select(:category_id))
      end

      # Only the worker changes a cohort that exists already. Moderators may edit categories too, but only administrators
      # make groups and set permissions here.
      def configure_category(category, guardian:, configuration_values: {})
        return if Cohort.exists?(category_id: category.id)
        raise Discourse::InvalidAccess if !guardian.is_admin?
        wanted = declaration(category, told(configuration_values))
        refuse_others_groups(wanted)
        declared = DeclareCohort.call(guardian:, params: wanted)
        return if declared.success?
        raise Discourse::InvalidParameters, why_not(declared)
      end

      # What was published for a cohort is not lost because a category gets another type.
      def unconfigure_category(category, guardian:)
        cohort = Cohort.find_by(category_id: category.id)
        return if cohort.nil?
        raise Discourse::InvalidAccess if !guardian.is_admin?
        if cohort.as_of
          raise Discourse::InvalidParameters, I18n.t("discourse_lcm.errors.cohort_is_looked_after", key: cohort.key)
        end
        ForgetCohort.call(guardian:, params: { key: cohort.key })
      end

      def read_category_settings(category)
        cohort = Cohort.find_by(category_id: category.id)
        return {} if cohort.nil?
        {
          lcm_key: cohort.key,
          lcm_start: cohort.start_on.iso8601,
          lcm_end: cohort.end_on.iso8601,
          lcm_timezone: cohort.timezone,
          lcm_locale: cohort.locale,
        }
      end

      def configuration_schema
        {
          general_category_settings: {
            name: {
              default: I18n.t("category_types.learning_cohort.name"),
              type: :string,
            },
          },
          category_settings: {
            lcm_key: field("key", default: ""),
            lcm_start: field("start", default: Date.current.iso8601),
            lcm_end: field("end", default: (Date.current + DAYS).iso8601),
            lcm_timezone: field("timezone", default: "UTC"),
            lcm_locale:
              field("locale", default: LOCALES.first, type: :enum, choices: LOCALES.map { |name| { name:, value: name } }),
          },
        }
      end

      def icon
        "books"
      end

      private

      # The fields cannot be edited later, because the worker changes them then.
      def field(name, default:, type: :string, **more)
        label = I18n.t("category_types.learning_cohort.fields.#{name}")
        { default:, type:, label:, required: name != "key", show_on_edit: false, **more }
      end

      def told(values)
        values = values.to_unsafe_h if values.respond_to?(:to_unsafe_h)
        defaults = configuration_schema[:category_settings].transform_values { |one| one[:default] }
        defaults.merge(values.to_h.symbolize_keys.compact_blank)
      end

      def declaration(category, told)
        key = told[:lcm_key].presence || category.slug
        parent_slug = category.parent_category&.slug
        {
          key:,
          name: category.name,
          start: told[:lcm_start],
          end: told[:lcm_end],
          timezone: told[:lcm_timezone],
          locale: told[:lcm_locale],
          adopt: true,
          group: { "name" => key, "full_name" => category.name },
          lcm_group: { "name" => "#{key}-lcm", "full_name" => "#{category.name}, LCM" },
          category: { "name" => category.name, "slug" => category.slug, "parent_slug" => parent_slug },
        }
      end

      # An administrator chooses the category, but not the groups: the members of a group that exists already must not
      # become learners only because its name fits.
      def refuse_others_groups(wanted)
        names = wanted.values_at(:group, :lcm_group).map { |group| group["name"].downcase }
        taken = Group.where("LOWER(name) IN (?)", names).pick(:name)
        raise Discourse::InvalidParameters, I18n.t("discourse_lcm.errors.group_is_not_ours", name: taken) if taken
      end

      def why_not(result)
        return result[:refusal].message if result[:refusal]
        contract = result["result.contract.default"]
        contract&.errors&.full_messages&.to_sentence.presence || I18n.t("discourse_lcm.errors.cohort_not_declared")
      end
    end
  end
end
