# frozen_string_literal: true

module DiscourseLcm
  class Draft < ActiveRecord::Base
    self.table_name = "discourse_lcm_drafts"

    DECIDED = %w[approved rejected].freeze

    belongs_to :cohort
    belongs_to :topic, optional: true

    scope :pending, -> { where(state: "pending") }

    def pending?
      state == "pending"
    end

    def current_title
      edited_title || title
    end

    def current_raw
      edited_raw || raw
    end

    def edited?
      edited_title.present? || edited_raw.present?
    end

    def cooked_fresh?
      cooked_digest == raw_digest
    end

    def raw_digest
      Digest::MD5.hexdigest(current_raw)
    end

    def cook
      assign_attributes(cooked: PrettyText.cook(current_raw), cooked_digest: raw_digest)
    end
  end
end
