# frozen_string_literal: true

module DiscourseLcm
  # Adds and removes members and owners of a cohort's groups, exactly those that are named; a
  # change's key does it once.
  class ChangeMembers
    include Service::Base
    include Refusing

    SLOTS = %w[group lcm_group].freeze

    params do
      attribute :key, :string
      attribute :change, :string
      attribute :expect, :string
      attribute :dry_run, :boolean, default: false
      attribute :wait, :float, default: 10.0
      attribute :group
      attribute :lcm_group

      validates :key, presence: true
      validates :change, presence: true
    end

    model :cohort
    step :start_watch
    step :carry_out

    private

    def fetch_cohort(params:)
      Cohort.find_by(key: params.key)
    end

    def start_watch
      context[:started_at] = now
    end

    def carry_out(params:, cohort:, started_at:, guardian:)
      answer =
        if params.dry_run
          rehearse(params, cohort)
        else
          MembersWork.lock(cohort.id) { change(params, cohort, guardian.user, started_at + params.wait) }
        end
      context[:changed] = answer.merge(
        change: params.change,
        dry_run: params.dry_run,
        digest: CohortDigest.of(cohort),
        seconds: (now - started_at).round(3),
      )
    end

    def rehearse(params, cohort)
      refuse_unexpected(params, cohort)
      plans = plans_for(params, cohort)
      report(plans.transform_values(&:report), plans.transform_values(&:skipped), pending: 0)
    end

    def change(params, cohort, user, deadline)
      record = earlier(params, cohort) || start(params, cohort, user)
      MembersWork.new(record).go_on(deadline:)
      Jobs.enqueue(Jobs::DiscourseLcm::ChangeMembers, change_id: record.id) if record.slices.present?
      report(record.done, record.skipped, pending: record.pending)
    end

    # A change that was done and taken back since is done again for a caller who saw the members as they are now.
    def earlier(params, cohort)
      record = Change.find_by(cohort:, change: params.change)
      return record if record.nil? || record.pending > 0 || params.expect != CohortDigest.of(cohort)
      record.destroy!
      nil
    end

    def start(params, cohort, user)
      refuse_unexpected(params, cohort)
      plans = plans_for(params, cohort)
      slices = plans.values.flat_map { |plan| plan.slices(SiteSetting.lcm_members_slice) }
      Change.create!(
        cohort:,
        change: params.change,
        user:,
        slices:,
        skipped: plans.transform_values(&:skipped),
        pending: slices.sum { |slice| slice["ids"].size },
      )
    end

    def plans_for(params, cohort)
      SLOTS.index_with { |slot| MembersPlan.new(slot, cohort.public_send(slot), params.public_send(slot)) }
    end

    def refuse_unexpected(params, cohort)
      return if params.expect.blank? || params.expect == CohortDigest.of(cohort)
      refuse!(:members_changed, status: 409)
    end

    def report(done, skipped, pending:)
      nothing = MembersPlan::REPORTED_AS.values.index_with { [] }
      SLOTS
        .to_h { |slot| [slot.to_sym, nothing.merge(done.fetch(slot, {}), "skipped" => skipped.fetch(slot, []))] }
        .merge(pending:)
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
