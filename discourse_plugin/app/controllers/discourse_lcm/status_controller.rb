# frozen_string_literal: true

module DiscourseLcm
  class StatusController < WorkerController
    requires_plugin PLUGIN_NAME

    def show
      render json: Status.now
    end
  end
end
