# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "choices right before something is published" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:) }
  fab!(:post) { Fabricate(:post, topic:, user: learner) }

  def choices(**asked)
    get "/lcm/choices.json", params: asked, headers: worker_headers
    expect(response).to keep_contract("readChoices", 200)
    json
  end

  it "tells what each of the given people allows, by account id, also after a rename" do
    DiscourseLcm::Preference.create!(user: learner, quoting: false)
    UsernameChanger.new(learner, "tomas_b", learner).change(asynchronous: false)

    answer = choices(user_ids: "#{learner.id},#{lcm.id},999999")

    expect(answer["choices"]).to contain_exactly(
      { "user_id" => learner.id, "nudges" => true, "quoting" => false, "pairing" => true },
      { "user_id" => lcm.id, "nudges" => true, "quoting" => true, "pairing" => true },
    )
    expect(answer["gone"]).to eq([999_999])
  end

  it "tells what the authors of the given posts answered last" do
    Fabricate(:lcm_story, cohort:, post:, consent: "yes", state: "agreed")
    Fabricate(:lcm_story, cohort: other_cohort, post: Fabricate(:post))

    expect(choices(post_ids: post.id.to_s)["consents"]).to eq(
      [{ "post_id" => post.id, "cohort" => "spring-27", "answer" => "yes" }],
    )

    sign_in(learner)
    put "/lcm/stories/#{post.id}/consent.json", params: { answer: "no" }
    expect(choices(post_ids: post.id.to_s)["consents"].map { |row| row["answer"] }).to eq(["no"])
  end

  it "has no consent for a post about which nobody was asked" do
    Fabricate(:lcm_story, cohort:, post:)
    expect(choices(post_ids: post.id.to_s)).to eq("choices" => [], "gone" => [], "consents" => [])
  end

  it "reads five hundred people with three queries and refuses more" do
    ids = (1..500).to_a.join(",")
    queries = track_sql_queries { choices(user_ids: ids, post_ids: ids) }
    expect(queries.count { |sql| sql.match?(/"users"\."id" IN|discourse_lcm_preferences|discourse_lcm_stories/) }).to be <= 3

    get "/lcm/choices.json", params: { user_ids: "#{ids},501" }, headers: worker_headers
    expect(response).to keep_contract("readChoices", 400)
  end
end
