# frozen_string_literal: true

module DiscourseLcm
  # Tells who the wanted people are on this forum, how the cohort stands and who is in its groups.
  # Writes nothing; a fixed number of queries. A cohort that is not declared yet is looked for by
  # the names given.
  class LookAtMembers
    include Service::Base

    params do
      attribute :key, :string
      attribute :people
      attribute :identity
      attribute :digest, :string
      attribute :named
      validates :key, presence: true
    end

    model :cohort
    step :compare_digests
    step :find_people

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key) || NamedCohort.at(params.key, params.named&.stringify_keys)
    end

    def compare_digests(params:, cohort:)
      digest = CohortDigest.of(cohort)
      context[:seen] = { unchanged: digest == params.digest, digest: }
    end

    def find_people(params:, cohort:, seen:)
      return if seen[:unchanged]
      outcome = Identity.new(params.people, order: params.identity || Identity::KINDS).outcome
      context[:seen] = seen.merge(
        outcome.to_h,
        cohort: CohortStates.new([cohort]).to_a.first,
        members: members_of(cohort.group_id),
        lcm_members: members_of(cohort.lcm_group_id),
      )
    end

    def members_of(group_id)
      DB.query_hash(<<~SQL, group_id:)
        SELECT users.id, users.username, COALESCE(users.name, '') AS name, members.owner,
               members.created_at AS joined_at
        FROM group_users members JOIN users ON users.id = members.user_id
        WHERE members.group_id = :group_id AND users.id > 0
        ORDER BY users.id
      SQL
    end
  end
end
