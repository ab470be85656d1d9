# frozen_string_literal: true

module DiscourseLcm
  # For services: stops with a sentence for the caller, and the HTTP status that fits it.
  module Refusing
    Refusal = Data.define(:message, :status)

    private

    # `key` is below `discourse_lcm.errors` in the server's texts.
    def refuse!(key, status: 422, **values)
      refuse_with!(I18n.t("discourse_lcm.errors.#{key}", **values), status:)
    end

    def refuse_with!(message, status: 422)
      context.fail!(refusal: Refusal.new(message:, status:))
    end
  end
end
