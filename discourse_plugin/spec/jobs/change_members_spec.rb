# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe Jobs::DiscourseLcm::ChangeMembers do
  include_context "with a cohort"

  fab!(:newcomer, :user)

  def recorded(*slices)
    DiscourseLcm::Change.create!(
      cohort:,
      change: "c1",
      user: admin,
      slices: slices.map(&:stringify_keys),
      pending: slices.sum { |slice| slice[:ids].size },
    )
  end

  it "does each slice and says which are done" do
    change =
      recorded(
        { slot: "group", do: "add", ids: [newcomer.id] },
        { slot: "group", do: "own", ids: [newcomer.id] },
        { slot: "group", do: "remove", ids: [learner.id] },
      )

    described_class.new.execute(change_id: change.id)

    expect(group.group_users.pluck(:user_id, :owner)).to eq([[newcomer.id, true]])
    expect(change.reload.slice(:pending, :slices, :done).values).to eq(
      [
        0,
        [],
        { "group" => { "added" => [newcomer.id], "owners_added" => [newcomer.id], "removed" => [learner.id] } },
      ],
    )
  end

  it "leaves alone what somebody did manually in the meantime" do
    change = recorded({ slot: "group", do: "add", ids: [learner.id] }, { slot: "group", do: "remove", ids: [newcomer.id] })

    expect { described_class.new.execute(change_id: change.id) }.not_to change { GroupHistory.count }
    expect(change.reload.done["group"]).to eq("added" => [], "removed" => [])
  end

  it "writes a slice and the record of it together" do
    change = recorded({ slot: "group", do: "add", ids: [newcomer.id] })
    DiscourseLcm::Change.any_instance.stubs(:update!).raises(ActiveRecord::StatementInvalid)

    expect { described_class.new.execute(change_id: change.id) }.to raise_error(ActiveRecord::StatementInvalid)
    expect(group.users).not_to include(newcomer)
  end

  it "ends though the group is gone" do
    change = recorded({ slot: "group", do: "add", ids: [newcomer.id] })
    group.destroy!

    described_class.new.execute(change_id: change.id)

    expect(change.reload.slices).to eq([])
  end

  it "wants to know which change" do
    expect { described_class.new.execute({}) }.to raise_error(Discourse::InvalidParameters)
  end
end
