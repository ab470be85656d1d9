# frozen_string_literal: true

module DiscourseLcm
  # A story as its author sees the question about it: the contract's Consent.
  class ConsentPresenter
    # What a user was asked, newest first; posts that are gone are left out.
    def self.all_of(user)
      guardian = user.guardian
      Story
        .with_consent_asked
        .where(user_id: user.id)
        .includes(post: :topic)
        .order(id: :desc)
        .to_a
        .uniq(&:post_id)
        .select { |story| story.post&.topic }
        .map { |story| new(story, guardian).to_h }
    end

    def initialize(story, guardian)
      @story = story
      @guardian = guardian
    end

    def to_h
      post = @story.post
      {
        post_id: @story.post_id,
        url: Links.post(post.topic_id, slug(post.topic), post.post_number),
        title: @story.title,
        answer: @story.consent,
      }
    end

    private

    # A slug repeats the title, which may have changed since its author may not read the topic any more.
    def slug(topic)
      topic.slug if @guardian.can_see_topic?(topic)
    end
  end
end
