# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Renders pending drafts ahead of time, so that the desk opens at once.
    class CookDrafts < ::Jobs::Base
      def execute(args)
        raise Discourse::InvalidParameters, :cohort_id if args[:cohort_id].blank?
        return if !SiteSetting.lcm_enabled

        ::DiscourseLcm::Draft
          .pending
          .where(cohort_id: args[:cohort_id])
          .find_each do |draft|
            next if draft.cooked_fresh?
            draft.cook
            draft.update_columns(cooked: draft.cooked, cooked_digest: draft.cooked_digest)
          end
      end
    end
  end
end
