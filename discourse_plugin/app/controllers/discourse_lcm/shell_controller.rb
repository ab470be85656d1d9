# frozen_string_literal: true

module DiscourseLcm
  # The page that a browser loads at the address of one of ours: Discourse's own, which then shows
  # the route by itself.
  class ShellController < ::ApplicationController
    requires_plugin PLUGIN_NAME

    def show
      raise Discourse::NotFound
    end
  end
end
