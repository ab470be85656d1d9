# frozen_string_literal: true

module DiscourseLcm
  # What the worker publishes: desks, playbooks, runs and that it is alive.
  class PublicationsController < WorkerController
    requires_plugin PLUGIN_NAME

    def desk
      body = document("DeskPublication", rows: true)
      return if body.nil?
      serve(PublishDesk, **body, key: params[:key]) do |result|
        render json: { counts: result[:counts], refused: result[:refused] }
      end
    end

    def playbooks
      body = document("PlaybooksPublication")
      return if body.nil?
      serve(PublishPlaybooks, **body) { render json: success_json }
    end

    def run
      body = document("RunReport")
      return if body.nil?
      serve(ReportRun, id: params[:id], report: body.stringify_keys) do |result|
        render json: success_json.merge(state: result[:run].state)
      end
    end

    def heartbeat
      body = document("Heartbeat")
      return if body.nil?
      serve(Beat, beat: body.stringify_keys) do |result|
        render json: success_json.merge(last_work_id: result[:last_work_id])
      end
    end
  end
end
