# frozen_string_literal: true

module DiscourseLcm
  # A fingerprint of who is in a cohort's groups and who owns them, computed in the database.
  module CohortDigest
    DECLARED = "(SELECT id, group_id, lcm_group_id FROM discourse_lcm_cohorts WHERE id IN (:ids))"
    NAMED = "(VALUES (0, CAST(:group_id AS bigint), CAST(:lcm_group_id AS bigint)))"

    # Cohort id => digest. One query.
    def self.by_cohort(ids)
      return {} if ids.empty?
      DB.query(query(DECLARED), ids:).to_h { |row| [row.id, row.digest] }
    end

    # The digest of a cohort, also of one that was not saved.
    def self.of(cohort)
      return by_cohort([cohort.id]).fetch(cohort.id) if cohort.persisted?
      groups = { group_id: cohort.group_id, lcm_group_id: cohort.lcm_group_id }
      DB.query(query(NAMED), groups).first.digest
    end

    def self.query(cohorts)
      <<~SQL
        SELECT cohorts.id,
               MD5(COALESCE(STRING_AGG(
                 slots.slot || slots.group_id || ':' || members.user_id || ':' || members.owner::text,
                 ',' ORDER BY slots.slot, members.user_id
               ), '')) AS digest
        FROM #{cohorts} cohorts(id, group_id, lcm_group_id)
        CROSS JOIN LATERAL (VALUES ('group', cohorts.group_id), ('lcm', cohorts.lcm_group_id)) slots(slot, group_id)
        LEFT JOIN group_users members ON members.group_id = slots.group_id AND members.user_id > 0
        GROUP BY cohorts.id
      SQL
    end
    private_class_method :query
  end
end
