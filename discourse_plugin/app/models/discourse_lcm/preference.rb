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

# == Schema Information
#
# Table name: discourse_lcm_preferences
#
#  id         :bigint           not null, primary key
#  user_id    :bigint           not null
#  nudges     :boolean          default(TRUE), not null
#  quoting    :boolean          default(TRUE), not null
#  pairing    :boolean          default(TRUE), not null
#  created_at :datetime         not null
#  updated_at :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_preferences_on_user_id  (user_id) UNIQUE
#
