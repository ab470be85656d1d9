# frozen_string_literal: true

module DiscourseLcm
  class ActivityController < WorkerController
    requires_plugin PLUGIN_NAME

    def show
      asked = params.permit(:key, :after, :limit, :categories).to_h.symbolize_keys
      serve(ReadActivity, **asked) do |result|
        page = result[:page]
        render_json_dump(
          stream: page.stream,
          cursor: page.cursor.to_s,
          more: page.more,
          page.stream => page.rows,
        )
      end
    end
  end
end
