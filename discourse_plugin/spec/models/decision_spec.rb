# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Decision do
  fab!(:user)

  it "keeps what was said, and leaves out what was not" do
    decision = described_class.record!(kind: "own_blocker", subject: 7, by: user, data: { owner: nil, reason: "x" })

    expect(decision.reload.slice(:subject, :data).values).to eq(["7", { "reason" => "x" }])
  end

  it "is written one after the other, so that ids follow the order of commits" do
    locks = track_sql_queries { described_class.record!(kind: "pin", subject: 7, by: user) }

    expect(locks.join).to include("pg_advisory_xact_lock")
  end
end
