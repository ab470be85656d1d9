# frozen_string_literal: true

module DiscourseLcm
  # Asks an author's consent, spotlights a story whose author agreed, sets a candidate aside or
  # takes that back.
  class DecideStory
    include Service::Base
    include Refusing
    include OnDesk

    KINDS = {
      "ask_consent" => "ask_consent",
      "spotlight" => "spotlight",
      "set_aside" => "set_aside_story",
      "restore" => "restore_story",
    }.freeze

    params do
      attribute :key, :string
      attribute :post_id, :integer
      attribute :action, :string

      validates :key, :post_id, presence: true
      validates :action, inclusion: KINDS.keys
    end

    model :cohort
    policy :can_lead_cohort
    transaction do
      model :story
      step :decide
      step :record
    end
    step :tell

    private

    def fetch_story(params:, cohort:, guardian:)
      story = cohort.stories.lock.find_by(post_id: params.post_id)
      story if story && DeskRows.new(cohort, guardian).story(params.post_id)
    end

    def decide(params:, story:)
      case params.action
      when "ask_consent"
        refuse!(:consent_asked_already) if story.consent != "not_asked"
        story.assign_attributes(consent: "asked", state: "asked", consent_asked_at: Time.zone.now)
      when "spotlight"
        refuse!(:no_consent) if story.consent != "yes"
        refuse!(:story_shown_already) if story.state.in?(%w[spotlighted published])
        story.state = "spotlighted"
      when "set_aside"
        refuse!(:story_shown_already) if story.state == "published"
        story.state = "set_aside"
      when "restore"
        refuse!(:story_not_set_aside) if story.state != "set_aside"
        story.state = story.state_by_consent
      end
      story.save!
    end

    def record(params:, cohort:, story:, guardian:)
      Decision.record!(
        kind: KINDS.fetch(params.action),
        subject: story.post_id,
        data: { consent: story.consent },
        cohort:,
        by: guardian.user,
      )
    end

    def tell(cohort:, story:, guardian:)
      Live.desk(cohort, :stories)
      row = DeskRows.new(cohort, guardian).story(story.post_id)
      context[:row] = StoryPresenter.new(row, UserCards.new([row.post_user_id])).to_h
    end
  end
end
