# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "the desk" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, user: learner) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

  before do
    freeze_time Time.utc(2026, 11, 25, 12)
    sign_in(lcm)
  end

  def work
    worker(:get, "/lcm/work.json")
    expect(response).to keep_contract("readWork", 200)
    json["work"]
  end

  def decide(path, operation, body, status: 200)
    put "/lcm/desk/spring-27/#{path}.json", params: body.to_json, headers: { "CONTENT_TYPE" => "application/json" }
    expect(response).to keep_contract(operation, status)
    json
  end

  def show
    get "/lcm/desk/spring-27.json"
    expect(response).to keep_contract("showDesk", 200)
    json
  end

  it "shows everything about the cohort" do
    Fabricate(:lcm_learner, cohort:, user: learner, needs_hand: true, reasons: [{ text: "quiet" }], partner_ids: [lcm.id])
    Fabricate(:lcm_draft, cohort:, topic:)
    Fabricate(:lcm_story, cohort:, post: learner_post)
    Fabricate(:lcm_blocker, cohort:, topic:, owner_id: lcm.id, marked_by_id: lcm.id, since: 3.days.ago)
    Fabricate(:lcm_practice, cohort:, post: learner_post, marked_by_id: lcm.id)
    cohort.update!(as_of: 1.hour.ago, calendar: [{ at: "2026-11-23T08:00:00Z", step: "weekly", play: "prompt", title: "Try it", state: "done" }])

    desk = show

    expect(desk["counters"]).to eq(
      "learners" => 1,
      "active_this_week" => 1,
      "posts_this_week" => 3,
      "need_a_hand" => 1,
      "drafts_pending" => 1,
      "blockers_open" => 1,
      "stories_waiting" => 1,
    )
    expect(desk["learners"].first["partners"].first["username"]).to eq("lena")
    expect(desk["drafts"].first["cooked"]).to include("<strong>hand-overs</strong>")
    expect(desk["drafts"].first["topic"]["id"]).to eq(topic.id)
    expect(desk["blockers"].first.slice("days_open", "marked_by").values).to eq([3, "lena"])
    expect(desk["blockers"].first["author"]["username"]).to eq("tomas")
    expect(desk["stories"].first["url"]).to eq("/t/#{topic.slug}/#{topic.id}/1")
    expect(desk["cohort"]["category_url"]).to eq("/c/spring-27/#{category.id}")
    expect(desk["lcms"].map { |card| card["username"] }).to eq(["lena"])
  end

  it "shows nothing about a topic that was moved where its reader may not look, and decides nothing about it" do
    elsewhere = Fabricate(:private_category, group: Fabricate(:group))
    Fabricate(:lcm_draft, cohort:, topic:, key: "d1")
    Fabricate(:lcm_story, cohort:, post: learner_post)
    Fabricate(:lcm_blocker, cohort:, topic:)
    Fabricate(:lcm_practice, cohort:, post: learner_post)
    entry = { at: "2026-11-23T08:00:00Z", step: "weekly", play: "prompt", title: topic.title, state: "done", topic_id: topic.id }
    cohort.update!(as_of: 1.hour.ago, calendar: [entry])
    topic.change_category_to_id(elsewhere.id)

    desk = show

    expect(response.body).not_to include(topic.title)
    expect(desk.values_at("stories", "blockers", "practices")).to eq([[], [], []])
    expect(desk["counters"].values_at("blockers_open", "stories_waiting")).to eq([0, 0])
    expect(desk["drafts"].first["topic"]).to eq(nil)
    expect(desk["calendar"].first.slice("title", "topic_id").values).to eq(["weekly", nil])
    decide("stories/#{learner_post.id}", "decideStory", { action: "ask_consent" }, status: 404)
    decide("blockers/#{topic.id}", "decideBlocker", { state: "solved" }, status: 404)
    expect(decide("drafts/d1", "decideDraft", { decision: "approve" })["draft"]["topic"]).to eq(nil)

    sign_in(admin)
    expect(show["blockers"].size).to eq(1)
  end

  it "repeats no words of a post that was withdrawn or hidden since" do
    hidden = Fabricate(:post, topic:, user: learner)
    [learner_post, hidden].each { |post| Fabricate(:lcm_story, cohort:, post:) }
    [learner_post, hidden].each { |post| Fabricate(:lcm_practice, cohort:, post:) }
    learner_post.update!(user_deleted: true)
    hidden.update!(hidden: true)

    expect(show.values_at("stories", "practices")).to eq([[], []])
  end

  it "is empty and whole before the worker has published anything" do
    desk = show

    expect(desk["as_of"]).to eq(nil)
    expect(desk["learners"]).to eq([])
  end

  it "leaves out who has left the group" do
    Fabricate(:lcm_learner, cohort:, user: learner)
    Fabricate(:lcm_learner, cohort:, user: other_learner)

    expect(show["learners"].map { |row| row["user"]["username"] }).to eq(["tomas"])
  end

  it "takes twelve queries for 500 learners, and as many for one" do
    ids = Fabricate.times(3, :user).map(&:id)
    DB.exec(<<~SQL)
      INSERT INTO users (username, username_lower, trust_level, active, created_at, updated_at, last_seen_at)
      SELECT 'many' || n, 'many' || n, 1, TRUE, NOW(), NOW(), NOW() FROM generate_series(1, 500) n
    SQL
    many = User.where("username LIKE 'many%'").pluck(:id)
    times = { created_at: Time.zone.now, updated_at: Time.zone.now }
    GroupUser.insert_all(many.map { |user_id| { group_id: group.id, user_id:, **times } })
    rows = many.map { |user_id| { cohort_id: cohort.id, user_id:, weeks: [0, 1, 0, 2], partner_ids: ids, **times } }
    DiscourseLcm::Learner.insert_all(rows)
    20.times { |n| Fabricate(:lcm_draft, cohort:, key: "d#{n}").then { |draft| draft.tap(&:cook).save! } }
    5.times { Fabricate(:lcm_blocker, cohort:, owner_id: lcm.id) }
    5.times { Fabricate(:lcm_story, cohort:) }
    5.times { Fabricate(:lcm_practice, cohort:) }
    guardian = Guardian.new(lcm)

    result = nil
    queries = track_sql_queries { result = DiscourseLcm::ShowDesk.call(params: { key: "spring-27" }, guardian:) }

    expect(result[:desk][:learners].size).to eq(500)
    expect(queries.size).to be <= 12
  end

  describe "drafts" do
    let!(:draft) { Fabricate(:lcm_draft, cohort:, key: "d1") }

    it "are edited and then approved as edited" do
      row = decide("drafts/d1", "decideDraft", { decision: "edit", raw: "Shorter, **Tomas**.", title: "Tuesday" })["draft"]
      expect(row.slice("state", "edited", "title").values).to eq(["pending", true, "Tuesday"])
      expect(row["cooked"]).to include("<strong>Tomas</strong>")
      expect(work).to eq([])

      row = decide("drafts/d1", "decideDraft", { decision: "approve" })["draft"]
      expect(row.slice("state", "decided_by").values).to eq(%w[approved lena])
      expect(work.map { |item| item.slice("kind", "subject", "data", "cohort") }).to eq(
        [
          {
            "kind" => "approve_draft",
            "subject" => "d1",
            "data" => {
              "title" => "Tuesday",
              "raw" => "Shorter, **Tomas**.",
            },
            "cohort" => "spring-27",
          },
        ],
      )
    end

    it "are approved with a last change" do
      decide("drafts/d1", "decideDraft", { decision: "approve", raw: "Changed." })

      expect(work.first["data"]["raw"]).to eq("Changed.")
    end

    it "are rejected with a reason only" do
      decide("drafts/d1", "decideDraft", { decision: "reject" }, status: 400)
      row = decide("drafts/d1", "decideDraft", { decision: "reject", reason: "on leave until March" })["draft"]

      expect(row.slice("state", "decision_reason").values).to eq(["rejected", "on leave until March"])
      expect(work.first["data"]).to eq("reason" => "on leave until March")
    end

    it "are decided once" do
      decide("drafts/d1", "decideDraft", { decision: "approve" })
      decide("drafts/d1", "decideDraft", { decision: "reject", reason: "too late" }, status: 409)

      expect(work.size).to eq(1)
    end

    it "of another cohort are not found" do
      Fabricate(:lcm_draft, cohort: other_cohort, key: "theirs")

      decide("drafts/theirs", "decideDraft", { decision: "approve" }, status: 404)
    end

    it "tell other open desks" do
      messages = MessageBus.track_publish("/lcm/desk/spring-27") { decide("drafts/d1", "decideDraft", { decision: "approve" }) }

      expect(messages.map(&:data)).to eq([{ sections: [:drafts] }])
    end

    it "are shown as written, never as HTML, where rendering them is still to come" do
      25.times { |n| Fabricate(:lcm_draft, cohort:, key: "x#{n}", raw: "<img src=x> #{n}") }

      expect(show["drafts"].last["cooked"]).to eq("<pre>&lt;img src=x&gt; 24</pre>")
      expect(show["drafts"].map { |row| row["cooked"] }.join).not_to include("<pre>")
    end
  end

  describe "learners who need a hand" do
    before { Fabricate(:lcm_learner, cohort:, user: learner, needs_hand: true) }

    let(:path) { "learners/#{learner.id}" }

    it "are put aside until a day, and come back by themselves" do
      row = decide(path, "attendLearner", { action: "snooze", until: "2026-12-02T08:00:00Z" })["learner"]
      expect(row["needs_hand"]).to eq(false)
      expect(row["attention"].slice("action", "by").values).to eq(%w[snooze lena])
      expect(show["counters"]["need_a_hand"]).to eq(0)

      freeze_time Time.utc(2026, 12, 2, 9)
      expect(show["learners"].first.slice("needs_hand", "attention").values).to eq([true, nil])
    end

    it "are dismissed with a reason, and restored" do
      decide(path, "attendLearner", { action: "dismiss" }, status: 400)
      decide(path, "attendLearner", { action: "dismiss", reason: "we spoke" })
      row = decide(path, "attendLearner", { action: "restore" })["learner"]

      expect(row["needs_hand"]).to eq(true)
      expect(work.map { |item| item["kind"] }).to eq(%w[dismiss_learner restore_learner])
    end

    it "are not put aside for longer than ninety days, or into the past" do
      decide(path, "attendLearner", { action: "snooze", until: "2027-03-01T08:00:00Z" }, status: 400)
      decide(path, "attendLearner", { action: "snooze", until: "2026-11-01T08:00:00Z" }, status: 400)
      decide(path, "attendLearner", { action: "snooze" }, status: 400)
    end

    it "of another cohort are not found" do
      Fabricate(:lcm_learner, cohort: other_cohort, user: other_learner)

      decide("learners/#{other_learner.id}", "attendLearner", { action: "restore" }, status: 404)
    end
  end

  describe "blockers" do
    let!(:blocker) { Fabricate(:lcm_blocker, cohort:, topic:) }
    let(:path) { "blockers/#{topic.id}" }

    it "are given an owner from the cohort, who can be taken away again" do
      row = decide(path, "decideBlocker", { owner: "Lena" })["blocker"]
      expect(row["owner"]["username"]).to eq("lena")

      row = decide(path, "decideBlocker", { owner: nil })["blocker"]
      expect(row["owner"]).to eq(nil)
      expect(work.map { |item| item.values_at("kind", "data") }).to eq(
        [["own_blocker", { "owner" => "lena" }], ["own_blocker", {}]],
      )
    end

    it "are not given to outsiders" do
      decide(path, "decideBlocker", { owner: "ines" }, status: 400)
      decide(path, "decideBlocker", { owner: "nobody-here" }, status: 400)
      decide(path, "decideBlocker", {}, status: 400)
    end

    it "are solved and opened again" do
      expect(decide(path, "decideBlocker", { state: "solved" })["blocker"]["state"]).to eq("solved")
      decide(path, "decideBlocker", { state: "solved" })
      decide(path, "decideBlocker", { state: "open" })

      expect(work.map { |item| item["kind"] }).to eq(%w[solve_blocker open_blocker])
    end
  end

  describe "stories" do
    let!(:story) { Fabricate(:lcm_story, cohort:, post: learner_post) }
    let(:path) { "stories/#{learner_post.id}" }

    it "are asked for, once" do
      row = decide(path, "decideStory", { action: "ask_consent" })["story"]
      expect(row.slice("state", "consent").values).to eq(%w[asked asked])

      decide(path, "decideStory", { action: "ask_consent" }, status: 422)
      expect(work.map { |item| item["kind"] }).to eq(["ask_consent"])
    end

    it "are spotlighted only where their author agreed" do
      decide(path, "decideStory", { action: "spotlight" }, status: 422)
      story.update!(consent: "yes", state: "agreed")

      expect(decide(path, "decideStory", { action: "spotlight" })["story"]["state"]).to eq("spotlighted")
      decide(path, "decideStory", { action: "spotlight" }, status: 422)
    end

    it "are set aside and restored to where their author left them" do
      story.update!(consent: "yes", state: "agreed")
      expect(decide(path, "decideStory", { action: "set_aside" })["story"]["state"]).to eq("set_aside")
      expect(decide(path, "decideStory", { action: "restore" })["story"]["state"]).to eq("agreed")
      decide(path, "decideStory", { action: "restore" }, status: 422)
    end
  end

  it "does not let anybody decide faster than a person can" do
    RateLimiter.enable
    Fabricate(:lcm_draft, cohort:, key: "d1")
    DiscourseLcm::PeopleController::WRITES_A_MINUTE.times do
      put "/lcm/desk/spring-27/drafts/d1.json", params: { decision: "edit", raw: "x" }
    end
    put "/lcm/desk/spring-27/drafts/d1.json", params: { decision: "edit", raw: "x" }

    expect(response.status).to eq(429)
  end

  describe "work" do
    it "is read on from an id, oldest first, and stays" do
      ids = Array.new(3) { DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:).id }

      worker(:get, "/lcm/work.json?limit=2")
      expect([json["work"].map { |item| item["id"] }, json["more"]]).to eq([ids.first(2), true])
      worker(:get, "/lcm/work.json?after=#{ids.second}")
      expect([json["work"].map { |item| item["id"] }, json["more"]]).to eq([[ids.last], false])
      expect(work.size).to eq(3)
    end

    it "refuses limits beyond the contract's" do
      worker(:get, "/lcm/work.json?limit=501")
      expect(response).to keep_contract("readWork", 400)
    end
  end
end
