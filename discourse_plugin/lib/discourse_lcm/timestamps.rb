# frozen_string_literal: true

module DiscourseLcm
  # Times as the contract writes them, and back.
  module Timestamps
    def self.write(time)
      time&.utc&.iso8601(3)
    end

    # A time, or nil where the text is none.
    def self.read(text)
      Time.iso8601(text).utc if text.present?
    rescue ArgumentError
      nil
    end
  end
end
