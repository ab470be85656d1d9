# frozen_string_literal: true

module DiscourseLcm
  # The whole desk of a cohort as the contract describes it and its reader may see it, in twelve queries
  # whatever the cohort's size.
  class DeskPresenter
    def initialize(cohort, guardian, now: Time.zone.now)
      @cohort = cohort
      @guardian = guardian
      @now = now
    end

    def to_h
      @rows = DeskRows.new(@cohort, @guardian)
      @cards = UserCards.new(@rows.user_ids)
      learners = @rows.learners.map { |row| LearnerPresenter.new(row, @cards, now: @now).to_h }
      {
        cohort: heading,
        as_of: Timestamps.write(@cohort.as_of),
        counters: counters(learners),
        calendar: @rows.calendar,
        learners:,
        drafts: DraftCooking.new(@rows.drafts).cooked.map { |draft| DraftPresenter.new(draft, @cards).to_h },
        blockers: @rows.blockers.map { |row| BlockerPresenter.new(row, @cards, now: @now).to_h },
        stories: @rows.stories.map { |row| StoryPresenter.new(row, @cards).to_h },
        practices: @rows.practices.map { |row| PracticePresenter.new(row, @cards).to_h },
        notes: @cohort.notes,
        lcms: @rows.lcm_ids.filter_map { |id| @cards[id] }.sort_by { |card| card[:username] },
      }
    end

    private

    def heading
      {
        key: @cohort.key,
        name: @cohort.name,
        start: @cohort.start_on.iso8601,
        end: @cohort.end_on.iso8601,
        timezone: @cohort.timezone,
        group_name: @rows.group_name,
        category_url: @rows.category_url,
      }
    end

    def counters(learners)
      {
        learners: learners.size,
        active_this_week: learners.count { |learner| learner[:weeks].last.to_i > 0 },
        posts_this_week: learners.sum { |learner| learner[:weeks].last.to_i },
        need_a_hand: learners.count { |learner| learner[:needs_hand] },
        drafts_pending: @rows.drafts.count(&:pending?),
        blockers_open: @rows.blockers.count { |row| row.state == "open" },
        stories_waiting: @rows.stories.count { |row| row.state.in?(%w[candidate agreed]) },
      }
    end
  end
end
