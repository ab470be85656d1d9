# frozen_string_literal: true

module DiscourseLcm
  # For controllers: calls a service and turns what failed into the status that the contract names
  # for it.
  module Serving
    private

    # Yields the context of a service that succeeded.
    def serve(service, **params)
      result = service.call(params:, guardian:)
      return yield(result) if result.success?
      refuse(result)
    end

    def refuse(result)
      refusal = result[:refusal]
      return render_json_error(refusal.message, status: refusal.status) if refusal

      step, outcome = result.to_h.find { |key, value| key.start_with?("result.") && value.failure? }
      case step.to_s.split(".")[1]
      when "contract"
        render_json_error(outcome.errors.full_messages, status: 400)
      when "model"
        refuse_model(result[step.to_s.split(".").last], outcome)
      when "policy"
        raise Discourse::InvalidAccess
      else
        raise Discourse::ReadOnly
      end
    end

    def refuse_model(model, outcome)
      return render_json_error(model, status: 422) if outcome.invalid
      raise outcome.exception if outcome.exception
      raise Discourse::NotFound
    end
  end
end
