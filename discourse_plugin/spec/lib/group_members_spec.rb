# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::GroupMembers do
  fab!(:actor) { Fabricate(:admin) }
  fab!(:watched) { Fabricate(:category) }
  fab!(:muted) { Fabricate(:category) }
  fab!(:tag)
  fab!(:old_group) { Fabricate(:group, title: "Old title", primary_group: true) }
  let!(:one_by_one) { group_with_everything("one-by-one") }
  let!(:in_bulk) { group_with_everything("in-bulk") }

  def group_with_everything(name)
    group =
      Fabricate(
        :group,
        name:,
        title: "New title",
        primary_group: true,
        grant_trust_level: 2,
        default_notification_level: 1,
      )
    GroupCategoryNotificationDefault.create!(group:, category: watched, notification_level: 3)
    GroupCategoryNotificationDefault.create!(group:, category: muted, notification_level: 0)
    GroupTagNotificationDefault.create!(group:, tag:, notification_level: 2)
    group
  end

  # People to whom adding means different things.
  def people
    plain = Fabricate(:user, trust_level: 1)
    titled = Fabricate(:user, title: "Own title")
    from_old_group = Fabricate(:user)
    old_group.add(from_old_group)
    choosy = Fabricate(:user)
    CategoryUser.create!(user: choosy, category: watched, notification_level: 1)
    CategoryUser.create!(user: choosy, category: muted, notification_level: 2)
    reader = Fabricate(:user)
    TopicUser.create!(user: reader, topic: Fabricate(:topic, category: watched), notification_level: 1)
    TagUser.create!(user: reader, tag:, notification_level: 3)
    [plain, titled, from_old_group, choosy, reader].each(&:reload)
  end

  def facts_of(user, group)
    user.reload
    {
      member: group.group_users.where(user:).pluck(:owner, :notification_level),
      title: user.title,
      primary: user.primary_group_id == group.id,
      flair: user.flair_group_id == group.id,
      trust_level: user.trust_level,
      categories: CategoryUser.where(user:, category: [watched, muted]).order(:category_id).pluck(:notification_level),
      tags: TagUser.where(user:).order(:tag_id).pluck(:tag_id, :notification_level),
      topics: TopicUser.where(user:).pluck(:notification_level, :notifications_reason_id),
      log: GroupHistory.where(group:, target_user: user).pluck(:action, :acting_user_id, :subject),
    }
  end

  before { Jobs.run_immediately! }

  it "adds people in bulk with all that adding them one by one brings about" do
    singly, together = people, people
    singly.each do |user|
      one_by_one.add(user)
      GroupActionLogger.new(actor, one_by_one).log_add_user_to_group(user)
    end
    members = described_class.new(in_bulk, actor)
    events =
      DiscourseEvent.track_events(:user_added_to_group) do
        members.add(together.map(&:id))
        members.announce(together.map(&:id))
      end

    expect(together.map { |user| facts_of(user, in_bulk) }).to eq(
      singly.map { |user| facts_of(user, one_by_one) },
    )
    expect(in_bulk.reload.user_count).to eq(one_by_one.reload.user_count)
    told = events.filter_map { |event| event[:params].first if event[:params].second == in_bulk }
    expect(told).to match_array(together)
  end

  it "gives a default for a synonym to the tag that it stands for" do
    GroupTagNotificationDefault.where(group: in_bulk).delete_all
    synonym = Fabricate(:tag, target_tag: tag)
    GroupTagNotificationDefault.create!(group: in_bulk, tag: synonym, notification_level: 3)
    user = Fabricate(:user)

    described_class.new(in_bulk, actor).add([user.id])

    expect(TagUser.where(user:).pluck(:tag_id, :notification_level)).to eq([[tag.id, 3]])
  end

  it "removes people in bulk with all that removing them one by one brings about" do
    singly, together = people, people
    singly.each { |user| one_by_one.add(user) }
    together.each { |user| in_bulk.add(user) }
    GroupHistory.delete_all

    singly.each do |user|
      one_by_one.remove(user)
      GroupActionLogger.new(actor, one_by_one).log_remove_user_from_group(user)
    end
    events =
      DiscourseEvent.track_events(:user_removed_from_group) do
        described_class.new(in_bulk, actor).remove(together.map(&:id))
      end

    expect(together.map { |user| facts_of(user, in_bulk) }).to eq(
      singly.map { |user| facts_of(user, one_by_one) },
    )
    expect(in_bulk.reload.user_count).to eq(0)
    expect(events.size).to eq(together.size)
  end

  it "logs who is made an owner and who is not one any more" do
    user = Fabricate(:user)
    in_bulk.add(user)
    members = described_class.new(in_bulk, actor)

    members.make_owners([user.id])
    expect(in_bulk.group_users.find_by(user:).owner).to eq(true)

    members.remove_as_owners([user.id])
    expect(in_bulk.group_users.find_by(user:).owner).to eq(false)
    expect(GroupHistory.where(group: in_bulk, target_user: user).order(:id).pluck(:action)).to eq(
      GroupHistory.actions.values_at(:make_user_group_owner, :remove_user_as_group_owner),
    )
  end

  it "sends the webhooks of people who join and leave" do
    Fabricate(:group_user_web_hook)
    user = Fabricate(:user)
    Jobs.run_later!
    members = described_class.new(in_bulk, actor)

    members.add([user.id])
    members.announce([user.id])
    members.remove([user.id])

    events = Jobs::EmitWebHookEvent.jobs.map { |job| job["args"].first["event_name"] }
    expect(events).to include("user_added_to_group", "user_removed_from_group")
  end

  it "leaves all but the log to a core whose own bulk operations are complete" do
    described_class.stubs(:core_is_complete?).returns(true)
    members = described_class.new(in_bulk, actor)
    user = Fabricate(:user, title: "Own title")
    in_bulk.expects(:bulk_add).with([user.id], automatic: false)

    messages = MessageBus.track_publish { members.add([user.id]) }

    expect(messages.map(&:channel)).not_to include("/categories", "/refresh_client")
    expect(CategoryUser.where(user:)).to be_empty
    expect(GroupHistory.where(group: in_bulk, target_user: user).pluck(:action, :acting_user_id)).to eq(
      [[GroupHistory.actions[:add_user_to_group], actor.id]],
    )
  end

  it "does not announce members a second time on such a core" do
    described_class.stubs(:core_is_complete?).returns(true)
    in_bulk.expects(:bulk_remove).with([actor.id])

    messages = MessageBus.track_publish { described_class.new(in_bulk, actor).remove([actor.id]) }

    expect(messages.map(&:channel)).not_to include("/categories", "/refresh_client")
  end

  it "tells the browsers of new members about the group's categories" do
    Fabricate(:private_category, group: in_bulk)
    user = Fabricate(:user)

    messages = MessageBus.track_publish("/categories") { described_class.new(in_bulk, actor).announce([user.id]) }

    expect(messages.map(&:user_ids)).to eq([[user.id]])
  end
end
