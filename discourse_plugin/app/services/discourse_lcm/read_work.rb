# frozen_string_literal: true

module DiscourseLcm
  # What people decided since an id, oldest first.
  class ReadWork
    include Service::Base

    params do
      attribute :after, :integer, default: 0
      attribute :limit, :integer, default: 100

      validates :after, numericality: { greater_than_or_equal_to: 0 }
      validates :limit, inclusion: 1..500
    end

    step :read

    private

    def read(params:)
      rows =
        Decision
          .where("id > ?", params.after)
          .includes(:user, :cohort)
          .order(:id)
          .limit(params.limit + 1)
          .to_a
      context[:work] = rows.first(params.limit).map { |row| item(row) }
      context[:more] = rows.size > params.limit
    end

    def item(row)
      {
        id: row.id,
        kind: row.kind,
        cohort: row.cohort&.key,
        subject: row.subject,
        data: row.data,
        by: {
          id: row.user_id,
          username: row.user&.username || "system",
        },
        at: Timestamps.write(row.created_at),
      }
    end
  end
end
