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

  # What was written just now is told a second later; here the feed is made a second older instead.
  def age_feed
    DB.exec("UPDATE discourse_lcm_feed_posts SET at = at - INTERVAL '1 second'")
  end

  # Reads on from a cursor what happened since, as a later reading would find it.
  def since(cursor, stream = "posts", **query)
    age_feed
    read_all(stream, after: cursor, **query).first
  end

  def told(rows)
    rows.map { |row| row.values_at("id", "raw", "deleted") }
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
    sleep(1.1)
    later, = read_all("posts", after: cursor, limit: 3)

    seen = (rows + later).map { |row| row["id"] }
    expect(seen).to match_array(expected)
  end

  it "waits for a transaction that is still writing, so that what it commits is not passed over" do
    config = ActiveRecord::Base.connection_db_config.configuration_hash
    writer = PG.connect(config.slice(:host, :port, :password).merge(user: config[:username], dbname: config[:database]).compact)
    page # from here on the category is followed
    writer.exec("BEGIN")
    writer.exec("SELECT pg_current_xact_id()")
    post = written
    sleep(1.2)
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

  it "gives an edited post again, also one in the middle of a topic" do
    written
    post = written
    written
    cursor = read_all("posts").last

    PostRevisor.new(post).revise!(learner, { raw: "I was wrong about this, please forget it." }, force_new_version: true)

    expect(told(since(cursor))).to eq([[post.id, "I was wrong about this, please forget it.", false]])
  end

  # What happens to a post or its topic, by which its text is no longer for the cohort's readers.
  leaving = {
    "is deleted" => ->(post) { PostDestroyer.new(admin, post).destroy },
    "is withdrawn by its author" => ->(post) { PostDestroyer.new(learner, post).destroy },
    "is hidden by flags" => ->(post) { post.hide!(PostActionType.types[:spam]) },
    "is whispered" => ->(post) { post.update!(post_type: Post.types[:whisper]) },
    "loses its topic" => ->(post) { PostDestroyer.new(admin, post.topic.first_post).destroy },
    "is in a topic that is unlisted" => ->(post) { post.topic.update_status("visible", false, admin) },
    "is in a topic that moves elsewhere" => ->(post) { post.topic.change_category_to_id(elsewhere.id) },
    "is in a topic that moves elsewhere with a revision" => ->(post) do
      PostRevisor.new(post.topic.first_post).revise!(admin, category_id: elsewhere.id)
    end,
    "is in a topic that becomes a message" => ->(post) { TopicConverter.new(post.topic, admin).convert_to_private_message },
    "is moved into a topic elsewhere" => ->(post) do
      post.topic.move_posts(admin, [post.id], title: "A topic of its own elsewhere", category_id: elsewhere.id)
    end,
    "is gone from the database" => ->(post) { PostDestroyer.new(admin, post, force_destroy: true).destroy },
  }

  context "when a post leaves" do
    fab!(:elsewhere) { Fabricate(:private_category, group: Fabricate(:group)) }

    before { SiteSetting.can_permanently_delete = true }

    leaving.each do |how, deed|
      it "says so, without its text, when it #{how}" do
        written
        post = written
        cursor = read_all("posts").last

        instance_exec(post, &deed)
        row = since(cursor, limit: 50).find { |one| one["id"] == post.id }

        expect(row&.values_at("raw", "cooked", "topic_title", "username", "deleted")).to eq(["", "", "", "", true])
        expect(row.values_at("category_id", "topic_id")).to eq([category.id, topic.id])
      end
    end

    returning = {
      "is recovered" => [leaving["is deleted"], ->(post) { PostDestroyer.new(admin, post).recover }],
      "is shown again" => [leaving["is hidden by flags"], ->(post) { post.unhide! }],
      "has its topic recovered" => [
        leaving["loses its topic"],
        ->(post) { PostDestroyer.new(admin, Topic.with_deleted.find(post.topic_id).posts.with_deleted.first).recover },
      ],
      "has its topic listed again" => [
        leaving["is in a topic that is unlisted"],
        ->(post) { post.topic.update_status("visible", true, admin) },
      ],
      "has its topic moved back" => [
        leaving["is in a topic that moves elsewhere"],
        ->(post) { Topic.find(post.topic_id).change_category_to_id(category.id) },
      ],
    }

    returning.each do |how, (going, coming)|
      it "gives it again when it #{how}" do
        written
        post = written
        instance_exec(post, &going)
        cursor = read_all("posts").last
        instance_exec(post.reload, &coming)

        row = since(cursor, limit: 50).find { |one| one["id"] == post.id }

        expect(row&.values_at("raw", "deleted")).to eq([post.raw, false])
      end
    end
  end

  it "gives the posts of a topic that was moved here, however old they are" do
    old = Fabricate(:post, created_at: 3.years.ago, updated_at: 3.years.ago)
    cursor = read_all("posts").last
    old.topic.change_category_to_id(category.id)

    expect(told(since(cursor))).to eq([[old.id, old.raw, false]])
  end

  it "gives posts again under the new name of their author, and under none where it was taken away" do
    Jobs.run_immediately!
    post = written
    cursor = read_all("posts").last
    UsernameChanger.change(learner, "thomas", admin)
    age_feed
    rows, cursor = read_all("posts", after: cursor)
    expect(rows.map { |row| row.values_at("id", "username") }).to eq([[post.id, "thomas"]])

    UserAnonymizer.new(learner.reload, admin).make_anonymous
    row = since(cursor, limit: 50).find { |one| one["id"] == post.id }
    expect(row["username"]).to eq(learner.reload.username)
    expect(row["username"]).to start_with("anon")
    expect(row["name"]).to eq("")
  end

  it "finds within the hour what was written past Discourse's models" do
    post, gone = written, written
    cursor = read_all("posts").last
    post.update_columns(raw: "Changed since.", updated_at: 10.minutes.ago)
    gone.update_columns(deleted_at: 9.minutes.ago)

    expect(since(cursor)).to eq([])
    Jobs::DiscourseLcm::SweepFeed.new.execute({})
    expect(told(since(cursor))).to eq([[post.id, "Changed since.", false], [gone.id, "", true]])
  end

  it "follows what changes while the plugin is off" do
    post = written
    cursor = read_all("posts").last
    SiteSetting.lcm_enabled = false
    topic.update_status("visible", false, admin)
    SiteSetting.lcm_enabled = true

    expect(told(since(cursor))).to eq([[post.id, "", true]])
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

    like.update_columns(deleted_at: 1.second.ago)
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

    expect(queries.count { |query| query.match?(/discourse_lcm_feed_posts|FROM topics/) }).to eq(1)
    expect(queries.count { |query| query.include?("post_actions") }).to eq(0)
  end

  it "reads along an index, whatever a category holds" do
    written
    page
    DB.exec(<<~SQL, category_id: category.id)
      INSERT INTO discourse_lcm_feed_posts (category_id, post_id, topic_id, at, fingerprint)
      SELECT :category_id, n, n, NOW() AT TIME ZONE 'UTC' - INTERVAL '1 hour' * (n % 500), 'x'
      FROM generate_series(1000000, 1020000) n;
      ANALYZE discourse_lcm_feed_posts
    SQL
    plans =
      { "posts" => "index_discourse_lcm_feed_posts_on_position", "likes" => "index_discourse_lcm_likes_by_change" }.map do |stream, index|
        given = { moment: "2020-01-01", id: 0, limit: 500, until: "2030-01-01", category_ids: [category.id], regular: 1 }
        DB.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off") if stream == "likes"
        DB.query_single("EXPLAIN #{DiscourseLcm::ActivityQueries::BY_STREAM[stream]}", **given).join("\n").include?(index)
      end
    expect(plans).to eq([true, true])
  end

  it "begins to follow a category in the first reading, and looks once more for what was being written then" do
    page
    late = written
    DB.exec("DELETE FROM discourse_lcm_feed_posts") # as if its transaction had not seen that the category is followed
    DiscourseLcm::FeedCategory.update_all(watched_at: 3.minutes.ago)

    cursor = page["cursor"]
    sleep(1.1)

    expect(read_all("posts", after: cursor).first.map { |row| row["id"] }).to eq([late.id])
    expect(DiscourseLcm::FeedCategory.pluck(:settled)).to all(eq(true))
  end

  it "begins four weeks before the cohort" do
    written(cohort.start_on - 29.days)
    kept = written(cohort.start_on - 27.days)

    expect(read_all("posts").first.map { |row| row["id"] }).to eq([kept.id])
  end

  it "refuses a cursor that it did not give out" do
    ["nonsense", Base64.urlsafe_encode64("[]"),
Base64.urlsafe_encode64({ v: 1, s: "posts", posts: ["x", 1] }.to_json)].each do |after|
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
