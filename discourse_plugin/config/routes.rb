# frozen_string_literal: true

DiscourseLcm::Engine.routes.draw do
  key = /[a-z0-9][a-z0-9-]{0,38}[a-z0-9]/
  run_id = /[A-Za-z0-9_-]{1,64}/
  draft_key = /[A-Za-z0-9_-]{1,50}/
  number = /\d{1,9}/

  scope format: false, defaults: { format: :json } do
    get "/status.json" => "status#show"
    get "/cohorts.json" => "cohorts#index"
    put "/cohorts/:key.json" => "cohorts#declare", :constraints => { key: }
    delete "/cohorts/:key.json" => "cohorts#forget", :constraints => { key: }
    post "/cohorts/:key/members.json" => "members#look", :constraints => { key: }
    put "/cohorts/:key/members.json" => "members#change", :constraints => { key: }
    get "/cohorts/:key/activity.json" => "activity#show", :constraints => { key: }
    put "/cohorts/:key/desk.json" => "publications#desk", :constraints => { key: }
    get "/work.json" => "work#index"
    put "/playbooks.json" => "publications#playbooks"
    put "/runs/:id.json" => "publications#run", :constraints => { id: run_id }
    put "/heartbeat.json" => "publications#heartbeat"

    get "/desk/:key.json" => "desk#show", :constraints => { key: }
    put "/desk/:key/drafts/:draft_key.json" => "desk#draft", :constraints => { key:, draft_key: }
    put "/desk/:key/learners/:user_id.json" => "desk#learner",
        :constraints => {
          key:,
          user_id: number,
        }
    put "/desk/:key/blockers/:topic_id.json" => "desk#blocker",
        :constraints => {
          key:,
          topic_id: number,
        }
    put "/desk/:key/stories/:post_id.json" => "desk#story", :constraints => { key:, post_id: number }

    scope constraints: { topic_id: number } do
      put "/topics/:topic_id/pin.json" => "topics#pin"
      delete "/topics/:topic_id/pin.json" => "topics#unpin"
      put "/topics/:topic_id/spotlight.json" => "topics#spotlight"
      put "/topics/:topic_id/blocker.json" => "topics#mark_blocker"
      delete "/topics/:topic_id/blocker.json" => "topics#clear_blocker"
      put "/topics/:topic_id/practice.json" => "topics#mark_practice"
      delete "/topics/:topic_id/practice.json" => "topics#unmark_practice"
      put "/topics/:topic_id/timer.json" => "topics#set_timer"
      delete "/topics/:topic_id/timer.json" => "topics#clear_timer"
    end

    get "/box/:category_id.json" => "learners#box", :constraints => { category_id: number }
    get "/preferences.json" => "learners#preferences"
    put "/preferences.json" => "learners#save_preferences"
    put "/stories/:post_id/consent.json" => "learners#consent", :constraints => { post_id: number }
  end
end

Discourse::Application.routes.draw do
  mount ::DiscourseLcm::Engine, at: "/lcm"

  get "/g/:name/lcm" => "discourse_lcm/shell#show", :constraints => { name: RouteFormat.username }
  %w[u users].each do |root|
    get "/#{root}/:username/preferences/lcm" => "users#preferences",
        :constraints => {
          username: RouteFormat.username,
        }
  end

  scope "/admin/plugins/discourse-lcm", constraints: AdminConstraint.new do
    scope format: false, defaults: { format: :json } do
      get "/console.json" => "discourse_lcm/admin#console"
      get "/runs/:id.json" => "discourse_lcm/admin#run",
          :constraints => {
            id: /[A-Za-z0-9_-]{1,64}/,
          }
      post "/requests.json" => "discourse_lcm/admin#request_run"
    end

    scope format: false do
      get "/playbooks" => "discourse_lcm/admin#shell"
      get "/runs" => "discourse_lcm/admin#shell"
      get "/runs/:id" => "discourse_lcm/admin#shell", :constraints => { id: /[A-Za-z0-9_-]{1,64}/ }
      get "/health" => "discourse_lcm/admin#shell"
    end
  end
end
