# frozen_string_literal: true

module DiscourseLcm
  class AdminController < ::Admin::AdminController
    include Serving

    requires_plugin PLUGIN_NAME

    def console
      render json: ConsolePresenter.new.to_h
    end

    def run
      run = Run.find_by(run_id: params[:id])
      raise Discourse::NotFound if run.nil?
      render json: { run: RunPresenter.new(run).to_h }
    end

    def request_run
      RateLimiter.new(current_user, "lcm-writes", PeopleController::WRITES_A_MINUTE, 1.minute).performed!
      serve(RequestRun, **params.permit(:kind, :cohort, :step, :until, :days).to_h.symbolize_keys) do |result|
        render json: { request_id: result[:decision].id, run: RunPresenter.new(result[:run]).summary }
      end
    end

    def shell
      raise Discourse::NotFound
    end
  end
end
