# frozen_string_literal: true

module DiscourseLcm
  class Preference < ActiveRecord::Base
    self.table_name = "discourse_lcm_preferences"

    KINDS = %w[nudges quoting pairing].freeze

    belongs_to :user

    def self.of(user)
      find_or_initialize_by(user_id: user.id)
    end

    def choices
      attributes.slice(*KINDS)
    end
  end
end
