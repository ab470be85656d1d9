# frozen_string_literal: true

module DiscourseLcm
  # Hands the worker a question that it puts to a cohort's LCMs in a message, for a workflow: about a learner or a topic
  # where one is named. The same question about the same learner and topic is asked once a day, and there are not many a
  # day.
  class AskLcmByWorkflow
    include Service::Base
    include Refusing
    include ByWorkflow

    MOST_QUESTIONS = 20

    params do
      attribute :key, :string
      attribute :question, :string
      attribute :username, :string
      attribute :topic_id, :integer
      attribute :workflow, :string

      validates :key, :question, :workflow, presence: true
      validates :question, length: { maximum: 2000 }
      validates :workflow, length: { maximum: 80 }
    end

    lock(:key) do
      model :cohort
      policy :is_lcm
      step :find_learner
      step :find_topic
      step :refuse_too_many
      transaction { step :record }
    end

    private

    def find_learner(params:, cohort:)
      context[:learner] = nil
      return if params.username.blank?
      context[:learner] = learner_of(cohort, params.username)
      refuse!(:not_a_learner, status: 404, username: params.username, cohort: cohort.key) if context[:learner].nil?
    end

    def find_topic(params:, cohort:, guardian:)
      context[:topic] = nil
      return if params.topic_id.nil?
      topic = Topic.find_by(id: params.topic_id)
      known = topic && guardian.can_see_topic?(topic) && Cohort.of_topic(topic) == cohort
      refuse!(:topic_not_in_cohort, status: 404, topic: params.topic_id, cohort: cohort.key) if !known
      context[:topic] = topic
    end

    def record(params:, cohort:, guardian:)
      context[:decision] = nil
      today = done_today(cohort).where(kind: "ask_lcm")
      return if same(today, params.question).exists?
      refuse!(:too_many_questions, status: 429, most: MOST_QUESTIONS) if today.count >= MOST_QUESTIONS
      data = {
        text: params.question,
        learner: context[:learner]&.id,
        username: context[:learner]&.username,
        topic: context[:topic]&.id,
        workflow: params.workflow,
      }
      subject = "question-#{SecureRandom.hex(8)}"
      context[:decision] = Decision.record!(kind: "ask_lcm", subject:, data:, cohort:, by: guardian.user)
    end

    # A workflow asks in the same words about one learner after the other.
    def same(asked, question)
      asked
        .where("data ->> 'text' = ?", question)
        .where("data ->> 'learner' IS NOT DISTINCT FROM ?", context[:learner]&.id&.to_s)
        .where("data ->> 'topic' IS NOT DISTINCT FROM ?", context[:topic]&.id&.to_s)
    end
  end
end
