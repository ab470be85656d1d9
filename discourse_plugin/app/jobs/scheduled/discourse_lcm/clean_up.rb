# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Lets go of what is old, and goes on with changes of members that were left lying.
    class CleanUp < ::Jobs::Scheduled
      every 1.hour

      LEFT_LYING = 15.minutes

      def execute(_args)
        return if !SiteSetting.lcm_enabled

        before = SiteSetting.lcm_retention_days.days.ago
        forget(before)
        ::DiscourseLcm::Change
          .where("slices <> '[]'::jsonb AND updated_at < ?", LEFT_LYING.ago)
          .pluck(:id)
          .each { |change_id| ::Jobs.enqueue(::Jobs::DiscourseLcm::ChangeMembers, change_id:) }
      end

      private

      def forget(before)
        ::DiscourseLcm::Decision.where("created_at < ?", before).delete_all
        old_runs = ::DiscourseLcm::Run.where("created_at < ?", before)
        ::DiscourseLcm::RunLine.where(run_id: old_runs.select(:id)).delete_all
        old_runs.delete_all
        ::DiscourseLcm::Draft.where("decided_at < ?", before).delete_all
        ::DiscourseLcm::Blocker.where("solved_at < ?", before).delete_all
        ::DiscourseLcm::Change.where("slices = '[]'::jsonb AND updated_at < ?", before).delete_all
      end
    end
  end
end
