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

  # Words of the person, or to them, wherever the desk, its decisions and the worker's runs repeat them.
  def repeat_words
    quote = "[quote=\"tomas, post:1, topic:#{topic.id}\"]\nI read the list aloud.\n[/quote]"
    quoting = Fabricate(:lcm_draft, cohort:, key: "quoting", kind: "topic", recipients: [], raw: quote)
    about = Fabricate(:lcm_draft, cohort:, key: "about", recipients: [], raw: "A roundup.", evidence: [{ text: "it worked", post_id: learner_post.id }])
    [quoting, about].each do |draft|
      DiscourseLcm::Decision.record!(kind: "approve_draft", subject: draft.key, by: lcm, cohort:, data: { raw: draft.raw })
    end
    DiscourseLcm::Decision.record!(kind: "approve_draft", subject: "sent-long-ago", by: lcm, cohort:, data: { raw: "Thank you, @tomas." })
    Fabricate(:lcm_practice, cohort:, post: learner_post, title: "Read the list aloud")
    Fabricate(:lcm_blocker, cohort:, topic: Fabricate(:topic, category:, user: learner), question: "How do I begin?")
    run = Fabricate(:lcm_run, cohort:, previews: [{ kind: "message", recipients: ["tomas"], raw: "Dear Tomas" }])
    DiscourseLcm::RunLine.create!(run:, number: 1, at: Time.zone.now, level: "info", text: "a message to @tomas")
  end

  def words_left
    [
      DiscourseLcm::Draft.pluck(:key) & %w[quoting about],
      DiscourseLcm::Decision.where(kind: "approve_draft").pluck(:subject),
      DiscourseLcm::Practice.pluck(:title),
      DiscourseLcm::Blocker.pluck(:question),
      DiscourseLcm::Run.pluck(:previews).flatten,
      DiscourseLcm::RunLine.pluck(:text),
    ].flatten
  end

  it "takes the words of a deleted person out of drafts, decisions, runs and the desk" do
    repeat_words
    Fabricate(:lcm_practice, cohort:, post: Fabricate(:post, topic:, user: other_learner), title: "Ask first")

    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(words_left).to eq(["Ask first"])
  end

  it "takes the words of an anonymised person out as well" do
    Jobs.run_immediately!
    repeat_words

    UserAnonymizer.new(learner, admin).make_anonymous

    expect(words_left).to eq([])
  end

  it "takes what was done for a person off the desk, as it is told by names" do
    notes = [{ title: "Handed over", lines: [{ text: "Tomas, on Monday" }] }]
    cohort.update!(notes:)
    other = Fabricate(:lcm_cohort, notes:)

    described_class.new(learner).forget

    expect(cohort.reload.notes).to eq([])
    expect(other.reload.notes).to be_present
  end

  it "does not take somebody whose name begins alike for the person" do
    names = %w[tomasz tomas-k tomas.k tomas_k]
    names.each do |name|
      Fabricate(:user, username: name)
      Fabricate(:lcm_draft, cohort:, key: "to-#{name}", recipients: [name], raw: "[quote=\"#{name}, post:1\"]\nYes.\n[/quote]")
      DiscourseLcm::Decision.record!(kind: "approve_draft", subject: name, by: lcm, cohort:, data: { raw: "Well done, @#{name}." })
    end

    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(DiscourseLcm::Draft.where(key: names.map { |name| "to-#{name}" }).flat_map(&:recipients)).to match_array(names)
    expect(words_left).to match_array(names)
  end

  it "does not take a sentence that begins with the person's name for their words" do
    DiscourseLcm::Decision.record!(kind: "reject_draft", subject: "d", by: lcm, cohort:, data: { note: "Tomas asked me to wait." })
    run = Fabricate(:lcm_run, cohort:, previews: [{ kind: "topic", recipients: [], raw: "Tomas is a town in Spain." }])

    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(DiscourseLcm::Decision.where(kind: "reject_draft").pluck(:subject)).to eq(["d"])
    expect(run.reload.previews.size).to eq(1)
  end

  it "finds the person's name before a full stop or a comma" do
    ["Thank you, @tomas.", "Ask @tomas, please.", "[quote=\"Tomas, post:1, topic:2, username:tomas\"]"].each do |raw|
      DiscourseLcm::Decision.record!(kind: "approve_draft", subject: "d", by: lcm, cohort:, data: { raw: })
    end

    UserDestroyer.new(admin).destroy(learner, delete_posts: true)

    expect(words_left).to eq([])
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
    Fabricate(:lcm_draft, cohort:, key: "both", recipients: %w[tomas lena])
    UserMerger.new(learner, other_learner, admin).merge!

    expect(DiscourseLcm::Learner.where(cohort:, user: other_learner).pluck(:posts)).to eq([99])
    expect(DiscourseLcm::Story.pluck(:user_id)).to eq([other_learner.id])
    expect(DiscourseLcm::Preference.pluck(:user_id)).to eq([other_learner.id])
    expect(DiscourseLcm::Decision.find_by(kind: "pin").user_id).to eq(other_learner.id)
    expect(DiscourseLcm::Learner.find_by(user: lcm).partner_ids).to eq([other_learner.id])
    expect(DiscourseLcm::Draft.order(:id).pluck(:recipients)).to eq([["ines"], ["ines"], %w[ines lena]])
  end

  describe "when accounts are merged" do
    def choices_of(user)
      DiscourseLcm::Preference.find_by(user:)&.choices&.values
    end

    def told
      DiscourseLcm::Decision.where(kind: "preference").order(:id).last
    end

    it "lets what either account does not allow stand, and tells the worker" do
      DiscourseLcm::Preference.create!(user: other_learner, nudges: true, quoting: false, pairing: true)
      UserMerger.new(learner, other_learner, admin).merge!

      expect(choices_of(other_learner)).to eq([false, false, true])
      choices = { "nudges" => false, "quoting" => false, "pairing" => true }
      expect([told.user_id, told.subject, told.data]).to eq(
        [other_learner.id, other_learner.id.to_s, { **choices, "changed" => ["nudges"] }],
      )
    end

    it "tells the worker of a no of the one account also where the other said it, perhaps before words to the worker" do
      DiscourseLcm::Preference.create!(user: other_learner, nudges: false)
      UserMerger.new(learner, other_learner, admin).merge!

      expect([told.user_id, told.data["changed"]]).to eq([other_learner.id, ["nudges"]])
    end

    it "tells the worker nothing where the account that is gone refused nothing" do
      DiscourseLcm::Preference.find_by(user: learner).update!(nudges: true)
      DiscourseLcm::Preference.create!(user: other_learner, quoting: false)
      UserMerger.new(learner, other_learner, admin).merge!

      expect(choices_of(other_learner)).to eq([true, false, true])
      expect(told).to eq(nil)
    end

    it "tells the worker of choices that the other account never made" do
      UserMerger.new(learner, other_learner, admin).merge!

      expect(choices_of(other_learner)).to eq([false, true, true])
      expect([told.user_id, told.data["nudges"]]).to eq([other_learner.id, false])
    end

    it "lets a worker that begins anew hear what holds, not what the account that is gone allowed later" do
      choose = ->(user, choices) do
        DiscourseLcm::SavePreferences.call(guardian: user.guardian, params: choices)
      end
      choose.call(other_learner, { nudges: false, quoting: false })
      choose.call(learner, { quoting: false })
      choose.call(learner, { quoting: true })
      UserMerger.new(learner, other_learner, admin).merge!

      expect(choices_of(other_learner)).to eq([false, false, true])
      expect([told.user_id, told.data["quoting"]]).to eq([other_learner.id, false])
      said = DiscourseLcm::Decision.where(kind: "preference").order(:id)
      expect(said.pluck(:user_id).uniq).to eq([other_learner.id])
      expect(said.map { |decision| decision.data["changed"] }).to eq([%w[nudges quoting], %w[nudges]])
    end

    it "lets what was asked about the one account count for the other, and does not lose a question" do
      data = { learner: learner.id, username: "tomas", question: "Where is Tomas?" }
      asked = DiscourseLcm::Decision.record!(kind: "ask_lcm", subject: "question-1", data:, cohort:, by: lcm)
      UserMerger.new(learner, other_learner, admin).merge!

      expect(asked.reload.data).to include("learner" => other_learner.id, "username" => "ines")
    end

    it "keeps the sign that was put aside for longer" do
      DiscourseLcm::Attention.create!(cohort:, user: other_learner, by: lcm, action: "snooze", until: 3.days.from_now)
      UserMerger.new(learner, other_learner, admin).merge!

      expect(DiscourseLcm::Attention.where(user: other_learner).pluck(:action)).to eq(["dismiss"])
    end

    # Every column of ours that holds the number of an account, and every number of one inside a document.
    it "leaves nothing under the number of the account that is gone" do
      DiscourseLcm::Decision.record!(
        kind: "ask_lcm",
        subject: "question-1",
        data: { learner: learner.id, username: "tomas" },
        cohort:,
        by: learner,
      )
      id = learner.id
      UserMerger.new(learner, other_learner, admin).merge!

      columns = %w[user_id by_id owner_id marked_by_id solved_by_id decided_by_id proposed_by_id requested_by_id]
      tables = DB.query_single("SELECT tablename FROM pg_tables WHERE tablename LIKE 'discourse_lcm_%'")
      left =
        tables.flat_map do |table|
          named = ActiveRecord::Base.connection.columns(table).map(&:name)
          (columns & named).select { |column| DB.query_single("SELECT 1 FROM #{table} WHERE #{column} = ?", id).any? }
        end
      expect(left).to eq([])
      expect(DiscourseLcm::Decision.where("data ->> 'learner' = ?", id.to_s)).to be_empty
      expect(DiscourseLcm::Decision.where(subject: id.to_s).pluck(:kind)).to eq([])
    end
  end
end
