# frozen_string_literal: true

module DiscourseLcm
  # Where a reader of a cohort's activity is: which stream comes next, and the last row it has of
  # each.
  #
  # A reader gets it as opaque text and hands it back; what it hands back is checked as anything
  # from outside.
  class ActivityCursor
    class Malformed < StandardError
    end

    STREAMS = %w[posts likes solutions visits].freeze
    VERSION = 1

    attr_reader :stream

    def self.start(time)
      first = [time.utc.iso8601(6), 0]
      new(stream: STREAMS.first, positions: STREAMS.index_with { first })
    end

    def self.parse(text)
      data = JSON.parse(Base64.urlsafe_decode64(text))
      raise Malformed if !data.is_a?(Hash) || data["v"] != VERSION || STREAMS.exclude?(data["s"])
      new(stream: data["s"], positions: STREAMS.index_with { |name| position(data[name]) })
    rescue ArgumentError, JSON::ParserError
      raise Malformed
    end

    def self.position(value)
      raise Malformed if !value.is_a?(Array) || value.size != 2 || !value.last.is_a?(Integer)
      raise Malformed if !value.last.between?(0, 2**62)
      [Time.iso8601(value.first.to_s).utc.iso8601(6), value.last]
    end
    private_class_method :position

    def initialize(stream:, positions:)
      @stream = stream
      @positions = positions
    end

    # The moment and id after which the present stream goes on.
    def position
      @positions.fetch(@stream)
    end

    def last?
      @stream == STREAMS.last
    end

    def after(moment, id)
      self.class.new(stream: @stream, positions: @positions.merge(@stream => [moment, id]))
    end

    def next_stream
      following = STREAMS[(STREAMS.index(@stream) + 1) % STREAMS.size]
      self.class.new(stream: following, positions: @positions)
    end

    def to_s
      Base64.urlsafe_encode64({ "v" => VERSION, "s" => @stream, **@positions }.to_json, padding: false)
    end
  end
end
