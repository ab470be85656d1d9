# frozen_string_literal: true

module DiscourseLcm
  # This week of a cohort as one of its people sees it: the contract's Box.
  class BoxPresenter
    def initialize(cohort, guardian, now: Time.zone.now)
      @cohort = cohort
      @guardian = guardian
      @now = now
    end

    def to_h
      {
        cohort: @cohort.name,
        week: CohortClock.new(@cohort, now: @now).week,
        prompt: item(prompts.first),
        assignment: item(coming("assignment").first),
        commitment: item(posted("commitment").max_by { |entry| entry["at"] }),
        session: item(coming("session").first),
        partners:,
        desk_url: @guardian.can_lead_cohort?(@cohort) ? @cohort.desk_url : nil,
      }
    end

    private

    def prompts
      posted("prompt").sort_by { |entry| entry["at"] }.reverse
    end

    # What is due or begins next, of what is not over.
    def coming(play)
      posted(play)
        .select { |entry| entry["due"] && Timestamps.read(entry["due"]) > @now }
        .sort_by { |entry| Timestamps.read(entry["due"]) }
    end

    def posted(play)
      calendar.select { |entry| entry["play"] == play && topics.key?(entry["topic_id"]) }
    end

    def calendar
      @calendar ||= @cohort.calendar.select { |entry| entry["state"] == "done" && entry["topic_id"] }
    end

    def topics
      @topics ||=
        Topic
          .where(id: @guardian.can_see_topic_ids(topic_ids: calendar.map { |entry| entry["topic_id"] }))
          .index_by(&:id)
    end

    def item(entry)
      return if entry.nil?
      topic = topics.fetch(entry["topic_id"])
      {
        title: title_of(topic),
        url: Links.topic(topic.id, topic.slug),
        due: entry["due"],
        answered: answered_ids.include?(topic.id),
      }
    end

    # In the reader's language where the topic has a translation and the site shows translations.
    def title_of(topic)
      return topic.title if !defined?(ContentLocalization)
      return topic.title if !ContentLocalization.show_translated_topic?(topic, @guardian)
      topic.get_localization&.title.presence || topic.title
    end

    def answered_ids
      @answered_ids ||=
        Post
          .where(topic_id: topics.keys, user_id: @guardian.user.id, post_type: Post.types[:regular])
          .distinct
          .pluck(:topic_id)
          .to_set
    end

    def partners
      paired = Learner.where(cohort: @cohort, user_id: @guardian.user.id).pick(:partner_ids) || []
      return [] if paired.empty?
      ids = paired & GroupUser.where(group_id: @cohort.group_id, user_id: paired).pluck(:user_id)
      cards = UserCards.new(ids)
      ids.filter_map { |id| cards[id] }
    end
  end
end
