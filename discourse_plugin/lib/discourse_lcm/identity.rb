# frozen_string_literal: true

module DiscourseLcm
  # Finds the accounts of many people by what is known of them, one query for each kind of
  # identifier.
  class Identity
    KINDS = %w[external_id email username].freeze
    ACCOUNT = <<~SQL
      users.id, users.username, COALESCE(users.name, '') AS name,
      CASE
        WHEN users.staged THEN 'staged'
        WHEN users.suspended_till > NOW() THEN 'suspended'
        WHEN users.silenced_till > NOW() THEN 'silenced'
        WHEN NOT users.active THEN 'inactive'
        ELSE 'active'
      END AS standing,
      users.created_at,
      (SELECT own.external_id FROM single_sign_on_records own WHERE own.user_id = users.id) AS external_id
    SQL
    QUERIES = {
      "user_id" => <<~SQL,
        SELECT users.id::text AS identifier, #{ACCOUNT} FROM users
        WHERE users.id = ANY(ARRAY[:values]::bigint[]) AND users.id > 0
      SQL
      "external_id" => <<~SQL,
        SELECT records.external_id AS identifier, #{ACCOUNT}
        FROM single_sign_on_records records JOIN users ON users.id = records.user_id
        WHERE records.external_id = ANY(ARRAY[:values]::text[]) AND users.id > 0
      SQL
      "email" => <<~SQL,
        SELECT LOWER(emails.email) AS identifier, #{ACCOUNT}
        FROM user_emails emails JOIN users ON users.id = emails.user_id
        WHERE LOWER(emails.email) = ANY(ARRAY[:values]::text[]) AND users.id > 0
      SQL
      "username" => <<~SQL,
        SELECT users.username_lower AS identifier, #{ACCOUNT} FROM users
        WHERE users.username_lower = ANY(ARRAY[:values]::text[]) AND users.id > 0
      SQL
    }.freeze

    Outcome = Data.define(:found, :ambiguous, :unknown)

    # `people` as in the contract; `order` is a list of KINDS. An account that is known from before
    # settles it.
    def initialize(people, order: KINDS)
      @people = people
      @order = order.uniq & KINDS
    end

    def outcome
      found, ambiguous, unknown = [], [], []
      @people.each do |person|
        hits = hits_of(person)
        case hits.map { |hit| hit[:account][:id] }.uniq.size
        when 0
          unknown << person["ref"]
        when 1
          found << { ref: person["ref"], **hits.first }
        else
          ambiguous << { ref: person["ref"], accounts: hits }
        end
      end
      Outcome.new(found:, ambiguous:, unknown:)
    end

    private

    def hits_of(person)
      remembered = hits_by("user_id", person)
      return remembered if remembered.present?
      @order.flat_map { |kind| hits_by(kind, person) }
    end

    def hits_by(kind, person)
      identifier = identifier_of(kind, person)
      return [] if identifier.blank?
      accounts_by(kind).fetch(identifier, []).map { |account| { by: kind, account: } }
    end

    def accounts_by(kind)
      @accounts ||= {}
      @accounts[kind] ||= read(kind, @people.filter_map { |person| identifier_of(kind, person).presence })
    end

    def read(kind, values)
      return {} if values.empty?
      DB
        .query_hash(QUERIES.fetch(kind), values: values.uniq)
        .map(&:symbolize_keys)
        .group_by { |row| row.delete(:identifier) }
    end

    def identifier_of(kind, person)
      value = person[kind]
      case kind
      when "email"
        value&.strip&.downcase
      when "username"
        value && User.normalize_username(value.strip)
      else
        value&.to_s
      end
    end
  end
end
