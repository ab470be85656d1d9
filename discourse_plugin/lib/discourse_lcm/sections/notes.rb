# frozen_string_literal: true

module DiscourseLcm
  module Sections
    class Notes < Base
      NAME = "notes"
      ROW = "DeskNote"
      SUBJECT = "title"

      def publish
        @cohort.update!(notes: @rows)
      end

      def count
        @rows.size
      end
    end
  end
end
