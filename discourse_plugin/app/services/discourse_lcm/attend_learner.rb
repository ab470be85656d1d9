# frozen_string_literal: true

module DiscourseLcm
  # Puts the sign that a learner needs a hand aside until a day or for good, or takes that back.
  class AttendLearner
    include Service::Base
    include OnDesk

    ACTIONS = %w[snooze dismiss restore].freeze
    LONGEST_SNOOZE = 90.days

    params do
      attribute :key, :string
      attribute :user_id, :integer
      attribute :action, :string
      attribute :until, :datetime
      attribute :reason, :string

      validates :key, :user_id, presence: true
      validates :action, inclusion: ACTIONS
      validates :until,
                presence: true,
                comparison: {
                  greater_than: -> { Time.zone.now },
                  less_than_or_equal_to: -> { LONGEST_SNOOZE.from_now },
                },
                if: -> { action == "snooze" }
      validates :reason, length: { maximum: 500 }
      validates :reason, presence: true, if: -> { action == "dismiss" }
    end

    model :cohort
    policy :can_lead_cohort
    model :learner
    transaction do
      step :attend
      step :record
    end
    step :tell

    private

    def fetch_learner(params:, cohort:, guardian:)
      DeskRows.new(cohort, guardian).learner(params.user_id)
    end

    def attend(params:, cohort:, guardian:)
      attention = Attention.find_or_initialize_by(cohort:, user_id: params.user_id)
      if params.action == "restore"
        attention.destroy! if attention.persisted?
      else
        attention.update!(
          action: params.action,
          until: params.action == "snooze" ? params.until : nil,
          reason: params.reason.presence,
          by: guardian.user,
        )
      end
    end

    def record(params:, cohort:, guardian:)
      data = { until: Timestamps.write(params.until), reason: params.reason.presence }
      data = {} if params.action == "restore"
      Decision.record!(
        kind: "#{params.action}_learner",
        subject: params.user_id,
        data:,
        cohort:,
        by: guardian.user,
      )
    end

    def tell(params:, cohort:, guardian:)
      Live.desk(cohort, :learners)
      row = DeskRows.new(cohort, guardian).learner(params.user_id)
      cards = UserCards.new([row.user_id, row.attention_by_id, *row.partner_ids])
      context[:row] = LearnerPresenter.new(row, cards).to_h
    end
  end
end
