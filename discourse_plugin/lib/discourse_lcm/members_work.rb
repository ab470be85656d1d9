# frozen_string_literal: true

module DiscourseLcm
  # Carries a recorded change of members on, slice by slice. Each slice and the record of it are one
  # transaction, so a change that was cut off goes on where it was.
  class MembersWork
    ANNOUNCED_AT_ONCE = 100

    # One change of a cohort's members at a time.
    def self.lock(cohort_id, &)
      DistributedMutex.synchronize("discourse_lcm_members_#{cohort_id}", validity: 2.minutes, &)
    end

    def initialize(change)
      @change = change
      @cohort = change.cohort
    end

    # Works until `deadline` (monotonic seconds; nil for no end) passes. Announcing to others is
    # left for `announce`.
    def go_on(deadline: nil)
      while (slice = @change.slices.find { |candidate| candidate["do"] != "announce" })
        do_slice(slice)
        break if deadline && now >= deadline
      end
    end

    def announce
      while (slice = @change.slices.find { |candidate| candidate["do"] == "announce" })
        members_of(slice)&.announce(slice["ids"])
        put(without(slice))
      end
    end

    private

    def do_slice(slice)
      Change.transaction do
        members = members_of(slice)
        ids = members ? carry_out(members, slice) : []
        @change.done = with_done(slice, ids)
        put(without(slice) + announcements(slice, ids))
      end
    end

    def announcements(slice, ids)
      return [] if slice["do"] != "add" || GroupMembers.core_is_complete?
      ids
        .each_slice(ANNOUNCED_AT_ONCE)
        .map { |part| { "slot" => slice["slot"], "do" => "announce", "ids" => part } }
    end

    # The people whom it really changed: somebody may have been faster manually.
    def carry_out(members, slice)
      ids = still_to_do(slice)
      return ids if ids.empty?
      case slice["do"]
      when "add"
        members.add(ids)
      when "remove"
        members.remove(ids)
      when "own"
        members.make_owners(ids)
      when "disown"
        members.remove_as_owners(ids)
      end
      ids
    end

    def still_to_do(slice)
      rows = GroupUser.where(group_id: group_of(slice).id, user_id: slice["ids"]).pluck(:user_id, :owner).to_h
      case slice["do"]
      when "add"
        User.where(id: slice["ids"]).pluck(:id) - rows.keys
      when "remove"
        rows.keys
      when "own"
        rows.filter_map { |id, owner| id if !owner }
      when "disown"
        rows.filter_map { |id, owner| id if owner }
      end
    end

    def members_of(slice)
      group = group_of(slice)
      GroupMembers.new(group, @change.user || Discourse.system_user) if group
    end

    def group_of(slice)
      slice["slot"] == "group" ? @cohort.group : @cohort.lcm_group
    end

    def with_done(slice, ids)
      name = MembersPlan::REPORTED_AS.fetch(slice["do"])
      slot = @change.done.fetch(slice["slot"], {})
      @change.done.merge(slice["slot"] => slot.merge(name => slot.fetch(name, []) + ids))
    end

    def without(slice)
      @change.slices.reject { |candidate| candidate.equal?(slice) }
    end

    def put(slices)
      pending = slices.sum { |slice| slice["do"] == "announce" ? 0 : slice["ids"].size }
      @change.update!(slices:, pending:)
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
