# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Lets go of what is old, and goes on with changes of members that were left lying.
    class CleanUp < ::Jobs::Scheduled
      every 1.hour

      LEFT_LYING = 15.minutes
      WORKER_GONE_AFTER = 7.days

      def execute(_args)
        return if !SiteSetting.lcm_enabled

        before = SiteSetting.lcm_retention_days.days.ago
        forget(before)
        forget_workers
        ::DiscourseLcm::Change
          .where("slices <> '[]'::jsonb AND updated_at < ?", LEFT_LYING.ago)
          .pluck(:id)
          .each { |change_id| ::Jobs.enqueue(::Jobs::DiscourseLcm::ChangeMembers, change_id:) }
      end

      private

      # Workers that were moved or renamed; the last one that was heard of stays, so that its silence is noticed.
      def forget_workers
        newest = ::DiscourseLcm::Worker.order(last_seen_at: :desc).limit(1).pluck(:id)
        ::DiscourseLcm::Worker.where("last_seen_at < ?", WORKER_GONE_AFTER.ago).where.not(id: newest).delete_all
      end

      # What each person last chose, and last answered about each post in each cohort. Decisions are all that a worker
      # hears of a refusal, and one whose store was lost hears of it only here.
      def last_words
        kinds = ::DiscourseLcm::Decision::ABOUT_THEMSELVES
        ::DiscourseLcm::Decision.where(kind: kinds).group(:kind, :subject, :cohort_id).select("MAX(id)")
      end

      # What each person last said of each choice: what a decision did not change, it does not say. One that was made
      # before decisions named what they changed says all.
      def last_changes
        all = ::DiscourseLcm::Preference::KINDS.to_json
        ::DiscourseLcm::Decision
          .where(kind: "preference")
          .joins("CROSS JOIN jsonb_array_elements_text(COALESCE(data -> 'changed', '#{all}')) AS changed (name)")
          .group(:subject, "changed.name")
          .select("MAX(id)")
      end

      def forget(before)
        ::DiscourseLcm::Decision.where("created_at < ?", before).where.not(id: last_words).where.not(id: last_changes).delete_all
        old_runs = ::DiscourseLcm::Run.where("created_at < ?", before)
        ::DiscourseLcm::RunLine.where(run_id: old_runs.select(:id)).delete_all
        old_runs.delete_all
        ::DiscourseLcm::Draft.where("decided_at < ?", before).delete_all
        ::DiscourseLcm::Blocker.where("solved_at < ?", before).delete_all
        ::DiscourseLcm::FeedPost.where("gone AND at < ?", before).delete_all
        ::DiscourseLcm::Change.where("slices = '[]'::jsonb AND updated_at < ?", before).delete_all
      end
    end
  end
end
