# frozen_string_literal: true

module DiscourseLcm
  # What a publication changes on a desk that others follow: who fell quiet, what waits, what was told, what blocks.
  # The first publication of a cohort tells nothing: what it finds is not news.
  class DeskNews
    NAMES = {
      learners: :lcm_learner_quiet,
      drafts: :lcm_draft_waiting,
      stories: :lcm_story_told,
      blockers: :lcm_blocker_opened,
    }.freeze

    # To be made before the publication; costs nothing where nobody follows.
    def initialize(cohort, sections)
      @cohort = cohort
      followed = NAMES.slice(*sections).select { |_, name| Happenings.followed?(name) }
      @before = cohort.as_of.nil? ? {} : followed.to_h { |section, _| [section, scope(section).pluck(:id)] }
    end

    def tell
      @before.each do |section, known|
        scope(section).where.not(id: known).order(:id).each do |row|
          Happenings.tell(NAMES.fetch(section), @cohort, row)
        end
      end
    end

    private

    def scope(section)
      case section
      when :learners
        quiet_learners
      when :drafts
        @cohort.drafts.pending
      when :stories
        @cohort.stories.where(state: "published")
      when :blockers
        @cohort.blockers.where(state: "open")
      end
    end

    # Without those whose sign an LCM put aside, and those who left.
    def quiet_learners
      now = Time.zone.now
      attentions = Attention.where(cohort: @cohort)
      aside = attentions.where(action: "dismiss").or(attentions.where(action: "snooze", until: now..))
      members = GroupUser.where(group_id: @cohort.group_id).select(:user_id)
      @cohort.learners.where(needs_hand: true, user_id: members).where.not(user_id: aside.select(:user_id))
    end
  end
end
