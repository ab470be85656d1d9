# frozen_string_literal: true

require_relative "../plugin_helper"

# Who may do what, for every operation of the contract. The rows below must name every one of them.
RSpec.describe "permissions" do
  include_context "with a cohort"

  CALLERS = %i[anonymous learner other_learner other_lcm lcm moderator admin worker].freeze

  # The status for each of CALLERS, in their order.
  WORKER_ONLY = [403, 403, 403, 403, 403, 403, 403, 200].freeze
  LCMS_AND_STAFF = [403, 403, 404, 404, 200, 200, 200, 403].freeze
  COHORT_AND_STAFF = [403, 200, 404, 404, 200, 200, 200, 403].freeze
  EVERYBODY_SIGNED_IN = [403, 200, 200, 200, 200, 200, 200, 403].freeze
  AUTHOR_ONLY = [403, 200, 404, 404, 404, 404, 404, 403].freeze
  ADMINS_ONLY = [404, 404, 404, 404, 404, 404, 200, 404].freeze

  fab!(:topic) { Fabricate(:topic, category:) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }
  fab!(:learner_row) { Fabricate(:lcm_learner, cohort:, user: learner) }
  fab!(:draft) { Fabricate(:lcm_draft, cohort:, key: "d1") }
  fab!(:story) { Fabricate(:lcm_story, cohort:, post: learner_post, user: learner, consent: "asked", state: "asked") }
  fab!(:blocker) { Fabricate(:lcm_blocker, cohort:, topic:) }
  fab!(:run) { Fabricate(:lcm_run, run_id: "r1") }

  TABLE = {
    "getStatus" => [WORKER_ONLY, nil],
    "listCohorts" => [WORKER_ONLY, nil],
    "declareCohort" => [WORKER_ONLY, :declaration],
    "forgetCohort" => [WORKER_ONLY, nil],
    "lookAtMembers" => [WORKER_ONLY, { people: [] }],
    "changeMembers" => [WORKER_ONLY, { change: "c1" }],
    "readActivity" => [WORKER_ONLY, nil],
    "publishDesk" => [WORKER_ONLY, { as_of: "2026-11-25T12:00:00Z" }],
    "readWork" => [WORKER_ONLY, nil],
    "publishPlaybooks" => [WORKER_ONLY, { playbooks: [] }],
    "reportRun" => [WORKER_ONLY, { kind: "sync", state: "done", started_at: "2026-11-25T12:00:00Z" }],
    "beat" => [WORKER_ONLY, { worker: "host-1", version: "1.0" }],
    "showDesk" => [LCMS_AND_STAFF, nil],
    "decideDraft" => [LCMS_AND_STAFF, { decision: "approve" }],
    "attendLearner" => [LCMS_AND_STAFF, { action: "dismiss", reason: "on leave" }],
    "decideBlocker" => [LCMS_AND_STAFF, { state: "solved" }],
    "decideStory" => [LCMS_AND_STAFF, { action: "set_aside" }],
    "pinTopic" => [LCMS_AND_STAFF, { until: "2026-12-01T08:00:00Z" }],
    "unpinTopic" => [LCMS_AND_STAFF, nil],
    "spotlightTopic" => [LCMS_AND_STAFF, {}],
    "markBlocker" => [LCMS_AND_STAFF, { note: "waits for a signature" }],
    "clearBlocker" => [LCMS_AND_STAFF, nil],
    "markPractice" => [LCMS_AND_STAFF, {}],
    "unmarkPractice" => [LCMS_AND_STAFF, nil],
    "setTimer" => [LCMS_AND_STAFF, { kind: "close", at: "2026-12-01T08:00:00Z" }],
    "clearTimer" => [LCMS_AND_STAFF, nil],
    "showBox" => [COHORT_AND_STAFF, nil],
    "showPreferences" => [EVERYBODY_SIGNED_IN, nil],
    "savePreferences" => [EVERYBODY_SIGNED_IN, { nudges: false }],
    "answerConsent" => [AUTHOR_ONLY, { answer: "yes" }],
    "showConsole" => [ADMINS_ONLY, nil],
    "showRun" => [ADMINS_ONLY, nil],
    "requestRun" => [ADMINS_ONLY, { kind: "run_playbook", cohort: "spring-27" }],
  }.freeze

  let(:declaration) { declaration_of("spring-27") }

  before { freeze_time Time.utc(2026, 11, 25, 12) }

  def path_of(operation)
    operation
      .path
      .sub("{key}", "spring-27")
      .sub("{draft_key}", "d1")
      .sub("{user_id}", learner.id.to_s)
      .sub("{topic_id}", topic.id.to_s)
      .sub("{post_id}", learner_post.id.to_s)
      .sub("{category_id}", category.id.to_s)
      .sub("{id}", "r1")
  end

  def call(operation, caller, body)
    body = public_send(body) if body.is_a?(Symbol)
    sign_in(public_send(caller)) if %i[anonymous worker].exclude?(caller)
    headers = { "CONTENT_TYPE" => "application/json" }
    headers.merge!(worker_headers) if caller == :worker
    public_send(operation.method, path_of(operation), params: body&.to_json, headers:)
  end

  it "has a row for every operation" do
    expect(TABLE.keys).to match_array(ContractMatchers.operations.map(&:id))
  end

  ContractMatchers.operations.each do |operation|
    statuses, body = TABLE[operation.id]
    CALLERS.zip(statuses || []).each do |caller, status|
      status = 204 if status == 200 && operation.id == "forgetCohort"

      it "answers #{status} to #{caller} at #{operation.method.upcase} #{operation.path}" do
        call(operation, caller, body)

        expect(response).to keep_contract(operation.id, status)
      end
    end
  end

  describe "an API key without the plugin's scope" do
    it "serves the worker where it belongs to an administrator, and nobody else's" do
      plain = Fabricate(:api_key, user: admin)
      get "/lcm/status.json", headers: { "Api-Key" => plain.key, "Api-Username" => admin.username }
      expect(response).to keep_contract("getStatus", 200)

      theirs = Fabricate(:api_key, user: moderator)
      get "/lcm/status.json", headers: { "Api-Key" => theirs.key, "Api-Username" => moderator.username }
      expect(response).to keep_contract("getStatus", 403)
    end
  end

  describe "a key that may only read" do
    let(:api_key_scope) { "read" }

    it "reads the activity and changes nothing" do
      worker(:get, "/lcm/cohorts/spring-27/activity.json")
      expect(response).to keep_contract("readActivity", 200)

      worker(:put, "/lcm/cohorts/spring-27/members.json", { change: "c1" })
      expect(response).to keep_contract("changeMembers", 403)
    end
  end

  describe "while the plugin is off" do
    before { SiteSetting.lcm_enabled = false }

    it "is not there for anybody" do
      plain = Fabricate(:api_key, user: admin)
      get "/lcm/status.json", headers: { "Api-Key" => plain.key, "Api-Username" => admin.username }
      expect(response.status).to eq(404)

      sign_in(admin)
      get "/lcm/desk/spring-27.json"
      expect(response.status).to eq(404)
      get "/admin/plugins/discourse-lcm/console.json"
      expect(response.status).to eq(404)
    end
  end
end
