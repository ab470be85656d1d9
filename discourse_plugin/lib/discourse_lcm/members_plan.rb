# frozen_string_literal: true

module DiscourseLcm
  # What of a wanted change to a group's members would have an effect, and what is passed over and
  # why.
  class MembersPlan
    SIZE = { "add" => 1.0, "remove" => 0.1, "own" => 1.0, "disown" => 1.0 }.freeze
    REPORTED_AS = {
      "add" => "added",
      "remove" => "removed",
      "own" => "owners_added",
      "disown" => "owners_removed",
    }.freeze

    attr_reader :skipped

    def initialize(slot, group, wanted)
      @slot = slot
      @group = group
      @wanted = wanted || {}
      @skipped = []
      read
    end

    # The user ids by what is done with them: "add", "own", "disown", "remove", in the order in
    # which it is done.
    def effective
      @effective ||= { "add" => to_add, "own" => to_own, "disown" => to_disown, "remove" => to_remove }
    end

    # Pieces of work that are done as a whole; removals are smaller, as each takes longer.
    def slices(size)
      effective.flat_map do |action, ids|
        ids
          .each_slice([(size * SIZE.fetch(action)).to_i, 1].max)
          .map { |part| { "slot" => @slot, "do" => action, "ids" => part } }
      end
    end

    def report
      effective.to_h { |action, ids| [REPORTED_AS.fetch(action), ids] }
    end

    private

    def list(name)
      (@wanted[name] || []).uniq
    end

    def read
      ids = %w[add remove add_owners remove_owners].flat_map { |name| list(name) }.uniq
      @existing = DB.query_single(<<~SQL, ids:).to_set if ids.present?
        SELECT id FROM users WHERE id = ANY(ARRAY[:ids]::bigint[]) AND id > 0
      SQL
      @existing ||= Set.new
      @members = @group ? GroupUser.where(group_id: @group.id).pluck(:user_id, :owner).to_h : {}
    end

    def to_add
      keep(list("add")) { |id| @members.key?(id) ? "already_member" : nil }
    end

    def to_remove
      keep(list("remove")) { |id| @members.key?(id) ? nil : "not_member" }
    end

    def to_own
      joining = list("add").to_set
      keep(list("add_owners")) do |id|
        next "already_owner" if @members[id]
        "not_member" if !@members.key?(id) && !joining.include?(id)
      end
    end

    def to_disown
      keep(list("remove_owners")) { |id| @members[id] ? nil : "not_owner" }
    end

    def keep(ids)
      ids.select do |id|
        reason = @existing.include?(id) ? yield(id) : "unknown_user"
        @skipped << { "user_id" => id, "reason" => reason } if reason
        reason.nil?
      end
    end
  end
end
