# frozen_string_literal: true

module DiscourseLcm
  # Gives a blocker an owner, or says that it is solved or open again.
  class DecideBlocker
    include Service::Base
    include Refusing
    include OnDesk

    params do
      attribute :key, :string
      attribute :topic_id, :integer
      attribute :state, :string
      attribute :owner, :string
      attribute :owner_given, :boolean, default: false

      validates :key, :topic_id, presence: true
      validates :state, inclusion: %w[open solved], allow_nil: true
      validates :owner, length: { maximum: 60 }
      validate :says_something

      def says_something
        return if state || owner_given
        errors.add(:base, I18n.t("discourse_lcm.errors.nothing_to_do"))
      end
    end

    model :cohort
    policy :can_lead_cohort
    model :blocker
    step :find_owner
    transaction do
      step :decide
      step :record
    end
    step :tell

    private

    def fetch_blocker(params:, cohort:, guardian:)
      DeskRows.new(cohort, guardian).blocker(params.topic_id)
    end

    def find_owner(params:, cohort:)
      context[:owner] = nil
      return if params.owner.blank?
      owner = User.find_by_username(params.owner)
      groups = [cohort.group_id, cohort.lcm_group_id]
      known = owner && GroupUser.exists?(user_id: owner.id, group_id: groups)
      refuse!(:owner_not_in_cohort, status: 400, username: params.owner) if !known
      context[:owner] = owner
    end

    def decide(params:, blocker:, guardian:)
      now = Time.zone.now
      blocker.assign_attributes(owner_id: context[:owner]&.id, owned_at: now) if params.owner_given
      if params.state && params.state != blocker.state
        solved = params.state == "solved"
        blocker.assign_attributes(
          state: params.state,
          stated_at: now,
          solved_at: solved ? now : nil,
          solved_by_id: solved ? guardian.user.id : nil,
        )
      end
      context[:changed] = blocker.changed
      blocker.save!
    end

    def record(cohort:, blocker:, guardian:, changed:)
      common = { subject: blocker.topic_id, cohort:, by: guardian.user }
      if changed.include?("owner_id")
        Decision.record!(kind: "own_blocker", data: { owner: context[:owner]&.username }, **common)
      end
      if changed.include?("state")
        kind = blocker.state == "solved" ? "solve_blocker" : "open_blocker"
        Decision.record!(kind:, **common)
      end
    end

    def tell(cohort:, blocker:, guardian:, changed:)
      Live.desk(cohort, :blockers)
      Happenings.tell(:lcm_blocker_opened, cohort, blocker) if changed.include?("state") && blocker.state == "open"
      row = DeskRows.new(cohort, guardian).blocker(blocker.topic_id)
      cards = UserCards.new([row.owner_id, row.marked_by_id, row.topic_user_id])
      context[:row] = BlockerPresenter.new(row, cards).to_h
    end
  end
end
