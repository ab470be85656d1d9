# frozen_string_literal: true

module DiscourseLcm
  # Changes what somebody lets be done with them; the worker hears of it where it is a change.
  class SavePreferences
    include Service::Base

    params do
      attribute :nudges, :boolean
      attribute :quoting, :boolean
      attribute :pairing, :boolean
    end

    transaction do
      model :preference
      step :save
      step :record
    end

    private

    def fetch_preference(guardian:)
      Preference.of(guardian.user)
    end

    def save(params:, preference:)
      choices = params.to_hash.slice(*Preference::KINDS.map(&:to_sym)).compact
      preference.assign_attributes(choices)
      context[:changed] = preference.changed & Preference::KINDS
      preference.save!
    end

    def record(preference:, guardian:, changed:)
      return if changed.empty?
      user = guardian.user
      Decision.record!(kind: "preference", subject: user.id, data: { **preference.choices, changed: }, by: user)
    end
  end
end
