# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe Jobs::DiscourseLcm::CleanUp do
  include_context "with a cohort"

  def clean_up
    described_class.new.execute({})
  end

  it "lets go of what is older than the site keeps, and of nothing else" do
    old, recent = 400.days.ago, 300.days.ago
    [old, recent].each do |time|
      freeze_time(time) { DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:) }
      Fabricate(:lcm_draft, cohort:, state: "rejected", decided_at: time)
      Fabricate(:lcm_blocker, cohort:, state: "solved", solved_at: time)
      run = Fabricate(:lcm_run, created_at: time)
      DiscourseLcm::RunLine.create!(run:, number: 1, at: time, level: "info", text: "x")
    end
    Fabricate(:lcm_draft, cohort:, created_at: old)
    Fabricate(:lcm_blocker, cohort:, since: old)

    clean_up

    models = [DiscourseLcm::Decision, DiscourseLcm::Draft, DiscourseLcm::Blocker, DiscourseLcm::Run, DiscourseLcm::RunLine]
    expect(models.map(&:count)).to eq([1, 2, 2, 1, 1])
  end

  describe "of what people said about themselves" do
    fab!(:topic) { Fabricate(:topic, category:) }
    fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

    def choose(days, by, quoting, **more)
      data = { nudges: true, quoting:, pairing: true, **more }
      freeze_time(days.days.ago) { DiscourseLcm::Decision.record!(kind: "preference", subject: by.id, by:, data:) }
    end

    def answer(days, of_cohort, answer)
      freeze_time(days.days.ago) do
        DiscourseLcm::Decision.record!(
          kind: "consent",
          subject: learner_post.id,
          by: learner,
          cohort: of_cohort,
          data: { answer: },
        )
      end
    end

    it "keeps each person's last choice, however old, so that a worker that begins anew hears of it" do
      replaced = choose(900, learner, true)
      last = choose(800, learner, false)
      other = choose(700, other_learner, false)
      changed = choose(600, lcm, false)
      recent = choose(10, lcm, true)

      clean_up

      expect(DiscourseLcm::Decision.order(:id).to_a).to eq([last, other, recent])
      expect(DiscourseLcm::Decision.where(id: [replaced, changed])).to be_empty
    end

    it "keeps what each person last said of each choice, which a later decision about another one does not say" do
      choose(920, learner, true, nudges: false)
      choose(910, learner, true, nudges: false, changed: ["quoting"])
      quoting = choose(900, learner, false, nudges: false, changed: ["quoting"])
      choose(890, learner, false, pairing: false, changed: %w[nudges pairing])
      pairing = choose(880, learner, false, changed: ["pairing"])
      nudges = choose(870, learner, false, nudges: false, changed: ["nudges"])
      older_plugin = choose(860, other_learner, false)
      after = choose(850, other_learner, false, nudges: false, changed: ["nudges"])

      clean_up

      expect(DiscourseLcm::Decision.order(:id).to_a).to eq([quoting, pairing, nudges, older_plugin, after])
    end

    it "keeps an author's last answer about each post in each cohort, however old" do
      elsewhere = Fabricate(:lcm_cohort)
      answer(900, cohort, "yes")
      withdrawn = answer(800, cohort, "no")
      given = answer(700, elsewhere, "yes")

      clean_up

      expect(DiscourseLcm::Decision.order(:id).to_a).to eq([withdrawn, given])
    end

    it "lets go of it with the account" do
      choose(800, learner, false)
      answer(800, cohort, "no")
      clean_up

      UserDestroyer.new(admin).destroy(learner, delete_posts: true)

      expect(DiscourseLcm::Decision.count).to eq(0)
    end

    it "finds it in one statement, however many people there are" do
      choose(800, learner, false)
      statements = -> { track_sql_queries { clean_up }.grep(/discourse_lcm_decisions/) }
      expect(statements.call.size).to eq(1)
    end
  end

  it "goes on with changes of members that were left lying" do
    slices = [{ slot: "group", do: "announce", ids: [lcm.id] }]
    change = DiscourseLcm::Change.create!(cohort:, change: "c1", user: admin, slices:, updated_at: 1.hour.ago)
    DiscourseLcm::Change.create!(cohort:, change: "c2", user: admin, slices:)

    expect_enqueued_with(job: Jobs::DiscourseLcm::ChangeMembers, args: { change_id: change.id }) { clean_up }
    expect(Jobs::DiscourseLcm::ChangeMembers.jobs.size).to eq(1)
  end

  it "does nothing while the plugin is off" do
    freeze_time(400.days.ago) { DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:) }
    SiteSetting.lcm_enabled = false

    expect { clean_up }.not_to change { DiscourseLcm::Decision.count }
  end

  it "lets go of workers that were not heard of for a week, but of the last one never" do
    add = ->(name, at) { DiscourseLcm::Worker.create!(name:, version: "1", last_seen_at: at) }
    add.call("old", 8.days.ago)
    add.call("older", 9.days.ago)

    described_class.new.execute({})
    expect(DiscourseLcm::Worker.pluck(:name)).to eq(["old"])

    add.call("new", 1.minute.ago)
    described_class.new.execute({})
    expect(DiscourseLcm::Worker.pluck(:name)).to eq(["new"])
  end
end
