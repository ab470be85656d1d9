# frozen_string_literal: true

module DiscourseLcm
  class CohortsController < WorkerController
    requires_plugin PLUGIN_NAME

    def index
      render json: { status: Status.now, cohorts: CohortStates.new(Cohort.order(:key)).to_a }
    end

    def declare
      body = document("CohortDeclaration")
      return if body.nil?
      serve(DeclareCohort, **body, key: params[:key]) do |result|
        render json: { cohort: CohortStates.new([result[:cohort]]).to_a.first, changes: result[:changes] }
      end
    end

    def forget
      serve(ForgetCohort, key: params[:key]) { head :no_content }
    end
  end
end
