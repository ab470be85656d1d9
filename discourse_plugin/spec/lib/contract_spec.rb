# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Contract do
  it "says what is wrong and where, at most five times" do
    errors = described_class.errors("Heartbeat", { "worker" => 1, "calls" => -1, "surprise" => true })

    expect(errors.join).to include("/worker", "/calls", "version", "surprise")
    expect(described_class.errors("MembersChange", { "change" => "a", "group" => { "add" => ["x"] * 50 } }).size).to eq(5)
  end

  it "leaves rows aside where they are checked one by one, but not how many they are" do
    publication = { "as_of" => "2026-11-25T12:00:00Z", "drafts" => [{}] }

    expect(described_class.errors("DeskPublication", publication)).to be_present
    expect(described_class.errors_but_rows("DeskPublication", publication)).to eq([])
    expect(described_class.errors_but_rows("DeskPublication", publication.merge("drafts" => [{}] * 1001))).to eq(
      ["drafts has 1001 rows, at most 1000 are taken"],
    )
    expect(described_class.errors_but_rows("DeskPublication", [1])).to be_present
  end

  it "has a route for every operation, and an operation for every route" do
    described = ContractMatchers.operations.map { |operation| [operation.method.upcase, operation.path] }
    routes =
      DiscourseLcm::Engine.routes.routes.map { |route| [route.verb, "/lcm#{route.path.spec}"] } +
        Rails.application.routes.routes.filter_map do |route|
          path = route.path.spec.to_s
          [route.verb, path] if path.start_with?("/admin/plugins/discourse-lcm/") && path.end_with?(".json")
        end

    expect(routes.map { |verb, path| [verb, path.gsub(/:(\w+)/, '{\1}')] }).to match_array(described)
  end
end
