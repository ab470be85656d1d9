# frozen_string_literal: true

module DiscourseLcm
  # Whether the plugin is there, and what it can do.
  module Status
    FEATURES = %w[cohorts members activity desk work runs playbooks blocker_words desk_notes].freeze

    def self.now
      {
        name: PLUGIN_NAME,
        version: VERSION,
        contract: Contract.version,
        features: FEATURES,
        server_time: Timestamps.write(Time.zone.now),
      }
    end
  end
end
