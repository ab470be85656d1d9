# frozen_string_literal: true

require_relative "../plugin_helper"

# Kinds of mistakes that Discourse's advisories of 2026 name, where the plugin could make them. tests/test_advisories.py has
# the whole list, with what else keeps each out.
RSpec.describe "kinds of mistakes that advisories name" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, user: learner) }
  fab!(:first_post) { Fabricate(:post, topic:, user: learner) }

  let(:elsewhere) { Fabricate(:private_category, group: Fabricate(:group)) }

  def call(method, path, **params)
    public_send(method, path, params: params.presence)
    response
  end

  def desk
    call(:get, "/lcm/desk/spring-27.json")
    expect(response).to keep_contract("showDesk", 200)
    json
  end

  describe "counts" do
    it "of members are not told to those who may not see the members" do
      sign_in(learner)
      call(:get, "/site.json")

      expect(json["lcm_cohorts"].sole.keys).to match_array(%w[key name category_id group_name leader desk_group_name])
      call(:get, "/groups/spring-27.json")
      expect(json["group"].keys.grep(/lcm/)).to be_empty
    end

    it "do not grow by what is in categories and topics that the LCM may not see" do
      hidden = Fabricate(:topic, category: elsewhere)
      Fabricate(:lcm_blocker, cohort:, topic: hidden)
      Fabricate(:lcm_story, cohort:, post: Fabricate(:post, topic: hidden))
      sign_in(lcm)

      expect(desk["counters"].slice("blockers_open", "stories_waiting").values).to eq([0, 0])
      sign_in(admin)
      expect(desk["counters"].slice("blockers_open", "stories_waiting").values).to eq([1, 1])
    end
  end

  describe "hidden profiles" do
    before do
      learner.user_option.update!(hide_profile: true)
      learner.update!(last_seen_at: 2.days.ago)
      Fabricate(:lcm_learner, cohort:, user: learner)
    end

    def seen
      desk["learners"].sole["last_seen_at"]
    end

    it "do not tell an LCM when somebody was last seen, nor let the list be sorted by it" do
      sign_in(lcm)
      expect(seen).to be_nil
      call(:put, "/lcm/desk/spring-27/learners/#{learner.id}.json", action: "dismiss", reason: "on leave")
      expect(json["learner"]["last_seen_at"]).to be_nil
      SiteSetting.allow_users_to_hide_profile = false
      expect(seen).to be_present
    end

    it "are open to staff, as elsewhere in Discourse" do
      sign_in(moderator)
      expect(seen).to be_present
    end

    it "leave out full names where the site has none" do
      SiteSetting.enable_names = false
      sign_in(lcm)
      expect([desk["learners"].sole["user"], *desk["lcms"]].map { |card| card["name"] }).to all(be_nil)
    end
  end

  it "answers alike about accounts that are not there and accounts outside the cohort" do
    Fabricate(:lcm_blocker, cohort:, topic:)
    sign_in(lcm)
    answers =
      %w[ines nobody-at-all].map do |owner|
        call(:put, "/lcm/desk/spring-27/blockers/#{topic.id}.json", owner:)
        [response.status, json["errors"].sole.sub(owner, "NAME")]
      end

    expect(answers.uniq.size).to eq(1)
  end

  it "makes no story and no practice of whispers, and of hidden or deleted posts" do
    SiteSetting.whispers_allowed_groups = Group::AUTO_GROUPS[:staff].to_s
    posts = [
      Fabricate(:post, topic:, user: moderator, post_type: Post.types[:whisper]),
      Fabricate(:post, topic:, user: learner, hidden: true),
      Fabricate(:post, topic:, user: learner, user_deleted: true),
      Fabricate(:post, topic:, user: learner, deleted_at: 1.minute.ago),
    ]
    sign_in(lcm)
    posts.product(%w[spotlight practice]).each do |post, what|
      call(:put, "/lcm/topics/#{topic.id}/#{what}.json", post_number: post.post_number)
      expect(response.status).to eq(404), "#{what} of post #{post.post_number}"
    end
    expect([DiscourseLcm::Story.count, DiscourseLcm::Practice.count, DiscourseLcm::Decision.count]).to eq([0, 0, 0])
  end

  it "shows an author no new title of a topic that they may not read any more" do
    Fabricate(:lcm_story, cohort:, post: first_post, user: learner, consent: "yes", title: "As I knew it")
    sign_in(learner)
    topic.update!(category: elsewhere, title: "About the dismissal of Tomas", slug: "about-the-dismissal-of-tomas")
    call(:get, "/lcm/preferences.json")

    expect(response).to keep_contract("showPreferences", 200)
    expect(json["consents"].sole["url"]).to eq("/t/topic/#{topic.id}/1")
    call(:put, "/lcm/stories/#{first_post.id}/consent.json", answer: "no")
    expect(response.body).not_to include("dismissal")
  end

  it "shows no text any more that was taken out of a draft" do
    draft = Fabricate(:lcm_draft, cohort:, key: "d1", raw: "Tomas is **ill**.")
    draft.cook
    draft.save!
    worker(
      :put,
      "/lcm/cohorts/spring-27/desk.json",
      { as_of: 1.minute.ago.iso8601, drafts: [{ key: "d1", kind: "message", raw: "Hello.", reason: "r", created_at: 1.day.ago.iso8601 }] },
    )
    sign_in(lcm)

    expect(desk["drafts"].sole["cooked"]).to eq("<p>Hello.</p>")
  end

  it "writes no address and no key into the log of a group" do
    worker(:post, "/lcm/cohorts/spring-27/members.json", { people: [{ ref: "1", email: learner.email }] })
    worker(:put, "/lcm/cohorts/spring-27/members.json", { change: "c1", group: { add: [other_learner.id], remove: [learner.id] } })
    expect(response).to keep_contract("changeMembers", 200)
    logged = GroupHistory.where(group:).map { |row| row.attributes.to_json }.join

    expect(GroupHistory.where(group:).count).to eq(2)
    [learner.email, other_learner.email, api_key.key].each { |secret| expect(logged).not_to include(secret) }
  end

  describe "live updates" do
    it "of a cohort without LCMs reach staff only, and carry no content" do
      cohort.update!(lcm_group: nil)
      messages = MessageBus.track_publish("/lcm/desk/spring-27") { DiscourseLcm::Live.desk(cohort, :drafts) }

      expect(messages.sole.group_ids).to eq([Group::AUTO_GROUPS[:staff]])
      expect(messages.sole.data).to eq({ sections: %i[drafts] })
    end

    it "of runs reach administrators only" do
      run = Fabricate(:lcm_run, cohort:)
      messages = MessageBus.track_publish("/lcm/runs") { DiscourseLcm::Live.run(run) }

      expect(messages.sole.group_ids).to eq([Group::AUTO_GROUPS[:admins]])
    end

    it "of a topic reach those who may read it" do
      messages = MessageBus.track_publish("/topic/#{topic.id}") { DiscourseLcm::Live.topic(topic) }

      expect(messages.sole.group_ids).to include(group.id)
      expect(messages.sole.group_ids).not_to include(Group::AUTO_GROUPS[:everyone])
    end
  end

  describe "who left" do
    it "as an LCM opens nothing of the cohort any more" do
      Fabricate(:lcm_draft, cohort:, key: "d1")
      lcm_group.remove(lcm)
      sign_in(lcm.reload)

      expect(call(:get, "/lcm/desk/spring-27.json").status).to eq(404)
      expect(call(:put, "/lcm/desk/spring-27/drafts/d1.json", decision: "approve").status).to eq(404)
      expect(call(:put, "/lcm/topics/#{topic.id}/blocker.json").status).to eq(404)
      expect(call(:get, "/lcm/box/#{category.id}.json").status).to eq(404)
      call(:get, "/site.json")
      expect(json["lcm_cohorts"]).to be_empty
    end

    it "as a learner is nobody's partner any more" do
      group.add(other_learner)
      Fabricate(:lcm_learner, cohort:, user: learner, partner_ids: [other_learner.id])
      sign_in(learner)
      names = -> do
        call(:get, "/lcm/box/#{category.id}.json")
        json["partners"].map { |card| card["username"] }
      end

      expect(names.call).to eq(["ines"])
      group.remove(other_learner)
      expect(names.call).to be_empty
    end
  end
end
