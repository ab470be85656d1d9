# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Happenings, type: :request do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, user: learner) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

  before do
    freeze_time Time.utc(2026, 11, 25, 12)
    @happened = []
    @follow = described_class::NAMES.to_h { |name| [name, ->(cohort, subject, _) { @happened << [name, cohort.key, subject] }] }
    @follow.each { |name, block| DiscourseEvent.on(name, &block) }
  end

  after { @follow.each { |name, block| DiscourseEvent.off(name, &block) } }

  def names
    @happened.map(&:first).tap { @happened.clear }
  end

  def publish(at, **sections)
    worker(:put, "/lcm/cohorts/spring-27/desk.json", { as_of: at.iso8601, **sections })
    expect(response).to keep_contract("publishDesk", 200)
    expect(json["refused"]).to be_empty
  end

  def figures
    %i[posts replies_given replies_received likes_given likes_received].to_h { |name| [name, 0] }
  end

  def desk(quiet: true, state: "published")
    {
      learners: [{ user_id: learner.id, weeks: [0, 0, 0, 0], needs_hand: quiet, reasons: quiet ? [{ text: "quiet" }] : [], **figures }],
      drafts: [{ key: "d1", kind: "topic", title: "Hi", raw: "Hello", reason: "due", created_at: Time.zone.now.iso8601 }],
      stories: [{ post_id: learner_post.id, title: "It worked", evidence: [{ text: "new" }], state: }],
      blockers: [{ topic_id: topic.id, question: "How?", since: 2.days.ago.iso8601 }],
    }
  end

  it "tells what a publication changes, once" do
    publish(1.hour.ago)
    publish(30.minutes.ago, **desk)
    expect(names).to eq(%i[lcm_learner_quiet lcm_draft_waiting lcm_story_told lcm_blocker_opened])
    publish(20.minutes.ago, **desk)
    expect(names).to be_empty
    publish(10.minutes.ago, **desk(quiet: false))
    publish(5.minutes.ago, **desk)
    expect(names).to eq(%i[lcm_learner_quiet])
  end

  it "tells nothing of what a first publication finds there" do
    publish(1.hour.ago, **desk)

    expect(names).to be_empty
  end

  it "tells nobody of learners whose sign was put aside, or who left" do
    publish(1.hour.ago)
    DiscourseLcm::Attention.create!(cohort:, user: learner, by: lcm, action: "snooze", until: 3.days.from_now)
    publish(40.minutes.ago, learners: desk[:learners])
    DiscourseLcm::Attention.delete_all
    publish(30.minutes.ago, learners: desk(quiet: false)[:learners])
    group.remove(learner)
    publish(20.minutes.ago, learners: desk[:learners])

    expect(names).to be_empty
  end

  it "asks the database nothing where nobody follows" do
    publish(1.hour.ago)
    @follow.each { |name, block| DiscourseEvent.off(name, &block) }
    cohort.reload
    looked = track_sql_queries { DiscourseLcm::DeskNews.new(cohort, %i[learners drafts stories blockers]).tell }

    expect(looked).to be_empty
  end

  it "goes on where one who follows fails" do
    fail_always = ->(*) { raise "a broken workflow" }
    DiscourseEvent.on(:lcm_draft_waiting, &fail_always)
    publish(1.hour.ago)
    publish(30.minutes.ago, **desk)

    expect(names).to include(:lcm_blocker_opened)
  ensure
    DiscourseEvent.off(:lcm_draft_waiting, &fail_always)
  end

  it "tells of a blocker that an LCM marks or opens again" do
    sign_in(lcm)
    put "/lcm/topics/#{topic.id}/blocker.json"
    put "/lcm/topics/#{topic.id}/blocker.json", params: { note: "still" }
    expect(names).to eq(%i[lcm_blocker_opened])
    put "/lcm/desk/spring-27/blockers/#{topic.id}.json", params: { state: "solved" }
    put "/lcm/desk/spring-27/blockers/#{topic.id}.json", params: { state: "open" }
    expect(names).to eq(%i[lcm_blocker_opened])
  end

  describe "the start of a cohort" do
    def look
      Jobs::DiscourseLcm::StartCohorts.new.execute({})
      @happened.map { |name, key, _| [name, key] }.tap { @happened.clear }
    end

    before { other_cohort.update!(start_told_at: Time.zone.now) }

    it "is told once, on its first day by its own clock" do
      cohort.update!(start_on: Date.new(2026, 11, 26), timezone: "Pacific/Auckland")
      freeze_time Time.utc(2026, 11, 25, 10, 59)
      expect(look).to be_empty
      freeze_time Time.utc(2026, 11, 25, 11)
      expect(look).to eq([[:lcm_cohort_started, "spring-27"]])
      expect(look).to be_empty
    end

    it "waits for a pause to end, and for the days that the calendar is shifted" do
      cohort.update!(start_on: Date.new(2026, 11, 24), paused: true)
      expect(look).to be_empty
      cohort.update!(paused: false, shift_days: 2)
      expect(look).to be_empty
      freeze_time Time.utc(2026, 11, 26, 12)
      expect(look).to eq([[:lcm_cohort_started, "spring-27"]])
    end

    it "is not told where it is long past" do
      cohort.update!(start_on: Date.new(2026, 11, 2))
      expect(look).to be_empty
      expect(cohort.reload.start_told_at).to be_present
    end

    it "is not told while the plugin is off" do
      cohort.update!(start_on: Date.new(2026, 11, 25))
      SiteSetting.lcm_enabled = false
      expect(look).to be_empty
    end
  end
end
