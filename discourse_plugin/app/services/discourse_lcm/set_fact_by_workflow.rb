# frozen_string_literal: true

module DiscourseLcm
  # Hands the worker a fact about a learner of the cohort, for a workflow: typed, and without a value where it is unknown.
  class SetFactByWorkflow
    include Service::Base
    include Refusing
    include ByWorkflow

    NAME = /\A[a-z][a-z0-9_]{0,39}\z/
    TYPES = %w[text number date yes/no].freeze
    ANSWERS = { "yes" => true, "true" => true, "no" => false, "false" => false }.freeze
    # These facts say to whom mails about a learner go, so a workflow may not set them.
    RESERVED = /\Amanager_/

    params do
      attribute :key, :string
      attribute :username, :string
      attribute :name, :string
      attribute :type, :string, default: "text"
      attribute :value, :string
      attribute :workflow, :string

      validates :key, :username, :workflow, presence: true
      validates :name, format: NAME
      validates :name, format: { without: RESERVED, message: :exclusion }
      validates :type, inclusion: TYPES
      validates :value, length: { maximum: 1000 }
      validates :workflow, length: { maximum: 80 }
    end

    lock(:key) do
      model :cohort
      policy :is_lcm
      model :learner
      step :read_value
      step :refuse_too_many
      transaction { step :record }
    end

    private

    def fetch_learner(params:, cohort:)
      learner_of(cohort, params.username)
    end

    def read_value(params:)
      text = params.value.to_s.strip
      value = text.empty? ? nil : read(params.type, text)
      refuse!(:fact_value, status: 400, type: params.type) if value.nil? && text.present?
      context[:fact] = { name: params.name, type: params.type, value: }.compact.stringify_keys
    end

    def read(type, text)
      case type
      when "number"
        number = Float(text, exception: false)
        number if number&.finite?
      when "date"
        Date.iso8601(text).iso8601
      when "yes/no"
        ANSWERS[text.downcase]
      else
        text
      end
    rescue Date::Error
      nil
    end

    # What was said within the day is not said again.
    def record(params:, cohort:, learner:, guardian:, fact:)
      said = done_today(cohort).where(kind: "set_fact", subject: learner.id.to_s)
      last = said.where("data ->> 'name' = ?", params.name).order(:id).last
      context[:decision] = nil
      return if last && last.data.except("workflow") == fact
      data = { **fact, workflow: params.workflow }
      context[:decision] = Decision.record!(kind: "set_fact", subject: learner.id, data:, cohort:, by: guardian.user)
    end
  end
end
