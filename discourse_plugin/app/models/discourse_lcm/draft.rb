# frozen_string_literal: true

module DiscourseLcm
  class Draft < ActiveRecord::Base
    self.table_name = "discourse_lcm_drafts"

    # Whether the draft's topic is not for the reader's eyes.
    attr_accessor :topic_hidden

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

# == Schema Information
#
# Table name: discourse_lcm_drafts
#
#  id              :bigint           not null, primary key
#  cohort_id       :bigint           not null
#  key             :string(50)       not null
#  kind            :string(10)       not null
#  play            :string(40)
#  step            :string(80)
#  title           :string(255)
#  raw             :text             not null
#  edited_title    :string(255)
#  edited_raw      :text
#  cooked          :text
#  cooked_digest   :string(32)
#  recipients      :text             default([]), not null, is an Array
#  topic_id        :bigint
#  reason          :string(1000)     not null
#  evidence        :jsonb            default([]), not null
#  state           :string(10)       default("pending"), not null
#  outcome         :string(500)
#  decided_by_id   :bigint
#  decided_at      :datetime
#  decision_reason :string(500)
#  drafted_at      :datetime         not null
#  created_at      :datetime         not null
#  updated_at      :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_drafts_on_cohort_id_and_key  (cohort_id,key) UNIQUE
#
