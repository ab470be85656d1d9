# frozen_string_literal: true

module DiscourseLcm
  # What people ask and say about themselves.
  class LearnersController < PeopleController
    requires_plugin PLUGIN_NAME

    def box
      serve(ShowBox, **given(:category_id)) { |result| render json: result[:box] }
    end

    def preferences
      render json: mine(Preference.of(current_user))
    end

    def save_preferences
      serve(SavePreferences, **given(:nudges, :quoting, :pairing)) do |result|
        render json: mine(result[:preference])
      end
    end

    def consent
      serve(AnswerConsent, **given(:post_id, :answer)) { |result| render json: { consent: result[:consent] } }
    end

    private

    def mine(preference)
      { preferences: preference.choices, consents: ConsentPresenter.all_of(current_user) }
    end
  end
end
