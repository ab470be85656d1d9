# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "declaring cohorts" do
  include_context "with a cohort"

  let(:declaration) do
    dates = { start: "2027-11-02", end: "2028-02-26" }
    declaration_of("winter-28", timezone: "America/Montreal", locale: "fr", playbook: "first-steps", **dates)
  end

  before { SiteSetting.enable_category_group_moderation = true }

  def declare(key = "winter-28", **changes)
    worker(:put, "/lcm/cohorts/#{key}.json", declaration.merge(changes))
    json
  end

  it "makes groups and a category that are for the cohort alone" do
    state = declare["cohort"]

    expect(response).to keep_contract("declareCohort", 200)
    made = Group.find_by(name: "winter-28")
    expect(made.attributes.slice("visibility_level", "members_visibility_level", "mentionable_level", "messageable_level").values).to eq(
      [2, 2, 3, 3],
    )
    expect(state["category"]["permissions"]).to eq("winter-28" => 1, "winter-28-lcm" => 1, "staff" => 1)
    expect(state["category"]["moderated"]).to eq(true)
    expect(Category.find(state["category"]["id"])).to be_read_restricted
    expect(json["changes"].size).to eq(7)
  end

  it "says as the core does that a category is open to everyone" do
    category = Category.find(declare["cohort"]["category"]["id"])
    category.set_permissions(everyone: :full)
    category.save!

    worker(:get, "/lcm/cohorts.json")

    expect(response).to keep_contract("listCohorts", 200)
    state = json["cohorts"].find { |row| row["key"] == "winter-28" }
    expect(state["category"]["permissions"]).to eq("everyone" => 1)
  end

  it "calls the core's own groups as its API does, whatever language the site is in" do
    Group.find(Group::AUTO_GROUPS[:staff]).update_columns(name: "responsables")

    expect(declare["cohort"]["category"]["permissions"]).to eq("winter-28" => 1, "winter-28-lcm" => 1, "staff" => 1)
    expect(declare["changes"]).to eq([])
  end

  it "changes nothing the second time" do
    declare
    expect { declare }.not_to change { [Group.count, Category.count, Topic.count] }

    expect(json["changes"]).to eq([])
  end

  it "follows a new name, dates, slug and full names" do
    declare

    declare(
      name: "Winter 2028",
      end: "2028-03-31",
      group: { name: "winter-28", full_name: "Winter 2028" },
      category: { name: "Winter 2028", slug: "winter-2028" },
    )

    expect(json["cohort"]["group"]["full_name"]).to eq("Winter 2028")
    expect(json["cohort"]["category"].slice("name", "slug").values).to eq(["Winter 2028", "winter-2028"])
    expect(json["changes"].size).to eq(2)
    expect(DiscourseLcm::Cohort.find_by(key: "winter-28").end_on).to eq(Date.new(2028, 3, 31))
  end

  it "shows a pause and a shift that were made elsewhere, until others are declared" do
    declare
    declare(clock: { paused: true, until: "2027-12-20T00:00:00Z", shift_days: 7 })

    expect(response).to keep_contract("declareCohort", 200)
    expect(json["cohort"]["declared"]["clock"]).to eq(
      "paused" => true,
      "until" => "2027-12-20T00:00:00.000Z",
      "shift_days" => 7,
    )
    declare(name: "Winter 2028", places: false)
    expect(json["cohort"]["declared"]["clock"]["shift_days"]).to eq(7)
    declare(places: false, clock: { paused: false, until: nil, shift_days: 0 })
    cohort = DiscourseLcm::Cohort.find_by(key: "winter-28")
    expect([cohort.paused, cohort.paused_until, cohort.shift_days]).to eq([false, nil, 0])
  end

  it "makes an archived cohort's category read-only for learners" do
    declare
    declare(category: { name: "Winter 28", slug: "winter-28", archived: true })

    expect(json["cohort"]["category"]["permissions"]["winter-28"]).to eq(3)
  end

  it "puts the category inside another one" do
    parent = Fabricate(:category, slug: "cohorts")
    declare(category: { name: "Winter 28", slug: "winter-28", parent_slug: "cohorts" })

    expect(Category.find(json["cohort"]["category"]["id"]).parent_category).to eq(parent)
  end

  it "leaves groups in that somebody let in manually, but not everyone" do
    category = Category.find(declare["cohort"]["category"]["id"])
    category.set_permissions("winter-28" => :readonly, :everyone => :readonly, :moderators => :create_post)
    category.save!

    permissions = declare["cohort"]["category"]["permissions"]

    expect(permissions).to eq("winter-28" => 1, "winter-28-lcm" => 1, "staff" => 1, "moderators" => 2)
    expect(category.reload).to be_read_restricted
  end

  it "leaves out the two groups that stand for everyone on newer cores, whatever the site calls them" do
    category = Category.find(declare["cohort"]["category"]["id"])
    { 4 => "anonymes", 5 => "connectes" }.each do |id, name|
      Group.find_by(id:) || Fabricate(:group, id:, name:, automatic: true)
      category.category_groups.create!(group_id: id, permission_type: CategoryGroup.permission_types[:readonly])
    end

    declare

    expect(category.reload.category_groups.pluck(:group_id)).not_to include(4, 5)
    expect(category).to be_read_restricted
  end

  it "leaves the category below another one where the declaration names none" do
    parent = Fabricate(:category, slug: "cohorts")
    declare(category: { name: "Winter 28", slug: "winter-28", parent_slug: "cohorts" })

    category = declare(name: "Winter again")["cohort"]["category"]

    expect(response).to keep_contract("declareCohort", 200)
    expect(Category.find(category["id"]).parent_category).to eq(parent)
    expect(category.slice("parent_slug", "has_below")).to eq("parent_slug" => "cohorts", "has_below" => false)
  end

  it "tells which tags may be used, what is below, and how members are notified" do
    category = Category.find(declare["cohort"]["category"]["id"])
    expect(json["cohort"]["category"]["tags"]).to eq("names" => [], "restricted" => false, "free" => false)
    category.update!(allowed_tags: %w[pilot autumn], allow_global_tags: true)
    Fabricate(:category, parent_category: category)
    Group.find_by(name: "winter-28").update!(default_notification_level: 2)

    worker(:get, "/lcm/cohorts.json")

    expect(response).to keep_contract("listCohorts", 200)
    state = json["cohorts"].find { |cohort| cohort["key"] == "winter-28" }
    expect(state["group"]["notifications"]).to eq(2)
    expect(state["category"].slice("parent_slug", "has_below")).to eq("parent_slug" => nil, "has_below" => true)
    expect(state["category"]["tags"]).to eq("names" => %w[autumn pilot], "restricted" => true, "free" => true)
  end

  it "tells that tag groups restrict a category, and nothing of tags where the site has none" do
    category = Category.find(declare["cohort"]["category"]["id"])
    category.update!(allowed_tag_groups: [Fabricate(:tag_group).name])
    expect(declare["cohort"]["category"]["tags"]).to eq("names" => [], "restricted" => true, "free" => false)

    SiteSetting.tagging_enabled = false
    expect(declare["cohort"]["category"]["tags"]).to eq(nil)
  end

  it "says once more that LCMs cannot moderate while Discourse's setting is off" do
    SiteSetting.enable_category_group_moderation = false
    declare
    declare

    expect(json["cohort"]["category"]["moderated"]).to eq(false)
    expect(json["changes"].join).to include("enable category group moderation")
  end

  describe "what it refuses, leaving nothing behind" do
    def refused(message, **changes)
      expect { declare(**changes) }.not_to change { [Group.count, Category.count, DiscourseLcm::Cohort.count] }
      expect(response).to keep_contract("declareCohort", 422)
      expect(json["errors"].join).to include(message)
    end

    it "is a category that somebody else made" do
      Fabricate(:category, slug: "winter-28")
      refused("adopt")

      declare(adopt: true)
      expect(response).to keep_contract("declareCohort", 200)
    end

    it "is another cohort's category, even to adopt" do
      refused("belongs to the cohort", adopt: true, category: { name: "Spring", slug: "spring-27" })
    end

    it "is a group of Discourse's own" do
      refused("Discourse's own", group: { name: "staff", full_name: "Staff" })
    end

    it "is a group that was there before, or made anew under the name of the cohort's, unless it is adopted" do
      board = Fabricate(:group, name: "winter-28")
      refused("adopt")
      declare(adopt: true)
      expect(json["cohort"]["group"]["id"]).to eq(board.id)
      board.destroy!
      anew = Fabricate(:group, name: "winter-28")
      refused("adopt")
      declare(adopt: true)
      expect(json["cohort"]["group"]["id"]).to eq(anew.id)
    end

    it "is a group that was renamed on the forum" do
      declare
      Group.find_by(name: "winter-28").update!(name: "winter-twenty-eight")
      refused("winter-twenty-eight")
    end

    it "is another cohort's group" do
      refused("taken", adopt: true, group: { name: "spring-27", full_name: "Spring" })
    end

    it "is one group for learners and LCMs" do
      refused("group of their own", lcm_group: { name: "winter-28", full_name: "All" })
    end

    it "is making what is missing where the declaration says not to" do
      refused("no group", create: false)
    end

    it "is a parent that is not there" do
      refused("Make it first", category: { name: "Winter", slug: "winter-28", parent_slug: "nowhere" })
    end

    it "is an end before the start and a clock that nobody has" do
      refused("before the start", end: "2027-01-01")
      refused("Mars/Olympus", timezone: "Mars/Olympus")
    end
  end

  it "refuses a declaration that lacks something, saying what" do
    worker(:put, "/lcm/cohorts/winter-28.json", declaration.except(:category))

    expect(response).to keep_contract("declareCohort", 400)
    expect(json["errors"].first).to include("category")
  end

  it "answers 400 to what is not JSON" do
    put "/lcm/cohorts/winter-28.json",
        params: "{",
        headers: worker_headers.merge("CONTENT_TYPE" => "application/json")

    expect(response.status).to eq(400)
  end

  it "knows no key that is none" do
    worker(:put, "/lcm/cohorts/Winter_28.json", declaration)

    expect(response.status).to eq(404)
  end

  describe "listing" do
    it "shows all cohorts with digests, in the same number of queries for any number of them" do
      worker(:get, "/lcm/cohorts.json")
      expect(response).to keep_contract("listCohorts", 200)
      expect(json["cohorts"].map { |row| row["key"] }).to eq(%w[autumn-27 spring-27])

      few = track_sql_queries { worker(:get, "/lcm/cohorts.json") }.size
      5.times { Fabricate(:lcm_cohort) }
      expect(track_sql_queries { worker(:get, "/lcm/cohorts.json") }.size).to eq(few)
    end

    it "says so where a group or the category is gone" do
      group.destroy!
      category.destroy!

      worker(:get, "/lcm/cohorts.json")

      expect(response).to keep_contract("listCohorts", 200)
      row = json["cohorts"].find { |cohort| cohort["key"] == "spring-27" }
      expect(row.values_at("group", "category")).to eq([nil, nil])
    end
  end

  describe "forgetting" do
    it "takes all that was kept of the cohort along, and leaves groups, category and topics" do
      post = Fabricate(:post, topic: Fabricate(:topic, category:))
      Fabricate(:lcm_learner, cohort:)
      Fabricate(:lcm_draft, cohort:)
      Fabricate(:lcm_story, cohort:, post:)
      Fabricate(:lcm_blocker, cohort:)
      Fabricate(:lcm_practice, cohort:, post:)
      run = Fabricate(:lcm_run, cohort:)
      DiscourseLcm::RunLine.create!(run:, number: 1, at: Time.zone.now, level: "info", text: "a")
      DiscourseLcm::Decision.record!(kind: "pin", subject: 1, by: lcm, cohort:)

      worker(:delete, "/lcm/cohorts/spring-27.json")
      expect(response).to keep_contract("forgetCohort", 204)

      kept = DiscourseLcm::Cohort.reflect_on_all_associations(:has_many).map(&:klass)
      expect((kept + [DiscourseLcm::RunLine]).sum(&:count)).to eq(0)
      expect([Group.exists?(group.id), Category.exists?(category.id), Post.exists?(post.id)]).to all(eq(true))

      worker(:delete, "/lcm/cohorts/spring-27.json")
      expect(response).to keep_contract("forgetCohort", 204)
    end
  end

  describe "a category that is made" do
    let(:winter) { declaration_of("winter-27", "Hiver 27", locale: "fr") }

    def declare_winter
      worker(:put, "/lcm/cohorts/winter-27.json", winter)
      expect(response).to keep_contract("declareCohort", 200)
      Category.find_by(slug: "winter-27")
    end

    it "says in the cohort's language what it is, not what Discourse advises administrators" do
      made = declare_winter

      expect(made.topic.title).to include("Hiver 27")
      expect(made.topic.title).not_to start_with("About")
      expect(made.topic.first_post.raw).to start_with("C’est ici que se retrouve la cohorte Hiver 27")
      expect(made.description).to include("la question de la semaine")
    end

    it "gets that text later where Discourse's own is still there, and keeps what somebody wrote" do
      made = declare_winter
      post = made.topic.first_post
      post.revise(admin, { raw: Category.post_template }, skip_validations: true)
      declare_winter
      expect(post.reload.raw).to start_with("C’est ici")

      post.revise(admin, { raw: "Our own words about this place." })
      expect(declare_winter.topic.first_post.raw).to eq("Our own words about this place.")
    end

    it "tells its members of new topics from the first day on, and keeps what was chosen since" do
      made = declare_winter
      groups = Group.where(name: %w[winter-27 winter-27-lcm])
      levels = -> { groups.flat_map { |one| one.group_category_notification_defaults.pluck(:category_id, :notification_level) } }
      expect(levels.call).to eq([[made.id, NotificationLevels.all[:watching_first_post]]] * 2)

      groups.each { |one| one.group_category_notification_defaults.delete_all }
      declare_winter
      expect(levels.call).to eq([])
    end
  end

  describe "what the forum shows of a cohort" do
    let(:facts) { { start: "2026-11-09", end: "2027-03-05", name: "Spring cohort", timezone: "Europe/Lisbon", locale: "fr", playbook: "other" } }
    let(:unchanged) do
      {
        group: { name: "spring-27", full_name: "x" },
        lcm_group: { name: "spring-27-lcm", full_name: "x" },
        category: { name: "x", slug: "x" },
      }
    end

    it "is reported with its state, and brought up to date without touching groups and category" do
      category.set_permissions(everyone: :full)
      category.save!
      worker(:put, "/lcm/cohorts/spring-27.json", { **facts, **unchanged, places: false })

      expect(response).to keep_contract("declareCohort", 200)
      expect(json["changes"]).to eq([])
      clock = { "paused" => false, "until" => nil, "shift_days" => 0 }
      expect(json["cohort"]["declared"]).to eq({ **facts.stringify_keys, "clock" => clock })
      expect([group.reload.full_name, category.reload.name == "x", category.read_restricted]).to eq(["Spring 27", false, false])
    end

    it "is refused for a cohort that was never declared" do
      worker(:put, "/lcm/cohorts/winter-27.json", { **facts, **unchanged, places: false })
      expect(response).to keep_contract("declareCohort", 422)
      expect(DiscourseLcm::Cohort.exists?(key: "winter-27")).to eq(false)
    end
  end
end
