# frozen_string_literal: true

module DiscourseLcm
  # Edits, approves or rejects a pending draft. The first decision counts.
  class DecideDraft
    include Service::Base
    include Refusing
    include OnDesk

    DECISIONS = %w[edit approve reject].freeze

    params do
      attribute :key, :string
      attribute :draft_key, :string
      attribute :decision, :string
      attribute :title, :string
      attribute :raw, :string
      attribute :reason, :string

      validates :key, :draft_key, presence: true
      validates :decision, inclusion: DECISIONS
      validates :title, length: { maximum: 255 }
      validates :raw, length: { maximum: 32_000 }
      validates :raw, presence: true, if: -> { decision == "edit" }
      validates :reason, length: { maximum: 500 }
      validates :reason, presence: true, if: -> { decision == "reject" }
    end

    model :cohort
    policy :can_lead_cohort
    transaction do
      model :draft
      step :refuse_decided
      step :decide
      step :record
    end
    step :tell

    private

    def fetch_draft(params:, cohort:)
      cohort.drafts.lock.find_by(key: params.draft_key)
    end

    def refuse_decided(draft:)
      refuse!(:draft_decided, status: 409) if !draft.pending?
    end

    def decide(params:, draft:, guardian:)
      if params.decision != "reject"
        draft.edited_title = params.title if params.title.present? && params.title != draft.title
        draft.edited_raw = params.raw if params.raw.present? && params.raw != draft.raw
        draft.cook if !draft.cooked_fresh?
      end
      if params.decision != "edit"
        draft.assign_attributes(
          state: params.decision == "approve" ? "approved" : "rejected",
          decided_by_id: guardian.user.id,
          decided_at: Time.zone.now,
          decision_reason: params.reason.presence,
        )
      end
      draft.save!
    end

    def record(params:, cohort:, draft:, guardian:)
      case params.decision
      when "approve"
        data = { title: draft.current_title, raw: draft.current_raw }
        Decision.record!(kind: "approve_draft", subject: draft.key, data:, cohort:, by: guardian.user)
      when "reject"
        data = { reason: params.reason }
        Decision.record!(kind: "reject_draft", subject: draft.key, data:, cohort:, by: guardian.user)
      end
    end

    def tell(cohort:, draft:, guardian:)
      Live.desk(cohort, :drafts)
      row = DeskRows.new(cohort, guardian).draft(draft.key)
      context[:row] = DraftPresenter.new(row, UserCards.new([row.decided_by_id])).to_h
    end
  end
end
