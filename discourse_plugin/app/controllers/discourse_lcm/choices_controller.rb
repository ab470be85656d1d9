# frozen_string_literal: true

module DiscourseLcm
  class ChoicesController < WorkerController
    requires_plugin PLUGIN_NAME

    def index
      serve(ReadChoices, **params.permit(:user_ids, :post_ids).to_h.symbolize_keys) do |result|
        render json: result[:answer]
      end
    end
  end
end
