# frozen_string_literal: true

# name: discourse-lcm
# about: A desk for learning community managers, and what the worker that looks after their cohorts needs of the forum
# version: 1.0.0
# authors: discourse-lcm contributors
# required_version: 3.5.0.beta8

enabled_site_setting :lcm_enabled

register_asset "stylesheets/discourse-lcm.scss"

%w[hand-holding-heart lightbulb road-barrier].each { |icon| register_svg_icon icon }

add_admin_route "discourse_lcm.admin.title", "discourse-lcm", use_new_show_route: true

module ::DiscourseLcm
  PLUGIN_NAME = "discourse-lcm"
  VERSION = "1.0.0"
end

require_relative "lib/discourse_lcm/engine"

after_initialize do
  reloadable_patch do
    Guardian.prepend(DiscourseLcm::GuardianExtension)
    GroupShowSerializer.include(DiscourseLcm::GroupCohort)
    TopicViewSerializer.include(DiscourseLcm::TopicCohort)
    Post.include(DiscourseLcm::FedByPosts)
    Topic.include(DiscourseLcm::FedByTopics)
    User.include(DiscourseLcm::FedByUsers)
    User.include(DiscourseLcm::ForgottenUsers)
  end

  DiscourseLcm::Initializers::ApiScopes.new(self).apply
  DiscourseLcm::Initializers::Serializers.new(self).apply
  DiscourseLcm::Initializers::People.new(self).apply
  DiscourseLcm::Initializers::Feed.new.apply
  DiscourseLcm::Initializers::Reports.new(self).apply
  DiscourseLcm::Initializers::NewerCore.new(self).apply

  register_problem_check ProblemCheck::LcmWorkerSilent
end
