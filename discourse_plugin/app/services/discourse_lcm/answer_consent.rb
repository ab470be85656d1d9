# frozen_string_literal: true

module DiscourseLcm
  # An author's answer to being shown as a story, in every cohort where it was asked for. It may
  # change at any time.
  class AnswerConsent
    include Service::Base

    params do
      attribute :post_id, :integer
      attribute :answer, :string

      validates :post_id, presence: true
      validates :answer, inclusion: %w[yes no]
    end

    transaction do
      model :stories
      step :answer
    end
    step :tell

    private

    def fetch_stories(params:, guardian:)
      Story
        .with_consent_asked
        .where(post_id: params.post_id, user_id: guardian.user.id)
        .includes(:cohort, post: :topic)
        .lock
        .to_a
    end

    def answer(params:, stories:, guardian:)
      stories.each do |story|
        changed = story.consent != params.answer
        story.update!(
          consent: params.answer,
          consent_answered_at: Time.zone.now,
          state: state_after(story, params.answer),
        )
        record(story, guardian.user) if changed
      end
    end

    def state_after(story, answer)
      return "declined" if answer == "no" && story.state != "set_aside"
      story.state.in?(%w[asked declined candidate]) ? "agreed" : story.state
    end

    def record(story, user)
      Decision.record!(
        kind: "consent",
        subject: story.post_id,
        data: { answer: story.consent },
        cohort: story.cohort,
        by: user,
      )
    end

    def tell(stories:, guardian:)
      stories.each { |story| Live.desk(story.cohort, :stories) }
      context[:consent] = ConsentPresenter.new(stories.first, guardian).to_h
    end
  end
end
