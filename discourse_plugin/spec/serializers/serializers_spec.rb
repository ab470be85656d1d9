# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "what Discourse's own answers say more", type: :request do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

  def site(user)
    guardian = Guardian.new(user)
    SiteSerializer.new(Site.new(guardian), scope: guardian, root: false).as_json
  end

  def group_page(user, of = group)
    GroupShowSerializer.new(of, scope: Guardian.new(user), root: false).as_json
  end

  def topic_page(user, of = topic)
    TopicViewSerializer.new(TopicView.new(of, user), scope: Guardian.new(user), root: false).as_json
  end

  it "is where one's cohorts are, and whether one leads them" do
    row = { key: "spring-27", name: "Spring 27", category_id: category.id, group_name: "spring-27" }

    expect(site(learner)[:lcm_cohorts]).to eq([row.merge(leader: false, desk_group_name: nil)])
    expect(site(lcm)[:lcm_cohorts]).to eq([row.merge(leader: true, desk_group_name: "spring-27-lcm")])
    expect(site(Fabricate(:user))[:lcm_cohorts]).to eq([])
    expect(site(nil)).not_to have_key(:lcm_cohorts)
  end

  it "is read in two queries for any number of cohorts" do
    guardian = Guardian.new(learner)
    5.times { Fabricate(:lcm_cohort).group.add(learner) }

    expect(track_sql_queries { DiscourseLcm::MyCohorts.new(guardian).to_a }.size).to eq(2)
  end

  it "opens the desk on both groups' pages to those who lead the cohort" do
    [group, lcm_group].each do |place|
      expect(group_page(lcm, place).slice(:can_see_lcm_desk, :lcm_cohort).values).to eq([true, "spring-27"])
    end
    expect(group_page(learner)).not_to have_key(:can_see_lcm_desk)
    expect(group_page(other_lcm, other_cohort.group)[:lcm_cohort]).to eq("autumn-27")
    expect(group_page(other_lcm)).not_to have_key(:lcm_cohort)
    expect(group_page(admin, Fabricate(:group))).not_to have_key(:can_see_lcm_desk)
  end

  it "tells those who lead the cohort what a topic is to it" do
    Fabricate(:lcm_blocker, cohort:, topic:)

    expect(topic_page(lcm)[:lcm]).to include(cohort: "spring-27", blocker: "open", story: false)
    expect(topic_page(learner)).not_to have_key(:lcm)
    expect(topic_page(admin, Fabricate(:post).topic)).not_to have_key(:lcm)
  end

  it "asks the author, and nobody else, in the message about their story" do
    message = Fabricate(:private_message_topic, user: admin, recipient: learner)
    Fabricate(:post, topic: message, user: admin)
    Fabricate(
      :lcm_story,
      cohort:,
      post: learner_post,
      user: learner,
      consent: "asked",
      message_topic_id: message.id,
    )

    expect(topic_page(learner, message)[:lcm_consent]).to include(post_id: learner_post.id, answer: "asked")
    expect(topic_page(admin, message)).not_to have_key(:lcm_consent)
    expect(topic_page(learner)).not_to have_key(:lcm_consent)
  end

  it "is not there while the plugin is off" do
    SiteSetting.lcm_enabled = false

    expect(site(learner)).not_to have_key(:lcm_cohorts)
    expect(group_page(lcm)).not_to have_key(:can_see_lcm_desk)
    expect(topic_page(lcm)).not_to have_key(:lcm)
  end

  it "leads every page that is loaded in full to the page's own shell" do
    sign_in(lcm)
    get "/g/spring-27/lcm"
    expect(response.status).to eq(200)
    expect(response.body).to include("<html")
    get "/u/lena/preferences/lcm"
    expect(response.status).to eq(200)
  end
end
