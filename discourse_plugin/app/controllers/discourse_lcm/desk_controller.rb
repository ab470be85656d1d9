# frozen_string_literal: true

module DiscourseLcm
  class DeskController < PeopleController
    requires_plugin PLUGIN_NAME

    def show
      serve(ShowDesk, **given(:key)) { |result| render_json_dump(result[:desk]) }
    end

    def draft
      serve(DecideDraft, **given(:key, :draft_key, :decision, :title, :raw, :reason)) do |result|
        render json: { draft: result[:row] }
      end
    end

    def learner
      # `action` is Rails' own name for what is called, so what was asked is read from the body.
      asked = given(:key, :user_id, :until, :reason).merge(action: request.request_parameters["action"])
      serve(AttendLearner, **asked) { |result| render json: { learner: result[:row] } }
    end

    def blocker
      asked = given(:key, :topic_id, :state, :owner).merge(owner_given: params.key?(:owner))
      serve(DecideBlocker, **asked) { |result| render json: { blocker: result[:row] } }
    end

    def story
      asked = given(:key, :post_id).merge(action: request.request_parameters["action"])
      serve(DecideStory, **asked) { |result| render json: { story: result[:row] } }
    end
  end
end
