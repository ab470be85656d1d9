# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "activity of a cohort" do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, created_at: 3.days.ago) }

  def written(at = 1.hour.ago, **attributes)
    Fabricate(:post, topic:, user: learner, created_at: at, updated_at: at, **attributes)
  end

  def page(after: nil, **query)
    worker(:get, "/lcm/cohorts/spring-27/activity.json?#{{ after:, **query }.compact.to_query}")
    expect(response).to keep_contract("readActivity", 200)
    json
  end

  # Every row of a stream until there is no more, and the cursor for next time.
  def read_all(stream, after: nil, limit: 2, **query)
    rows = []
    loop do
      answer = page(after:, limit:, **query)
      rows += answer[stream] || []
      after = answer["cursor"]
      yield if block_given?
      return rows, after if !answer["more"]
    end
  end

  it "gives each post once, in pages, and nothing twice" do
    ids = Array.new(7) { |n| written((10 - n).hours.ago).id }

    rows, cursor = read_all("posts")
    expect(rows.map { |row| row["id"] }).to eq(ids)

    rows, = read_all("posts", after: cursor)
    expect(rows).to eq([])
  end

  it "loses and doubles no post while others are being written, edited and share a moment" do
    now = 2.hours.ago
    expected = Array.new(6) { written(now).id }

    rows, cursor =
      read_all("posts", limit: 2) do
        now += 1.minute
        expected << written(now).id if expected.size < 12
      end
    later, = read_all("posts", after: cursor, limit: 3)

    seen = (rows + later).map { |row| row["id"] }
    expect(seen).to match_array(expected)
  end

  it "waits for a transaction that is still writing, so that what it commits is not passed over" do
    config = ActiveRecord::Base.connection_db_config.configuration_hash
    writer = PG.connect(config.slice(:host, :port, :password).merge(user: config[:username], dbname: config[:database]).compact)
    writer.exec("BEGIN")
    writer.exec("SELECT pg_current_xact_id()")
    started = Time.iso8601(writer.exec("SELECT to_json(NOW() AT TIME ZONE 'UTC') #>> '{}'").getvalue(0, 0) + "Z")
    post = written(started - 0.5)
    sleep(0.7)
    look_afresh = -> { DB.exec("SELECT pg_stat_clear_snapshot()") } # the example is one transaction, a request is its own

    look_afresh.call
    expect(read_all("posts").first).to eq([])

    writer.exec("ROLLBACK")
    seen =
      20.times.lazy.map do
        look_afresh.call
        read_all("posts").first.map { |row| row["id"] }.tap { |ids| sleep(0.05) if ids.empty? }
      end
    others = "SELECT pid, state, backend_xid::text, xact_start::text, query FROM pg_stat_activity"
    expect(seen.find(&:present?)).to eq([post.id]), -> { DB.query_hash(others).to_json }
  ensure
    writer&.close
  end

  it "gives an edited post again, and a deleted one without its text" do
    post, gone, hidden = written, written, written
    cursor = read_all("posts").last

    post.update_columns(raw: "Changed since.", updated_at: 10.minutes.ago)
    gone.update_columns(deleted_at: 9.minutes.ago)
    hidden.update_columns(hidden: true, updated_at: 8.minutes.ago)
    rows, = read_all("posts", after: cursor)

    expect(rows.map { |row| row.values_at("id", "raw", "deleted") }).to eq(
      [[post.id, "Changed since.", false], [gone.id, "", true], [hidden.id, "", true]],
    )
  end

  it "gives the posts of a topic that is deleted as deleted" do
    post = written
    cursor = read_all("posts").last
    topic.update_columns(deleted_at: 5.minutes.ago)

    rows, = read_all("posts", after: cursor)

    expect(rows.map { |row| row.values_at("id", "deleted") }).to eq([[post.id, true]])
  end

  it "leaves out other categories, messages, whispers and Discourse's own notes" do
    written
    Fabricate(:post, created_at: 1.hour.ago, updated_at: 1.hour.ago)
    Fabricate(:private_message_post, created_at: 1.hour.ago, updated_at: 1.hour.ago)
    written(post_type: Post.types[:whisper])
    written(post_type: Post.types[:small_action])

    expect(read_all("posts").first.size).to eq(1)
  end

  it "reads categories inside the cohort's, and further ones only where the cohort's group may see them" do
    inside = Fabricate(:category, parent_category: category)
    inside.set_permissions(group => :full)
    inside.save!
    open = Fabricate(:category)
    secret = Fabricate(:private_category, group: Fabricate(:group))
    ids =
      [inside, open, secret].map do |place|
        Fabricate(:post, topic: Fabricate(:topic, category: place), created_at: 1.hour.ago, updated_at: 1.hour.ago).id
      end

    rows, = read_all("posts", categories: "#{open.id},#{secret.id}", limit: 50)

    expect(rows.map { |row| row["id"] }).to match_array(ids.first(2))
  end

  it "tells what a reader needs of a post and its topic" do
    tag = Fabricate(:tag, name: "handover")
    topic.tags << tag
    topic.update_columns(external_id: "key-1")
    written(reply_to_post_number: nil)

    row = read_all("posts").first.first

    expect(row.slice("topic_tags", "topic_external_id", "username", "reply_to", "number")).to eq(
      "topic_tags" => ["handover"],
      "topic_external_id" => "key-1",
      "username" => "tomas",
      "reply_to" => nil,
      "number" => 1,
    )
  end

  it "gives likes, and again when they are taken back" do
    post = written
    like = Fabricate(:post_action, post:, user: lcm, post_action_type_id: 2, created_at: 1.hour.ago, updated_at: 1.hour.ago)
    rows, cursor = read_all("likes")
    expect(rows.map { |row| row.values_at("id", "user_id", "author_id", "deleted") }).to eq(
      [[like.id, lcm.id, learner.id, false]],
    )

    like.update_columns(deleted_at: 5.minutes.ago)
    rows, = read_all("likes", after: cursor)
    expect(rows.map { |row| row["deleted"] }).to eq([true])
  end

  it "gives solutions where Discourse Solved is there" do
    skip("Discourse Solved is not there") if !defined?(::DiscourseSolved::SolvedTopic)
    post = written
    ::DiscourseSolved::SolvedTopic.create!(
      topic:,
      answer_post: post,
      accepter: lcm,
      created_at: 1.hour.ago,
      updated_at: 1.hour.ago,
    )

    rows, = read_all("solutions")

    expect(rows.map { |row| row.values_at("topic_id", "post_id", "accepted_by") }).to eq([[topic.id, post.id, lcm.id]])
  end

  it "gives members' visits, and those of a day that is not over again" do
    UserVisit.create!(user_id: learner.id, visited_at: 2.days.ago.to_date, posts_read: 3, time_read: 60)
    UserVisit.create!(user_id: lcm.id, visited_at: 1.day.ago.to_date, posts_read: 1, time_read: 5)
    today = UserVisit.create!(user_id: learner.id, visited_at: Date.current, posts_read: 1, time_read: 10)
    UserVisit.create!(user_id: other_learner.id, visited_at: Date.current, posts_read: 9, time_read: 9)

    rows, cursor = read_all("visits")
    expect(rows.map { |row| row["posts_read"] }).to eq([3, 1, 1])

    today.update!(posts_read: 8)
    rows, = read_all("visits", after: cursor)
    expect(rows.map { |row| row["posts_read"] }).to eq([8])
  end

  it "answers a quiet cohort in one call" do
    answer = page

    expect(answer["more"]).to eq(false)
    expect(answer["visits"]).to eq([])
  end

  it "looks into the database once a page of posts" do
    3.times { written }
    page
    queries = track_sql_queries { page(limit: 2) }

    expect(queries.count { |query| query.include?("FROM topics JOIN posts") }).to eq(1)
    expect(queries.count { |query| query.include?("post_actions") }).to eq(0)
  end

  it "begins four weeks before the cohort" do
    written(cohort.start_on - 29.days)
    kept = written(cohort.start_on - 27.days)

    expect(read_all("posts").first.map { |row| row["id"] }).to eq([kept.id])
  end

  it "refuses a cursor that it did not give out" do
    ["nonsense", Base64.urlsafe_encode64("[]"), Base64.urlsafe_encode64({ v: 1, s: "posts", posts: ["x", 1] }.to_json)].each do |after|
      worker(:get, "/lcm/cohorts/spring-27/activity.json?after=#{after}")
      expect(response).to keep_contract("readActivity", 400)
    end
  end

  it "refuses limits beyond the contract's" do
    worker(:get, "/lcm/cohorts/spring-27/activity.json?limit=1001")
    expect(response).to keep_contract("readActivity", 400)
  end

  it "says 503 where the database takes too long" do
    DiscourseLcm::ActivityReader.any_instance.stubs(:page).raises(PG::QueryCanceled)

    worker(:get, "/lcm/cohorts/spring-27/activity.json")

    expect(response).to keep_contract("readActivity", 503)
  end

  it "breaks a query off by the site's setting" do
    SiteSetting.lcm_activity_timeout_ms = 500
    slow = "SELECT pg_sleep(2), 1 AS at, 1 AS key WHERE :id = :id OR :moment = '' OR :limit = 0"
    queries = DiscourseLcm::ActivityQueries::BY_STREAM.merge("posts" => slow)

    stub_const(DiscourseLcm::ActivityQueries, "BY_STREAM", queries) do
      worker(:get, "/lcm/cohorts/spring-27/activity.json")
    end

    expect(response).to keep_contract("readActivity", 503)
  end
end
