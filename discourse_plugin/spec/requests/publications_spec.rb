# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "what the worker publishes" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

  def publish(as_of: "2026-11-25T12:00:00Z", **sections)
    worker(:put, "/lcm/cohorts/spring-27/desk.json", { as_of:, **sections })
    expect(response).to keep_contract("publishDesk", 200)
    json
  end

  def learner_row(user = learner, **more)
    {
      user_id: user.id,
      weeks: [1, 0, 2, 3],
      posts: 6,
      replies_given: 2,
      replies_received: 1,
      likes_given: 0,
      likes_received: 4,
      **more,
    }
  end

  def draft_row(key = "d1", **more)
    { key:, kind: "message", raw: "Hello **Tomas**.", reason: "Seven quiet days.", created_at: "2026-11-25T11:00:00Z", **more }
  end

  def story_row(**more)
    { post_id: learner_post.id, title: "Asking first", evidence: [{ text: "three people tried it" }], **more }
  end

  describe "a desk" do
    it "replaces the sections that are given and leaves the others" do
      publish(learners: [learner_row, learner_row(other_learner)], drafts: [draft_row])
      answer = publish(as_of: "2026-11-25T13:00:00Z", learners: [learner_row(posts: 7)])

      expect(answer["counts"]).to eq("learners" => 1)
      expect(DiscourseLcm::Learner.where(cohort:).pluck(:user_id, :posts)).to eq([[learner.id, 7]])
      expect(DiscourseLcm::Draft.where(cohort:).pluck(:key)).to eq(["d1"])
    end

    it "refuses rows one by one, saying which and why" do
      answer =
        publish(
          learners: [learner_row, learner_row(weeks: [1]), learner_row, learner_row.merge(user_id: 99_999_999)],
          stories: [story_row, story_row(post_id: 99_999_999)],
          blockers: [{ topic_id: 99_999_999, question: "Who?", since: "2026-11-20T08:00:00Z" }],
          practices: [story_row(post_id: 99_999_999)],
          calendar: [{ at: "soon", step: "welcome", play: "topic", title: "Welcome", state: "done" }],
        )

      expect(answer["counts"]).to eq(
        "learners" => 1,
        "stories" => 1,
        "blockers" => 0,
        "practices" => 0,
        "calendar" => 0,
      )
      expect(answer["refused"].map { |row| row["section"] }.tally).to eq(
        "learners" => 3,
        "stories" => 1,
        "blockers" => 1,
        "practices" => 1,
        "calendar" => 1,
      )
      expect(answer["refused"].map { |row| row["reason"] }.join).to include("/weeks", "twice", "no such account")
    end

    it "refuses a publication that is older than the one before" do
      publish
      worker(:put, "/lcm/cohorts/spring-27/desk.json", { as_of: "2026-11-25T11:59:59Z", learners: [learner_row] })

      expect(response).to keep_contract("publishDesk", 422)
      expect(DiscourseLcm::Learner.count).to eq(0)
    end

    it "refuses longer lists than the contract's" do
      worker(
        :put,
        "/lcm/cohorts/spring-27/desk.json",
        { as_of: "2026-11-25T12:00:00Z", stories: Array.new(201) { story_row } },
      )

      expect(response).to keep_contract("publishDesk", 400)
      expect(json["errors"].first).to include("at most 200")
    end

    it "tells open desks which sections are new" do
      messages = MessageBus.track_publish("/lcm/desk/spring-27") { publish(learners: [learner_row], drafts: []) }

      expect(messages.map(&:data)).to eq([{ sections: %i[learners drafts] }])
      expect(messages.first.group_ids).to eq([lcm_group.id, Group::AUTO_GROUPS[:staff]])
    end

    it "takes the same number of statements for many learners as for one" do
      many = Array.new(30) { learner_row(Fabricate(:user)) }
      publish(learners: [learner_row])

      counts = [[learner_row], many].map { |rows| track_sql_queries { publish(learners: rows) }.size }

      expect(counts.uniq.size).to eq(1)
    end
  end

  describe "drafts that people decided on" do
    let!(:draft) { Fabricate(:lcm_draft, cohort:, key: "d1", edited_raw: "Edited.") }

    it "are never pending again, and stay where they are left out" do
      draft.update!(state: "approved", decided_by_id: lcm.id, decided_at: Time.zone.now)
      publish(drafts: [draft_row, draft_row("d2")])
      expect(draft.reload.slice(:state, :edited_raw).values).to eq(%w[approved Edited.])

      publish(as_of: "2026-11-25T13:00:00Z", drafts: [])
      expect(DiscourseLcm::Draft.pluck(:key)).to eq(["d1"])
    end

    it "show what became of them on the forum" do
      draft.update!(state: "approved")
      publish(drafts: [draft_row(state: "failed", outcome: "the topic is closed")])

      expect(draft.reload.slice(:state, :outcome).values).to eq(["failed", "the topic is closed"])
    end

    it "stay rejected though the worker withdraws them" do
      draft.update!(state: "rejected")
      publish(drafts: [draft_row(state: "withdrawn")])

      expect(draft.reload.state).to eq("rejected")
    end

    it "are rendered ahead of time" do
      Jobs.run_immediately!
      publish(drafts: [draft_row("d3")])

      expect(DiscourseLcm::Draft.find_by(key: "d3").cooked).to include("<strong>Tomas</strong>")
    end
  end

  describe "stories" do
    let(:story) { DiscourseLcm::Story.find_by(post_id: learner_post.id) }

    it "know their author, and the message in which they are asked" do
      publish(stories: [story_row(state: "asked", message_topic_id: 77)])

      expect(story.slice(:user_id, :state, :consent, :message_topic_id).values).to eq(
        [learner.id, "asked", "asked", 77],
      )
    end

    it "keep the author's answer, whatever is published later" do
      publish(stories: [story_row(state: "asked")])
      story.update!(consent: "no", state: "declined")
      publish(as_of: "2026-11-25T13:00:00Z", stories: [story_row(state: "published", title: "New title")])

      expect(story.reload.slice(:state, :consent, :title).values).to eq(["declined", "no", "New title"])
    end

    it "stay aside where an LCM set them" do
      publish(stories: [story_row])
      story.update!(state: "set_aside")
      publish(as_of: "2026-11-25T13:00:00Z", stories: [story_row])

      expect(story.reload.state).to eq("set_aside")
    end

    it "go when the worker names them no more and nobody touched them" do
      publish(stories: [story_row])
      by_hand = Fabricate(:lcm_story, cohort:, proposed_by_id: lcm.id)
      publish(as_of: "2026-11-25T13:00:00Z", stories: [])

      expect(DiscourseLcm::Story.where(cohort:)).to eq([by_hand])
    end

    it "are never made of messages" do
      private_post = Fabricate(:private_message_post)
      answer = publish(stories: [story_row(post_id: private_post.id)])

      expect(answer["refused"].map { |row| row["subject"] }).to eq([private_post.id.to_s])
    end
  end

  describe "blockers" do
    def row(**more)
      { topic_id: topic.id, question: "Who signs?", since: "2026-11-20T08:00:00Z", **more }
    end

    let(:blocker) { DiscourseLcm::Blocker.find_by(topic_id: topic.id) }

    it "that were marked manually are not dropped" do
      Fabricate(:lcm_blocker, cohort:, topic:, marked_by_id: lcm.id)
      publish(blockers: [])

      expect(blocker).to be_present
    end

    it "stay solved until something new blocks" do
      publish(blockers: [row])
      blocker.update!(state: "solved", solved_at: "2026-11-22T08:00:00Z")

      publish(as_of: "2026-11-25T13:00:00Z", blockers: [row])
      expect(blocker.reload.state).to eq("solved")

      publish(as_of: "2026-11-25T14:00:00Z", blockers: [row(since: "2026-11-23T08:00:00Z")])
      expect(blocker.reload.state).to eq("open")
    end

    it "that were marked manually are solved, and given to somebody, by a word said elsewhere" do
      Fabricate(:lcm_blocker, cohort:, topic:, marked_by_id: lcm.id, stated_at: "2026-11-21T08:00:00Z")
      words = { state: "solved", state_at: "2026-11-22T08:00:00Z", owner: learner.username.upcase, owner_at: "2026-11-22T08:00:00Z" }
      publish(blockers: [row(**words)])

      expect(blocker).to have_attributes(state: "solved", owner_id: learner.id, marked_by_id: lcm.id)
      expect(blocker.solved_at).to eq_time(Time.zone.parse("2026-11-22T08:00:00Z"))
    end

    it "stay as the desk has them where that was said later" do
      publish(blockers: [row])
      blocker.update!(state: "open", stated_at: "2026-11-23T08:00:00Z", owner_id: lcm.id, owned_at: "2026-11-23T08:00:00Z")
      words = { state: "solved", state_at: "2026-11-22T08:00:00Z", owner: nil, owner_at: "2026-11-22T08:00:00Z" }
      publish(as_of: "2026-11-25T13:00:00Z", blockers: [row(**words)])

      expect(blocker.reload).to have_attributes(state: "open", owner_id: lcm.id)
    end

    it "belong to nobody whose account is gone" do
      publish(blockers: [row(owner: "nobody_here", owner_at: "2026-11-22T08:00:00Z")])

      expect(blocker).to have_attributes(state: "open", owner_id: nil)
    end

    it "need a moment with each word" do
      answer = publish(blockers: [row(state: "solved")])

      expect(answer["refused"].map { |refused| refused["section"] }).to eq(["blockers"])
    end
  end

  describe "notes of what was done" do
    def note(**more)
      { title: "Mails to managers", lines: [{ text: "Bea Boss: sent" }, { text: "<b>Tomas</b>", url: "/t/9" }], **more }
    end

    it "are shown to the LCM as they were sent, and replaced the next time" do
      publish(notes: [note])
      sign_in(lcm)
      get "/lcm/desk/spring-27.json"
      expect(json["notes"]).to eq([JSON.parse(note.to_json)])

      publish(as_of: "2026-11-25T13:00:00Z", notes: [])
      expect(cohort.reload.notes).to eq([])
    end

    it "lead nowhere but into this forum" do
      answer = publish(notes: [note(lines: [{ text: "Look", url: "https://example.org" }])])

      expect(answer["refused"].map { |row| row["section"] }).to eq(["notes"])
    end
  end

  describe "signs that were dismissed" do
    it "are forgotten when the sign has gone" do
      publish(learners: [learner_row(needs_hand: true)])
      DiscourseLcm::Attention.create!(cohort:, user: learner, action: "dismiss", reason: "away", by: lcm)

      publish(as_of: "2026-11-25T13:00:00Z", learners: [learner_row(needs_hand: true)])
      expect(DiscourseLcm::Attention.count).to eq(1)

      publish(as_of: "2026-11-25T14:00:00Z", learners: [learner_row])
      expect(DiscourseLcm::Attention.count).to eq(0)
    end
  end

  describe "playbooks" do
    it "replace the list before" do
      playbook = { name: "first-steps", title: { en: "First steps" }, version: 1, steps: [{ id: "welcome", play: "topic", timing: "start +0d" }] }
      worker(:put, "/lcm/playbooks.json", { playbooks: [playbook, playbook.merge(name: "closing")] })
      expect(response).to keep_contract("publishPlaybooks", 200)

      worker(:put, "/lcm/playbooks.json", { playbooks: [playbook.merge(version: 2)] })

      expect(DiscourseLcm::Playbook.pluck(:name, :version)).to eq([["first-steps", 2]])
    end
  end

  describe "a run" do
    def report(id = "run-1", **more)
      body = { kind: "sync", state: "running", started_at: "2026-11-25T12:00:00Z", **more }
      worker(:put, "/lcm/runs/#{id}.json", body)
      expect(response).to keep_contract("reportRun", 200)
    end

    def line(number)
      { number:, at: "2026-11-25T12:00:0#{number}Z", level: "info", text: "line #{number}" }
    end

    let(:run) { DiscourseLcm::Run.find_by(run_id: "run-1") }

    it "keeps each line once, and tells administrators who watch" do
      messages = MessageBus.track_publish("/lcm/runs") { report(cohort: "spring-27", lines: [line(1), line(2)]) }
      report(lines: [line(2), line(3)])

      expect(run.lines.order(:number).pluck(:text)).to eq(["line 1", "line 2", "line 3"])
      expect(messages.first.group_ids).to eq([Group::AUTO_GROUPS[:admins]])
      expect(messages.first.data[:run][:cohort]).to eq("spring-27")
    end

    it "does not go back once it is finished" do
      report(state: "done", finished_at: "2026-11-25T12:05:00Z")
      report

      expect(run.state).to eq("done")
      expect(response.parsed_body["state"]).to eq("done")
    end

    it "renders previews as Discourse would" do
      report(kind: "preview", previews: [{ kind: "topic", title: "Hi", raw: "**bold** <script>x</script>", reason: "due" }])

      expect(run.previews.first["cooked"]).to include("<strong>bold</strong>")
      expect(run.previews.first["cooked"]).not_to include("<script")
    end

    it "of an unknown cohort is refused" do
      worker(
        :put,
        "/lcm/runs/run-1.json",
        { kind: "sync", state: "running", started_at: "2026-11-25T12:00:00Z", cohort: "winter-27" },
      )

      expect(response).to keep_contract("reportRun", 422)
    end

    it "pauses, shifts and resumes the cohort when the worker has done what was asked, once" do
      decision =
        DiscourseLcm::Decision.record!(kind: "shift_cohort", subject: "run-1", by: admin, cohort:, data: { days: 7 })
      Fabricate(:lcm_run, run_id: "run-1", kind: "shift", state: "requested", cohort:, decision:)
      2.times { report(kind: "shift", state: "done") }
      expect(cohort.reload.shift_days).to eq(7)

      report("run-2", kind: "pause", state: "done", cohort: "spring-27")
      expect(cohort.reload.paused).to eq(true)

      report("run-3", kind: "resume", state: "done", cohort: "spring-27")
      expect(cohort.reload.paused).to eq(false)
    end
  end

  describe "a heartbeat" do
    it "tells a worker how far the work goes, and keeps workers apart" do
      decision = DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:)
      worker(:put, "/lcm/heartbeat.json", { worker: "a:1", version: "1.0", calls: 3, calls_limit: 60, problems: ["roster is old"] })
      expect(response).to keep_contract("beat", 200)
      expect(json["last_work_id"]).to eq(decision.id)

      worker(:put, "/lcm/heartbeat.json", { worker: "b:1", version: "1.0", work_taken: decision.id })
      worker(:put, "/lcm/heartbeat.json", { worker: "b:1", version: "1.1" })
      expect(DiscourseLcm::Worker.order(:name).pluck(:name, :version, :work_taken)).to eq(
        [["a:1", "1.0", 0], ["b:1", "1.1", decision.id]],
      )
    end
  end
end
