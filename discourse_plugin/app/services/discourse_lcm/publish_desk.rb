# frozen_string_literal: true

module DiscourseLcm
  # Puts what the worker computed on a cohort's desk, section by section; what people decided stays.
  class PublishDesk
    include Service::Base
    include Refusing

    SECTIONS = {
      calendar: Sections::Calendar,
      learners: Sections::Learners,
      drafts: Sections::Drafts,
      stories: Sections::Stories,
      blockers: Sections::Blockers,
      practices: Sections::Practices,
      notes: Sections::Notes,
    }.freeze

    params do
      attribute :key, :string
      attribute :as_of, :datetime
      SECTIONS.each_key { |name| attribute name }

      validates :key, :as_of, presence: true
    end

    lock(:key) do
      transaction do
        model :cohort
        step :look_before
        step :refuse_older
        step :publish
      end
    end
    step :tell

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key)
    end

    def look_before(params:, cohort:)
      context[:sections] = SECTIONS.keys.select { |name| params.public_send(name) }
      context[:news] = DeskNews.new(cohort, context[:sections])
    end

    def refuse_older(params:, cohort:)
      refuse!(:older_publication) if cohort.as_of && params.as_of < cohort.as_of
      cohort.update!(as_of: params.as_of)
    end

    def publish(params:, cohort:, sections:)
      published =
        sections.to_h do |name|
          section = SECTIONS.fetch(name).new(cohort, params.public_send(name))
          section.publish
          [name, section]
        end
      context[:counts] = published.transform_values(&:count)
      context[:refused] = published.values.flat_map(&:refused)
    end

    def tell(cohort:, sections:, news:)
      return if sections.empty?
      Jobs.enqueue(Jobs::DiscourseLcm::CookDrafts, cohort_id: cohort.id) if sections.include?(:drafts)
      Live.desk(cohort, *sections)
      news.tell
    end
  end
end
