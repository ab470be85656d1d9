# frozen_string_literal: true

module DiscourseLcm
  module Sections
    # One section of a publication: rows are checked one by one, what is wrong with one stops no
    # other.
    class Base
      attr_reader :refused

      def initialize(cohort, rows)
        @cohort = cohort
        @refused = []
        @rows = check(rows)
      end

      private

      # Sub-classes name the component of the contract that a row is (ROW) and what tells rows apart
      # (SUBJECT).
      def check(rows)
        seen = Set.new
        rows.select do |row|
          reason = Contract.errors(self.class::ROW, row).first
          reason ||= I18n.t("discourse_lcm.errors.given_twice") if !seen.add?(row[self.class::SUBJECT])
          reason.nil? || refuse(row, reason)
        end
      end

      # Always false, so that it can end a `select`.
      def refuse(row, reason)
        subject = row.is_a?(Hash) ? row[self.class::SUBJECT] : nil
        @refused << { section: self.class::NAME, subject: subject.to_s, reason: }
        false
      end

      def refuse_unknown(known, key, message)
        @rows = @rows.select { |row| known.include?(row[key]) || refuse(row, I18n.t("discourse_lcm.errors.#{message}")) }
      end

      def upsert(model, rows, unique_by:, update:)
        return if rows.empty?
        now = Time.zone.now
        stamped = rows.map { |row| { cohort_id: @cohort.id, created_at: now, updated_at: now, **row } }
        model.upsert_all(stamped, unique_by:, on_duplicate: Arel.sql(update), record_timestamps: false)
      end

      # `column = EXCLUDED.column` for each of the columns.
      def overwrite(*columns)
        columns.map { |column| "#{column} = EXCLUDED.#{column}" }.push("updated_at = EXCLUDED.updated_at").join(", ")
      end
    end
  end
end
