# frozen_string_literal: true

module DiscourseLcm
  class MembersController < WorkerController
    requires_plugin PLUGIN_NAME

    def look
      body = document("MembersLook")
      return if body.nil?
      serve(LookAtMembers, **body, key: params[:key]) { |result| render_json_dump(result[:seen]) }
    end

    def change
      body = document("MembersChange")
      return if body.nil?
      serve(ChangeMembers, **body, key: params[:key]) { |result| render_json_dump(result[:changed]) }
    end
  end
end
