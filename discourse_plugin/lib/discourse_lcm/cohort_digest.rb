# frozen_string_literal: true

module DiscourseLcm
  # A fingerprint of who is in a cohort's groups and who owns them, computed in the database.
  module CohortDigest
    QUERY = <<~SQL
      SELECT cohorts.id,
             MD5(COALESCE(STRING_AGG(
               slots.slot || slots.group_id || ':' || members.user_id || ':' || members.owner::text,
               ',' ORDER BY slots.slot, members.user_id
             ), '')) AS digest
      FROM discourse_lcm_cohorts cohorts
      CROSS JOIN LATERAL (VALUES ('group', cohorts.group_id), ('lcm', cohorts.lcm_group_id)) slots(slot, group_id)
      LEFT JOIN group_users members ON members.group_id = slots.group_id AND members.user_id > 0
      WHERE cohorts.id IN (:ids)
      GROUP BY cohorts.id
    SQL

    # Cohort id => digest. One query.
    def self.by_cohort(ids)
      return {} if ids.empty?
      DB.query(QUERY, ids:).to_h { |row| [row.id, row.digest] }
    end

    def self.of(cohort)
      by_cohort([cohort.id]).fetch(cohort.id)
    end
  end
end
