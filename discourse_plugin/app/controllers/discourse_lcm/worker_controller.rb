# frozen_string_literal: true

module DiscourseLcm
  # What the worker calls: with an API key whose user is an administrator, never from a browser's
  # session.
  class WorkerController < ::ApplicationController
    include Serving

    requires_plugin PLUGIN_NAME
    before_action :ensure_logged_in
    wrap_parameters false
    before_action :ensure_worker

    private

    def ensure_worker
      raise Discourse::InvalidAccess if !guardian.can_work_for_lcm?
    end

    # The request's JSON document, checked against a component of the contract; answers 400 and
    # gives nil where it does not fit. With `rows: true` the rows of its lists are left to be
    # checked one by one.
    def document(component, rows: false)
      body = request.request_parameters.to_hash
      errors = rows ? Contract.errors_but_rows(component, body) : Contract.errors(component, body)
      return body.symbolize_keys if errors.empty?
      render_json_error(errors, status: 400)
      nil
    end
  end
end
