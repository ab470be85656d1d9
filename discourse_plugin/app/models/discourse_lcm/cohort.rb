# frozen_string_literal: true

module DiscourseLcm
  class Cohort < ActiveRecord::Base
    self.table_name = "discourse_lcm_cohorts"

    KEY = /\A[a-z0-9][a-z0-9-]{0,38}[a-z0-9]\z/

    belongs_to :group, optional: true
    belongs_to :lcm_group, class_name: "Group", optional: true
    belongs_to :category, optional: true

    has_many :learners, dependent: :delete_all
    has_many :attentions, dependent: :delete_all
    has_many :drafts, dependent: :delete_all
    has_many :stories, dependent: :delete_all
    has_many :blockers, dependent: :delete_all
    has_many :practices, dependent: :delete_all
    has_many :decisions, dependent: :delete_all
    has_many :runs, dependent: :destroy
    has_many :changes_of_members,
             class_name: "DiscourseLcm::Change",
             inverse_of: :cohort,
             dependent: :delete_all

    validates :key, format: KEY, uniqueness: true
    validates :name, presence: true, length: { maximum: 100 }
    validates :group_id, :category_id, uniqueness: true, allow_nil: true
    validate :ends_after_it_starts
    validate :clock_is_known

    # The cohort whose category the given one is, or is inside of.
    def self.of_category(category)
      return if category.nil?
      ids = [category.id, category.parent_category_id, category.parent_category&.parent_category_id]
      where(category_id: ids.compact).min_by { |cohort| ids.index(cohort.category_id) }
    end

    def self.of_topic(topic)
      of_category(topic.category) if topic && !topic.private_message?
    end

    # The category and those inside it.
    def category_ids
      category_id ? Category.subcategory_ids(category_id) : []
    end

    # The LCMs' group shows the desk to those who may open it; the learners' own page is closed to LCMs who are not in it.
    def desk_url
      name = (lcm_group || group)&.name
      "#{Discourse.base_path}/g/#{UrlHelper.encode_component(name)}/lcm" if name
    end

    private

    def ends_after_it_starts
      return if start_on.nil? || end_on.nil? || end_on >= start_on
      errors.add(:end_on, I18n.t("discourse_lcm.errors.ends_before_it_starts"))
    end

    def clock_is_known
      return if timezone.present? && ActiveSupport::TimeZone[timezone]
      errors.add(:timezone, I18n.t("discourse_lcm.errors.unknown_timezone", timezone:))
    end
  end
end

# == Schema Information
#
# Table name: discourse_lcm_cohorts
#
#  id            :bigint           not null, primary key
#  key           :string(40)       not null
#  name          :string(100)      not null
#  start_on      :date             not null
#  end_on        :date             not null
#  timezone      :string(64)       not null
#  locale        :string(8)        not null
#  playbook      :string(80)
#  group_id      :bigint
#  lcm_group_id  :bigint
#  category_id   :bigint
#  calendar      :jsonb            default([]), not null
#  notes         :jsonb            default([]), not null
#  as_of         :datetime
#  paused        :boolean          default(FALSE), not null
#  paused_until  :datetime
#  shift_days    :integer          default(0), not null
#  start_told_at :datetime
#  created_at    :datetime         not null
#  updated_at    :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_cohorts_on_category_id   (category_id) UNIQUE
#  index_discourse_lcm_cohorts_on_group_id      (group_id) UNIQUE
#  index_discourse_lcm_cohorts_on_key           (key) UNIQUE
#  index_discourse_lcm_cohorts_on_lcm_group_id  (lcm_group_id)
#
