# frozen_string_literal: true

module DiscourseLcm
  # What given people allow at this moment, and what the authors of given posts answered.
  class ReadChoices
    include Service::Base

    IDS = /\A\d{1,9}(,\d{1,9}){0,499}\z/
    ALL_ALLOWED = Preference::KINDS.index_with { true }.freeze

    params do
      attribute :user_ids, :string
      attribute :post_ids, :string

      validates :user_ids, :post_ids, format: IDS, allow_blank: true

      def users
        user_ids.to_s.split(",").map(&:to_i).uniq
      end

      def posts
        post_ids.to_s.split(",").map(&:to_i).uniq
      end
    end

    step :read

    private

    def read(params:)
      known = User.where(id: params.users).order(:id).pluck(:id)
      context[:answer] = {
        choices: choices(known),
        gone: params.users - known,
        consents: consents(params.posts),
      }
    end

    def choices(user_ids)
      chosen = Preference.where(user_id: user_ids).index_by(&:user_id)
      user_ids.map { |id| { user_id: id, **(chosen[id]&.choices || ALL_ALLOWED).symbolize_keys } }
    end

    def consents(post_ids)
      Story
        .with_consent_asked
        .where(post_id: post_ids)
        .includes(:cohort)
        .order(:post_id, :cohort_id)
        .map { |story| { post_id: story.post_id, cohort: story.cohort.key, answer: story.consent } }
    end
  end
end
