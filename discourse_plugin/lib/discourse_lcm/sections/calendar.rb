# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Calendar < Base
      NAME = "calendar"
      ROW = "CalendarEntry"
      SUBJECT = "step"

      def publish
        @cohort.update!(calendar: @rows.sort_by { |row| [row["at"], row["step"]] })
      end

      def count
        @rows.size
      end

      private

      # A step that comes again and again stands in the calendar once for each time.
      def check(rows)
        rows.select do |row|
          reason = Contract.errors(ROW, row).first
          reason.nil? || refuse(row, reason)
        end
      end
    end
  end
end
