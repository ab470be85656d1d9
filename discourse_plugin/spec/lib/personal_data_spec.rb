# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::PersonalData do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:) }
  fab!(:learner_post) { Fabricate(:post, topic:, user: learner) }

  before do
    Fabricate(:lcm_learner, cohort:, user: learner)
    Fabricate(:lcm_learner, cohort:, user: lcm, partner_ids: [learner.id])
    Fabricate(:lcm_draft, cohort:, recipients: ["tomas"])
    Fabricate(:lcm_draft, cohort:, recipients: ["ines"])
    Fabricate(:lcm_story, cohort:, post: learner_post, user: learner, consent: "yes")
    DiscourseLcm::Attention.create!(cohort:, user: learner, by: lcm, action: "dismiss")
    DiscourseLcm::Preference.create!(user: learner, nudges: false)
    DiscourseLcm::Decision.record!(kind: "preference", subject: learner.id, by: learner)
    DiscourseLcm::Decision.record!(kind: "dismiss_learner", subject: learner.id, by: lcm, cohort:, data: { reason: "ill" })
    DiscourseLcm::Decision.record!(kind: "pin", subject: topic.id, by: learner, cohort:)
  end

  def left_of(user)
    [
      DiscourseLcm::Learner.where(user:).count,
      DiscourseLcm::Attention.where(user:).count,
      DiscourseLcm::Story.where(user:).count,
      DiscourseLcm::Preference.where(user:).count,
      DiscourseLcm::Decision.where(subject: user.id.to_s).count,
      DiscourseLcm::Draft.where("? = ANY(recipients)", user.username).count,
    ].sum
  end

  it "goes with an account that is deleted" do
    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(left_of(learner)).to eq(0)
    expect(DiscourseLcm::Learner.find_by(user: lcm).partner_ids).to eq([])
    expect(DiscourseLcm::Draft.pluck(:recipients)).to eq([["ines"]])
  end

  it "goes with a name that is taken away, though drafts were written to it before" do
    Jobs.run_immediately!
    id = learner.id
    UserAnonymizer.new(learner, admin).make_anonymous

    expect(left_of(User.find(id))).to eq(0)
    expect(DiscourseLcm::Draft.pluck(:recipients)).to eq([["ines"]])
  end

  it "goes while the plugin is off, too" do
    SiteSetting.lcm_enabled = false
    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(left_of(learner)).to eq(0)
  end

  it "follows a new username" do
    Jobs.run_immediately!
    UsernameChanger.change(learner, "thomas", admin)

    expect(DiscourseLcm::Draft.order(:id).pluck(:recipients)).to eq([["thomas"], ["ines"]])
  end

  it "moves along when accounts are merged, and what the other account has is kept" do
    Fabricate(:lcm_learner, cohort:, user: other_learner, posts: 99)
    UserMerger.new(learner, other_learner, admin).merge!

    expect(DiscourseLcm::Learner.where(cohort:, user: other_learner).pluck(:posts)).to eq([99])
    expect(DiscourseLcm::Story.pluck(:user_id)).to eq([other_learner.id])
    expect(DiscourseLcm::Preference.pluck(:user_id)).to eq([other_learner.id])
    expect(DiscourseLcm::Decision.find_by(kind: "pin").user_id).to eq(other_learner.id)
    expect(DiscourseLcm::Learner.find_by(user: lcm).partner_ids).to eq([other_learner.id])
  end
end
