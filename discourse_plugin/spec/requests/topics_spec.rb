# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "topic buttons" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, user: learner, title: "How do you hand over on Fridays?") }
  fab!(:first_post) { Fabricate(:post, topic:, user: learner, raw: "I asked before I told, and it took half as long.") }
  fab!(:reply) { Fabricate(:post, topic:, user: lcm) }

  before do
    freeze_time Time.utc(2026, 11, 25, 12)
    sign_in(lcm)
  end

  def press(method, button, operation, body = nil, status: 200)
    public_send(method, "/lcm/topics/#{topic.id}/#{button}.json", params: body || {})
    expect(response).to keep_contract(operation, status)
    json["topic"]
  end

  def kinds
    DiscourseLcm::Decision.order(:id).pluck(:kind)
  end

  it "pin in the category until a time, and take the pin away" do
    state = press(:put, "pin", "pinTopic", { until: "2026-12-01T08:00:00Z" })
    expect(state["pinned_until"]).to eq("2026-12-01T08:00:00.000Z")
    expect(topic.reload.slice(:pinned_globally, :pinned_until).values).to eq([false, Time.utc(2026, 12, 1, 8)])

    expect(press(:delete, "pin", "unpinTopic")["pinned_until"]).to eq(nil)
    press(:delete, "pin", "unpinTopic")
    expect(kinds).to eq(%w[pin unpin])
  end

  it "do not pin for longer than a year, into the past, or for ever" do
    ["2027-11-26T12:00:00Z", "2026-11-25T11:00:00Z", nil, "soon"].each do |time|
      press(:put, "pin", "pinTopic", { until: time }, status: 400)
    end
  end

  it "propose a post as a story, once, without words for its author to object to" do
    press(:put, "spotlight", "spotlightTopic")
    state = press(:put, "spotlight", "spotlightTopic", { post_number: 1 })

    expect(state["story"]).to eq(true)
    story = DiscourseLcm::Story.find_by(post_id: first_post.id)
    expect(story.slice(:user_id, :title, :quote, :consent, :state).values).to eq(
      [learner.id, topic.title, first_post.raw, "not_asked", "candidate"],
    )
    expect(DiscourseLcm::Story.count).to eq(1)
  end

  it "propose no post that is not there" do
    press(:put, "spotlight", "spotlightTopic", { post_number: 9 }, status: 404)
  end

  it "mark a blocker with a note, and clear it" do
    state = press(:put, "blocker", "markBlocker", { note: "waits for a signature" })
    expect(state["blocker"]).to eq("open")
    expect(DiscourseLcm::Blocker.last.slice(:question, :marked_by_id).values).to eq(["waits for a signature", lcm.id])

    expect(press(:delete, "blocker", "clearBlocker")["blocker"]).to eq("solved")
    expect(press(:put, "blocker", "markBlocker")["blocker"]).to eq("open")
    expect(kinds).to eq(%w[open_blocker solve_blocker open_blocker])
  end

  it "clear nothing where nothing was marked" do
    expect(press(:delete, "blocker", "clearBlocker")["blocker"]).to eq(nil)
    expect(kinds).to eq([])
  end

  it "mark posts as practice, and take the topic's marks away" do
    press(:put, "practice", "markPractice")
    expect(press(:put, "practice", "markPractice", { post_number: 2 })["practice"]).to eq(true)
    expect(DiscourseLcm::Practice.pluck(:post_id)).to contain_exactly(first_post.id, reply.id)

    expect(press(:delete, "practice", "unmarkPractice")["practice"]).to eq(false)
    expect(kinds).to eq(%w[mark_practice mark_practice unmark_practice unmark_practice])
  end

  it "mark one post as practice and take its mark away, and leave those of others" do
    press(:put, "practice", "markPractice")
    state = press(:put, "practice", "markPractice", { post_number: 2 })
    expect(state.values_at("practice", "practices")).to eq([true, [1, 2]])

    state = press(:delete, "practice", "unmarkPractice", { post_number: 2 })
    expect(state.values_at("practice", "practices")).to eq([true, [1]])
    expect(DiscourseLcm::Practice.pluck(:post_id)).to eq([first_post.id])
    expect(kinds).to eq(%w[mark_practice mark_practice unmark_practice])
  end

  it "close and open at a time, which category moderators may not do in Discourse itself" do
    state = press(:put, "timer", "setTimer", { kind: "close", at: "2026-12-01T08:00:00Z" })
    expect(state["timer"]).to eq("kind" => "close", "at" => "2026-12-01T08:00:00.000Z")

    freeze_time Time.utc(2026, 12, 1, 8, 1)
    Jobs::CloseTopic.new.execute(topic_timer_id: topic.topic_timers.last.id)
    expect(topic.reload).to be_closed

    press(:put, "timer", "setTimer", { kind: "open", at: "2026-12-02T08:00:00Z" })
    expect(press(:delete, "timer", "clearTimer")["timer"]).to eq(nil)
  end

  it "set no timer into the past, and none that deletes" do
    press(:put, "timer", "setTimer", { kind: "close", at: "2026-11-25T11:00:00Z" }, status: 400)
    press(:put, "timer", "setTimer", { kind: "delete", at: "2026-12-01T08:00:00Z" }, status: 400)
  end

  it "work in categories inside the cohort's" do
    inside = Fabricate(:category, parent_category: category)
    inside.set_permissions(lcm_group => :full)
    inside.save!
    topic.update!(category: inside)

    expect(press(:put, "blocker", "markBlocker")["cohort"]).to eq("spring-27")
  end

  it "are not there outside cohorts, in messages, and for deleted topics" do
    [Fabricate(:topic), Fabricate(:private_message_topic, recipient: lcm)].each do |other|
      put "/lcm/topics/#{other.id}/blocker.json"
      expect(response).to keep_contract("markBlocker", 404)
    end
    topic.trash!
    press(:put, "blocker", "markBlocker", status: 404)
  end

  it "tell the reader of the topic" do
    messages = MessageBus.track_publish("/topic/#{topic.id}") { press(:put, "practice", "markPractice") }

    expect(messages.map(&:data)).to include({ reload_topic: true })
  end
end
