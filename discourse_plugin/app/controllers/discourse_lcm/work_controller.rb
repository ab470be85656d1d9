# frozen_string_literal: true

module DiscourseLcm
  class WorkController < WorkerController
    requires_plugin PLUGIN_NAME

    def index
      serve(ReadWork, **params.permit(:after, :limit).to_h.symbolize_keys) do |result|
        render json: { work: result[:work], more: result[:more] }
      end
    end
  end
end
