# frozen_string_literal: true

module DiscourseLcm
  # A cohort that is not declared yet, as it would be found: what stands under its names. Never saved.
  class NamedCohort
    def self.at(key, names)
      return if names.blank? || !Cohort::KEY.match?(key)
      Cohort.new(
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
  end
end
