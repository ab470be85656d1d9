# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe "members of a cohort" do
  include_context "with a cohort"

  fab!(:newcomer) { Fabricate(:user, email: "New.Comer@example.com", username: "newcomer") }

  def look(people, **more)
    worker(:post, "/lcm/cohorts/spring-27/members.json", { people:, **more })
    expect(response).to keep_contract("lookAtMembers", 200)
    json
  end

  def change_members(**body)
    worker(:put, "/lcm/cohorts/spring-27/members.json", { change: "change-1", **body })
    json
  end

  def digest
    DiscourseLcm::CohortDigest.of(cohort)
  end

  describe "looking" do
    it "finds people by external id, e-mail and username, whatever their case" do
      SingleSignOnRecord.create!(user: learner, external_id: "E-1", last_payload: "")

      seen = look(
        [
          { ref: "a", external_id: "E-1" },
          { ref: "b", email: " new.comer@EXAMPLE.com" },
          { ref: "c", username: "INES" },
          { ref: "d", email: "nobody@example.com", username: "nobody-here" },
        ],
      )

      expect(seen["found"].map { |row| [row["ref"], row["by"], row["account"]["username"]] }).to eq(
        [%w[a external_id tomas], %w[b email newcomer], %w[c username ines]],
      )
      expect(seen["unknown"]).to eq(["d"])
      expect(seen["members"].map { |row| row["username"] }).to eq(["tomas"])
      joined_at = Time.zone.parse(seen["members"].first["joined_at"])
      expect(joined_at).to be_within(1.minute).of(Time.zone.now)
      expect(seen["lcm_members"].map { |row| row["username"] }).to eq(["lena"])
    end

    it "holds on to an account known from before, and does not choose between several" do
      people = [
        { ref: "known", user_id: learner.id, username: "ines" },
        { ref: "torn", email: "new.comer@example.com", username: "ines" },
        { ref: "gone", user_id: 99_999_999, username: "ines" },
      ]

      seen = look(people)

      expect(seen["found"].map { |row| [row["ref"], row["by"], row["account"]["id"]] }).to eq(
        [["known", "user_id", learner.id], ["gone", "username", other_learner.id]],
      )
      expect(seen["ambiguous"].first["accounts"].map { |row| row["by"] }).to eq(%w[email username])
    end

    it "looks by nothing that the roster does not trust" do
      seen = look([{ ref: "a", email: "new.comer@example.com", username: "newcomer" }], identity: ["external_id"])

      expect(seen["unknown"]).to eq(["a"])
    end

    it "tells how an account stands" do
      newcomer.update!(suspended_till: 1.day.from_now)
      learner.update!(silenced_till: 1.day.from_now)
      staged = Fabricate(:user, staged: true, username: "staged")
      inactive = Fabricate(:user, active: false, username: "inactive")

      people = [newcomer, learner, staged, inactive, lcm].map { |user| { ref: user.username, user_id: user.id } }

      expect(look(people)["found"].map { |row| row["account"]["standing"] }).to eq(
        %w[suspended silenced staged inactive active],
      )
    end

    it "says no more than that nothing changed where the digest is the present one" do
      expect(look([], digest:)).to eq("unchanged" => true, "digest" => digest)

      lcm_group.group_users.find_by(user: lcm).update!(owner: true)
      expect(look([], digest: "0" * 32)["unchanged"]).to eq(false)
    end

    it "takes the same number of queries for many people as for one" do
      few = [{ ref: "a", email: "a@example.com", username: "a" }]
      many = Array.new(500) { |n| { ref: n.to_s, email: "p#{n}@example.com", username: "p#{n}" } }
      look(few)

      counts = [few, many].map { |people| track_sql_queries { look(people) }.size }

      expect(counts.uniq.size).to eq(1)
    end

    it "refuses what is not a list of people, saying where" do
      worker(:post, "/lcm/cohorts/spring-27/members.json", { people: [{ email: "a@example.com" }] })

      expect(response).to keep_contract("lookAtMembers", 400)
      expect(json["errors"].first).to include("/people/0")
    end

    it "looks for a cohort that is not declared yet by its names, and keeps nothing of it" do
      nowhere = { group: "winter-27", lcm_group: "winter-27-lcm", category_slug: "winter-27" }
      worker(:post, "/lcm/cohorts/winter-27/members.json", { people: [{ ref: "a", username: "ines" }], named: nowhere })
      expect(response).to keep_contract("lookAtMembers", 200)
      expect(json["cohort"].slice("group", "lcm_group", "category").values).to eq([nil, nil, nil])
      expect(json["found"].map { |row| row["ref"] }).to eq(["a"])
      expect(json["members"]).to eq([])

      there = { group: group.name.upcase, lcm_group: lcm_group.name, category_slug: category.slug }
      worker(:post, "/lcm/cohorts/winter-27/members.json", { people: [], named: there })
      expect(response).to keep_contract("lookAtMembers", 200)
      expect(json["cohort"].dig("category", "id")).to eq(category.id)
      expect(json["members"].map { |row| row["username"] }).to eq(["tomas"])
      expect(json["digest"]).to eq(json["cohort"]["digest"])
      expect(DiscourseLcm::Cohort.find_by(key: "winter-27")).to eq(nil)
    end

    it "tells how the cohort stands" do
      expect(look([])["cohort"]).to include("key" => "spring-27", "digest" => digest)
    end

    it "knows no cohort that was not declared" do
      worker(:post, "/lcm/cohorts/winter-27/members.json", { people: [] })

      expect(response).to keep_contract("lookAtMembers", 404)
    end
  end

  describe "changing" do
    it "adds, removes and makes owners, and says what was passed over and why" do
      answer =
        change_members(
          expect: digest,
          group: {
            add: [newcomer.id, learner.id, 99_999_999],
            remove: [other_learner.id],
          },
          lcm_group: {
            add: [newcomer.id],
            add_owners: [newcomer.id, other_lcm.id],
            remove: [lcm.id],
          },
        )

      expect(response).to keep_contract("changeMembers", 200)
      expect(answer["group"]["added"]).to eq([newcomer.id])
      expect(answer["group"]["skipped"]).to contain_exactly(
        { "user_id" => learner.id, "reason" => "already_member" },
        { "user_id" => 99_999_999, "reason" => "unknown_user" },
        { "user_id" => other_learner.id, "reason" => "not_member" },
      )
      expect(answer["lcm_group"].slice("added", "owners_added", "removed").values).to eq(
        [[newcomer.id], [newcomer.id], [lcm.id]],
      )
      expect(answer["lcm_group"]["skipped"]).to eq([{ "user_id" => other_lcm.id, "reason" => "not_member" }])
      expect(answer["digest"]).to eq(digest)
      expect(lcm_group.group_users.pluck(:user_id, :owner)).to eq([[newcomer.id, true]])
    end

    it "does nothing where members changed since the plan" do
      change_members(expect: "0" * 32, group: { add: [newcomer.id] })

      expect(response).to keep_contract("changeMembers", 409)
      expect(group.users).not_to include(newcomer)
      expect(DiscourseLcm::Change.count).to eq(0)
    end

    it "rehearses without a trace" do
      answer = nil
      expect { answer = change_members(dry_run: true, group: { add: [newcomer.id] }) }.not_to change { GroupUser.count }

      expect(response).to keep_contract("changeMembers", 200)
      expect(answer["group"]["added"]).to eq([newcomer.id])
      expect(DiscourseLcm::Change.count).to eq(0)
      expect(GroupHistory.count).to eq(0)
    end

    it "does a change once, however often it is sent" do
      first = change_members(group: { add: [newcomer.id] })
      group.remove(newcomer)

      again = change_members(group: { add: [newcomer.id] })

      expect(again["group"]).to eq(first["group"])
      expect(group.reload.users).not_to include(newcomer)
    end

    it "does a change again that was taken back since, for a caller who saw that" do
      before = digest
      first = change_members(expect: before, group: { add: [newcomer.id] })
      expect(change_members(expect: before, group: { add: [newcomer.id] }).except("seconds")).to eq(first.except("seconds"))
      group.remove(newcomer)

      again = change_members(expect: before, group: { add: [newcomer.id] })

      expect(again["digest"]).to eq(first["digest"])
      expect(group.reload.users).to include(newcomer)
      expect(DiscourseLcm::Change.count).to eq(1)
    end

    it "leaves to a job what does not fit into the call, and counts it" do
      SiteSetting.lcm_members_slice = 50
      people = Array.new(120) { Fabricate(:user) }

      answer = change_members(wait: 0, group: { add: people.map(&:id) })

      expect(response).to keep_contract("changeMembers", 200)
      expect(answer["pending"]).to eq(70)
      expect(answer["group"]["added"].size).to eq(50)
      worker(:get, "/lcm/cohorts.json")
      expect(json["cohorts"].find { |row| row["key"] == "spring-27" }["pending"]).to eq(70)

      job = Jobs::DiscourseLcm::ChangeMembers.jobs.first
      Jobs::DiscourseLcm::ChangeMembers.new.execute(change_id: job["args"].first["change_id"])

      expect(change_members["pending"]).to eq(0)
      expect(group.group_users.count).to eq(121)
      expect(DiscourseLcm::Change.last.slices).to eq([])
    end

    it "goes on where it was cut off" do
      SiteSetting.lcm_members_slice = 50
      people = Array.new(60) { Fabricate(:user) }
      change_members(wait: 0, group: { add: people.map(&:id) })

      answer = change_members(group: { add: people.map(&:id) })

      expect(answer["pending"]).to eq(0)
      expect(answer["group"]["added"]).to match_array(people.map(&:id))
    end

    it "tells others of every newcomer once" do
      people = Array.new(3) { Fabricate(:user) }
      Jobs.run_immediately!

      events =
        DiscourseEvent.track_events(:user_added_to_group) do
          2.times { change_members(group: { add: people.map(&:id) }) }
        end

      expect(events.map { |event| event[:params].first }).to match_array(people)
    end

    it "refuses more people than the contract allows" do
      change_members(group: { add: (1..20_001).to_a })

      expect(response).to keep_contract("changeMembers", 400)
    end

    it "takes a number of statements that does not grow with the people added" do
      two = Array.new(2) { Fabricate(:user).id }
      forty = Array.new(40) { Fabricate(:user).id }
      change_members(change: "warm", group: { add: [newcomer.id] })

      counts =
        [two, forty].map.with_index do |ids, number|
          track_sql_queries { change_members(change: "count-#{number}", group: { add: ids }) }.size
        end

      expect(counts.uniq.size).to eq(1)
    end
  end
end
