# frozen_string_literal: true

Fabricator(:lcm_cohort, from: "DiscourseLcm::Cohort") do
  key { sequence(:lcm_cohort_key) { |number| "cohort-#{number}" } }
  name { |attributes| attributes[:key].titleize }
  start_on { Date.new(2026, 11, 2) }
  end_on { Date.new(2027, 2, 26) }
  timezone "Europe/Paris"
  locale "en"
  playbook "first-steps"
  group
  lcm_group { Fabricate(:group) }
  category { |attributes| Fabricate(:private_category, group: attributes[:group]) }
end

Fabricator(:lcm_learner, from: "DiscourseLcm::Learner") do
  cohort { Fabricate(:lcm_cohort) }
  user
  weeks [0, 2, 1, 3]
  posts 6
end

Fabricator(:lcm_draft, from: "DiscourseLcm::Draft") do
  cohort { Fabricate(:lcm_cohort) }
  key { sequence(:lcm_draft_key) { |number| "draft-#{number}" } }
  kind "message"
  play "nudge"
  step "quiet"
  title "A word about Tuesday"
  raw "Tomas answered your question about **hand-overs**."
  recipients %w[tomas]
  reason "Seven quiet days after an answered question."
  drafted_at { Time.zone.now }
end

Fabricator(:lcm_story, from: "DiscourseLcm::Story") do
  cohort { Fabricate(:lcm_cohort) }
  post
  user { |attributes| attributes[:post].user }
  title "Asking first halved the hand-over"
  quote "I asked before I told."
end

Fabricator(:lcm_blocker, from: "DiscourseLcm::Blocker") do
  cohort { Fabricate(:lcm_cohort) }
  topic
  question "Who signs the form?"
  since { 3.days.ago }
end

Fabricator(:lcm_practice, from: "DiscourseLcm::Practice") do
  cohort { Fabricate(:lcm_cohort) }
  post
  topic_id { |attributes| attributes[:post].topic_id }
  title "Ask before you tell"
end

Fabricator(:lcm_run, from: "DiscourseLcm::Run") do
  run_id { sequence(:lcm_run_id) { |number| "run-#{number}" } }
  kind "sync"
  state "running"
  started_at { Time.zone.now }
end
