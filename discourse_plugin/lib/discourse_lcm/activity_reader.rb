# frozen_string_literal: true

module DiscourseLcm
  # Reads a cohort's activity page by page.
  class ActivityReader
    LAST_ID = 2**62
    Page = Data.define(:stream, :rows, :cursor, :more)

    def initialize(cohort, category_ids: [])
      @cohort = cohort
      @category_ids = cohort.category_ids | readable(category_ids)
    end

    # The first page from `cursor` on that has rows, or an empty one where there is nothing new. One
    # query for each stream that it looks into.
    #
    # Raises ActiveRecord::QueryCanceled where a query takes longer than the site's setting allows.
    def page(cursor, limit)
      FeedLog.follow(@category_ids)
      @settled = moment(DB.query_single(ActivityQueries::SETTLED).first)
      loop do
        stream = cursor.stream
        rows = stream_exists?(stream) ? read(cursor, limit) : []
        following = cursor_after(cursor, rows, limit)
        more = rows.size == limit || !cursor.last?
        if rows.present? || !more
          return Page.new(stream:, rows: rows.map { |row| present(row) }, cursor: following, more:)
        end
        cursor = following
      end
    end

    private

    # The cohort reads only what its group may see.
    def readable(ids)
      return [] if ids.empty?
      Category
        .where(id: ids)
        .where("NOT read_restricted OR id IN (?)", CategoryGroup.where(group_id: @cohort.group_id).select(:category_id))
        .pluck(:id)
    end

    def stream_exists?(stream)
      return true if stream != "solutions"
      ActiveRecord::Base.connection.data_source_exists?("discourse_solved_solved_topics")
    end

    def read(cursor, limit)
      moment, id = cursor.position
      ActiveRecord::Base.transaction(requires_new: true) do
        DB.exec("SET LOCAL statement_timeout = #{SiteSetting.lcm_activity_timeout_ms.to_i}")
        DB.query_hash(
          ActivityQueries::BY_STREAM.fetch(cursor.stream),
          moment:,
          id:,
          limit:,
          until: @settled,
          category_ids: @category_ids.presence || [-1],
          group_ids: [@cohort.group_id, @cohort.lcm_group_id].compact.presence || [-1],
          regular: Post.types[:regular],
        )
      end
    end

    def cursor_after(cursor, rows, limit)
      return cursor.after(*position_of(rows.last)) if rows.size == limit
      end_of_stream(cursor, rows).next_stream
    end

    def position_of(row)
      [moment(row["at"]), row["key"]]
    end

    # All that is settled was looked through, so that the next reading need not do so again. Today's visits still grow:
    # they come again.
    def end_of_stream(cursor, rows)
      return cursor.after(*[cursor.position, [@settled, LAST_ID]].max) if cursor.stream != "visits"
      return cursor if rows.empty?
      cursor.after(*[position_of(rows.last), [Time.zone.now.utc.beginning_of_day.iso8601(6), 0]].min)
    end

    def moment(at)
      at.is_a?(Time) ? at.utc.iso8601(6) : "#{at.to_date.iso8601}T00:00:00.000000Z"
    end

    def present(row)
      row.except("at", "key").transform_values { |value| written(value) }
    end

    def written(value)
      case value
      when Time
        Timestamps.write(value)
      when Date
        value.iso8601
      else
        value
      end
    end
  end
end
