# frozen_string_literal: true

module Jobs
  module DiscourseLcm
    # Goes on with a change of members that did not fit into the call, then tells others of it.
    class ChangeMembers < ::Jobs::Base
      def execute(args)
        raise Discourse::InvalidParameters, :change_id if args[:change_id].blank?
        return if !SiteSetting.lcm_enabled

        change = ::DiscourseLcm::Change.find_by(id: args[:change_id])
        return if change.nil?

        carry_on(change)
        DistributedMutex.synchronize("discourse_lcm_announce_#{change.id}", validity: 1.hour) do
          ::DiscourseLcm::MembersWork.new(change.reload).announce
        end
      end

      private

      # One slice at a time under the cohort's lock, so that calls of the worker get their turn.
      def carry_on(change)
        while change.pending > 0
          ::DiscourseLcm::MembersWork.lock(change.cohort_id) do
            ::DiscourseLcm::MembersWork.new(change.reload).go_on(deadline: 0)
          end
        end
      end
    end
  end
end
