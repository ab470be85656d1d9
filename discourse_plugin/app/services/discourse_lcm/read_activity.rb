# frozen_string_literal: true

module DiscourseLcm
  # A page of what happened in a cohort since a cursor.
  class ReadActivity
    include Service::Base
    include Refusing

    BEFORE_START = 4.weeks

    params do
      attribute :key, :string
      attribute :after, :string
      attribute :limit, :integer, default: 500
      attribute :categories, :string

      validates :key, presence: true
      validates :after, length: { maximum: 400 }
      validates :limit, inclusion: 1..1000
      validates :categories, format: /\A\d{1,9}(,\d{1,9}){0,99}\z/, allow_blank: true

      def category_ids
        categories.to_s.split(",").map(&:to_i)
      end
    end

    model :cohort
    step :read_cursor
    step :read_page

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key)
    end

    def read_cursor(params:, cohort:)
      context[:cursor] = if params.after.present?
        ActivityCursor.parse(params.after)
      else
        ActivityCursor.start(cohort.start_on.beginning_of_day - BEFORE_START)
      end
    rescue ActivityCursor::Malformed
      refuse!(:cursor, status: 400)
    end

    def read_page(params:, cohort:, cursor:)
      reader = ActivityReader.new(cohort, category_ids: params.category_ids)
      context[:page] = reader.page(cursor, params.limit)
    rescue PG::QueryCanceled, ActiveRecord::QueryCanceled
      refuse!(:activity_timeout, status: 503, milliseconds: SiteSetting.lcm_activity_timeout_ms)
    end
  end
end
