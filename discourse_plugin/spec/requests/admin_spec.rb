# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "the administrators' console" do
  include_context "with a cohort"

  before do
    freeze_time Time.utc(2026, 11, 25, 12)
    sign_in(admin)
  end

  def request_run(status: 200, **body)
    post "/admin/plugins/discourse-lcm/requests.json", params: { cohort: "spring-27", **body }
    expect(response).to keep_contract("requestRun", status)
    json
  end

  def console
    get "/admin/plugins/discourse-lcm/console.json"
    expect(response).to keep_contract("showConsole", 200)
    json
  end

  it "shows cohorts, playbooks, runs and how the workers are" do
    DiscourseLcm::Playbook.create!(name: "first-steps", title: { en: "First steps" }, version: 1, steps: [])
    DiscourseLcm::Worker.create!(name: "a:1", version: "1.0", last_seen_at: 5.minutes.ago, problems: ["roster is old"])
    Fabricate(:lcm_run, cohort:, requested_by: admin)
    Fabricate(:lcm_learner, cohort:, user: learner)
    DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:)

    shown = console

    expect(shown["health"]["state"]).to eq("healthy")
    expect(shown["health"]["workers"].first.slice("work_waiting", "problems").values).to eq([1, ["roster is old"]])
    expect(shown["cohorts"].map { |row| row.values_at("key", "learners", "desk_url") }).to include(
      ["spring-27", 1, "/g/#{cohort.lcm_group.name}/lcm"],
    )
    expect(shown["playbooks"].map { |row| row["name"] }).to eq(["first-steps"])
    expect(shown["runs"].first["requested_by"]["username"]).to eq(admin.username)
  end

  it "takes the same number of queries for any number of cohorts and runs" do
    console
    few = track_sql_queries { console }.size
    3.times { Fabricate(:lcm_run, cohort: Fabricate(:lcm_cohort), requested_by: Fabricate(:user)) }

    expect(track_sql_queries { console }.size - few).to be <= 2
  end

  it "tells silence from never having been heard" do
    expect(console["health"]["state"]).to eq("never_seen")
    DiscourseLcm::Worker.create!(name: "a:1", version: "1.0", last_seen_at: 2.hours.ago)
    expect(console["health"]["state"]).to eq("silent")
  end

  it "asks the worker to run a step, which waits as a run until it reports" do
    answer = request_run(kind: "run_playbook", step: "welcome")
    expect(answer["run"].slice("kind", "state", "step").values).to eq(%w[playbook requested welcome])

    item = DiscourseLcm::Decision.find(answer["request_id"])
    expect([item.kind, item.subject, item.data]).to eq(
      ["run_playbook", answer["run"]["id"], { "step" => "welcome" }],
    )

    get "/admin/plugins/discourse-lcm/runs/#{answer["run"]["id"]}.json"
    expect(response).to keep_contract("showRun", 200)
  end

  it "asks to pause until a time, to resume and to shift" do
    request_run(kind: "pause_cohort", until: "2026-12-01T08:00:00Z")
    request_run(kind: "resume_cohort")
    request_run(kind: "shift_cohort", days: -7)

    expect(DiscourseLcm::Decision.order(:id).pluck(:kind, :data)).to eq(
      [
        ["pause_cohort", { "until" => "2026-12-01T08:00:00.000Z" }],
        ["resume_cohort", {}],
        ["shift_cohort", { "days" => -7 }],
      ],
    )
  end

  it "says with a run what was asked of the cohort's clock, as data for the reader's language and zone" do
    request_run(kind: "pause_cohort", until: "2026-12-01T08:00:00Z")
    request_run(kind: "pause_cohort")
    request_run(kind: "shift_cohort", days: -7)
    request_run(kind: "resume_cohort")
    request_run(kind: "run_playbook", step: "welcome")
    Fabricate(:lcm_run, cohort:, kind: "pause")

    expect(console["runs"].map { |run| run["asked"] }).to eq(
      [
        nil,
        nil,
        { "until" => nil, "days" => nil },
        { "until" => nil, "days" => -7 },
        { "until" => nil, "days" => nil },
        { "until" => "2026-12-01T08:00:00.000Z", "days" => nil },
      ],
    )
  end

  it "shows a pause only as long as it lasts" do
    cohort.update!(paused: true, paused_until: 1.hour.from_now)
    expect(console["cohorts"].find { |row| row["key"] == "spring-27" }["paused"]).to be_present
    cohort.update!(paused_until: 1.hour.ago)
    expect(console["cohorts"].find { |row| row["key"] == "spring-27" }["paused"]).to eq(nil)
  end

  it "refuses what makes no sense" do
    request_run(kind: "shift_cohort", status: 400)
    request_run(kind: "shift_cohort", days: 400, status: 400)
    request_run(kind: "shift_cohort", days: 0, status: 400)
    request_run(kind: "pause_cohort", until: "2026-01-01T08:00:00Z", status: 400)
    request_run(kind: "launch_rocket", status: 400)
    request_run(kind: "run_playbook", cohort: "nowhere", status: 404)
  end

  it "serves the page at each of its addresses to administrators, and to nobody else" do
    paths = %w[playbooks runs runs/r1 health].map { |path| "/admin/plugins/discourse-lcm/#{path}" }
    paths.each do |path|
      get path
      expect(response.status).to eq(200)
      expect(response.body).to include("<html")
    end

    sign_in(moderator)
    get paths.first
    expect(response.status).to eq(404)
  end
end
