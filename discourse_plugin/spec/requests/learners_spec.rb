# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "what learners see and say" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, title: "What did you try this week?") }
  fab!(:first_post) { Fabricate(:post, topic:) }

  before do
    freeze_time Time.utc(2026, 11, 25, 12)
    sign_in(learner)
  end

  def work
    DiscourseLcm::Decision.order(:id).pluck(:kind, :subject, :data)
  end

  describe "the box" do
    def entry(topic, **more)
      { at: "2026-11-23T08:00:00Z", step: "weekly", play: "prompt", title: "x", state: "done", topic_id: topic.id, **more }
    end

    def box(place = category)
      get "/lcm/box/#{place.id}.json"
      expect(response).to keep_contract("showBox", 200)
      json
    end

    it "shows the week, the newest prompt, what is due next and who one's partners are" do
      older, newer, homework, later = Array.new(4) { Fabricate(:topic, category:) }
      Fabricate(:post, topic: newer, user: learner)
      group.add(other_learner)
      Fabricate(:lcm_learner, cohort:, user: learner, partner_ids: [other_learner.id])
      cohort.update!(
        calendar: [
          entry(older, at: "2026-11-16T08:00:00Z"),
          entry(newer, at: "2026-11-23T08:00:00Z"),
          entry(later, at: "2026-11-30T08:00:00Z", state: "to_come"),
          entry(homework, play: "assignment", due: "2026-11-28T16:00:00Z"),
          entry(later, play: "assignment", due: "2026-12-28T16:00:00Z"),
          entry(older, play: "assignment", due: "2026-11-20T16:00:00Z"),
        ],
      )

      shown = box

      expect(shown["week"]).to eq(4)
      expect(shown["prompt"].slice("url", "answered").values).to eq(["/t/#{newer.slug}/#{newer.id}", true])
      expect(shown["assignment"].slice("title", "due", "answered").values).to eq(
        [homework.title, "2026-11-28T16:00:00Z", false],
      )
      expect(shown["partners"].map { |card| card["username"] }).to eq(["ines"])
      expect(shown.values_at("commitment", "session")).to eq([nil, nil])
      expect(shown["desk_url"]).to eq(nil)
    end

    it "calls a prompt as its reader reads it, where it exists in several languages" do
      SiteSetting.content_localization_enabled = true
      SiteSetting.allow_user_locale = true
      topic.update!(locale: "en")
      Fabricate(:topic_localization, topic:, locale: "fr", title: "Qu’avez-vous essayé ?", fancy_title: "Qu’avez-vous essayé ?")
      cohort.update!(calendar: [entry(topic)])
      titles =
        %w[fr en].map do |locale|
          learner.update!(locale:)
          box["prompt"]["title"]
        end

      expect(titles).to eq(["Qu’avez-vous essayé ?", "What did you try this week?"])
    end

    it "shows the newest plans and the next session" do
      older, plans, past, session = Array.new(4) { Fabricate(:topic, category:) }
      Fabricate(:post, topic: plans, user: learner)
      cohort.update!(
        calendar: [
          entry(plans, play: "commitment", at: "2026-11-23T08:00:00Z"),
          entry(older, play: "commitment", at: "2026-11-16T08:00:00Z"),
          entry(past, play: "session", due: "2026-11-20T16:00:00Z"),
          entry(session, play: "session", due: "2026-11-28T16:00:00Z"),
        ],
      )

      shown = box

      expect(shown["commitment"].slice("title", "answered").values).to eq([plans.title, true])
      expect(shown["session"].slice("title", "due").values).to eq([session.title, "2026-11-28T16:00:00Z"])
    end

    it "shows no topic that the reader may not see" do
      hidden = Fabricate(:topic, category: Fabricate(:private_category, group: Fabricate(:group)))
      cohort.update!(calendar: [entry(hidden)])

      expect(box["prompt"]).to eq(nil)
    end

    it "leads where the forum is, where that is not at the root of its host" do
      set_subfolder "/forum"
      cohort.update!(calendar: [entry(topic)])
      sign_in(admin)
      get "/lcm/box/#{category.id}.json"

      expect(response).to keep_contract("showBox", 200)
      expect([json["prompt"]["url"], json["desk_url"]]).to all(start_with("/forum/"))
    end

    it "leads LCMs to their desk" do
      sign_in(lcm)
      expect(box["desk_url"]).to eq("/g/#{cohort.lcm_group.name}/lcm")
    end

    it "is in categories inside the cohort's too, and nowhere else" do
      inside = Fabricate(:category, parent_category: category)
      inside.set_permissions(group => :full)
      inside.save!
      expect(box(inside)["cohort"]).to eq("Spring 27")

      get "/lcm/box/#{Fabricate(:category).id}.json"
      expect(response).to keep_contract("showBox", 404)
    end
  end

  describe "preferences" do
    it "are all yes at first, and change one by one" do
      get "/lcm/preferences.json"
      expect(response).to keep_contract("showPreferences", 200)
      expect(json["preferences"]).to eq("nudges" => true, "quoting" => true, "pairing" => true)

      put "/lcm/preferences.json", params: { nudges: false }
      expect(response).to keep_contract("savePreferences", 200)
      expect(json["preferences"]).to eq("nudges" => false, "quoting" => true, "pairing" => true)
      put "/lcm/preferences.json", params: { nudges: false }

      choices = { "nudges" => false, "quoting" => true, "pairing" => true }
      expect(work).to eq([["preference", learner.id.to_s, { **choices, "changed" => ["nudges"] }]])
    end

    it "tell the worker what somebody changed, not the rest as if they had said that again" do
      [{ nudges: false }, { nudges: false, quoting: false, pairing: true }, { nudges: true, pairing: false }].each do |params|
        put "/lcm/preferences.json", params: params
      end

      expect(work.map { |_, _, data| data["changed"] }).to eq([%w[nudges], %w[quoting], %w[nudges pairing]])
      expect(work.last.last).to include("nudges" => true, "quoting" => false, "pairing" => false)
    end
  end

  describe "consent" do
    fab!(:story_post) { Fabricate(:post, topic:, user: learner) }

    let!(:story) do
      Fabricate(:lcm_story, cohort:, post: story_post, user: learner, consent: "asked", state: "asked")
    end

    def answer(given, status: 200)
      put "/lcm/stories/#{story_post.id}/consent.json", params: { answer: given }
      expect(response).to keep_contract("answerConsent", status)
    end

    it "is given with one click, and taken back at any time" do
      answer("yes")
      expect(story.reload.slice(:consent, :state).values).to eq(%w[yes agreed])

      story.update!(state: "published")
      answer("no")
      expect(story.reload.slice(:consent, :state).values).to eq(%w[no declined])
      answer("no")

      expect(work).to eq(
        [["consent", story_post.id.to_s, { "answer" => "yes" }], ["consent", story_post.id.to_s, { "answer" => "no" }]],
      )
    end

    it "is listed among one's preferences" do
      get "/lcm/preferences.json"
      expect(response).to keep_contract("showPreferences", 200)
      expect(json["consents"].map { |row| row.values_at("post_id", "answer") }).to eq([[story_post.id, "asked"]])
    end

    it "is nobody else's to give, and nobody's who was not asked" do
      story.update!(consent: "not_asked")
      answer("yes", status: 404)

      story.update!(consent: "asked")
      sign_in(lcm)
      answer("yes", status: 404)
    end

    it "is yes or no" do
      answer("maybe", status: 400)
    end

    it "holds in every cohort where it was asked for" do
      elsewhere = Fabricate(:lcm_story, cohort: other_cohort, post: story_post, user: learner, consent: "asked")
      answer("yes")

      expect(elsewhere.reload.consent).to eq("yes")
      expect(work.size).to eq(2)
    end
  end
end
