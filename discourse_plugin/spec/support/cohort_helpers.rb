# frozen_string_literal: true

# A cohort with its people, as most specs need one.
RSpec.shared_context "with a cohort" do
  fab!(:admin)
  fab!(:moderator)
  fab!(:lcm) { Fabricate(:user, username: "lena") }
  fab!(:learner) { Fabricate(:user, username: "tomas") }
  fab!(:other_learner) { Fabricate(:user, username: "ines") }
  fab!(:other_lcm) { Fabricate(:user, username: "omar") }
  fab!(:group) { Fabricate(:group, name: "spring-27", full_name: "Spring 27") }
  fab!(:lcm_group) { Fabricate(:group, name: "spring-27-lcm") }
  fab!(:category) { Fabricate(:private_category, group:, slug: "spring-27") }
  fab!(:cohort) { Fabricate(:lcm_cohort, key: "spring-27", group:, lcm_group:, category:) }
  fab!(:other_cohort) { Fabricate(:lcm_cohort, key: "autumn-27") }
  let(:api_key_scope) { "worker" }
  let(:api_key) do
    scope = ApiKeyScope.new(resource: "lcm", action: api_key_scope)
    Fabricate(:api_key, user: admin, scope_mode: "granular", api_key_scopes: [scope])
  end
  let(:worker_headers) { { "Api-Key" => api_key.key, "Api-Username" => admin.username } }

  before do
    SiteSetting.lcm_enabled = true
    group.add(learner)
    lcm_group.add(lcm)
    category.set_permissions(group => :full, lcm_group => :full, :staff => :full)
    category.save!
    other_cohort.group.add(other_learner)
    other_cohort.lcm_group.add(other_lcm)
  end

  def worker(method, path, body = nil)
    headers = worker_headers.merge("CONTENT_TYPE" => "application/json")
    public_send(method, path, params: body&.to_json, headers:)
  end

  # What the worker declares of a cohort whose groups and category are called after its key.
  def declaration_of(key, name = key.titleize, **more)
    {
      name:,
      start: "2026-11-02",
      end: "2027-02-26",
      timezone: "Europe/Paris",
      locale: "en",
      group: { name: key, full_name: name },
      lcm_group: { name: "#{key}-lcm", full_name: "#{name}, LCMs" },
      category: { name:, slug: key },
      **more,
    }
  end

  def json
    JSON.parse(response.body)
  end
end
