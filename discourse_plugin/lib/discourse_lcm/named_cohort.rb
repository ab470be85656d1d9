# frozen_string_literal: true

module DiscourseLcm
  # A cohort that is not declared yet, as it would be found: what stands under its names. A value, not
  # a record, so that nothing can save it.
  NamedCohort =
    Data.define(:key, :group_id, :lcm_group_id, :category_id) do
      def self.at(key, names)
        return if names.blank? || !Cohort::KEY.match?(key)
        new(
          key:,
          group_id: group_id(names["group"]),
          lcm_group_id: group_id(names["lcm_group"]),
          category_id: Category.find_by(slug: names["category_slug"])&.id,
        )
      end

      def self.group_id(name)
        Group.find_by("LOWER(name) = ?", name.downcase)&.id
      end
      private_class_method :group_id

      def id = nil

      def persisted? = false
    end
end
