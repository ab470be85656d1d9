# frozen_string_literal: true

require_relative "support/contract_matchers"
require_relative "support/cohort_helpers"
require_relative "support/newer_core"
