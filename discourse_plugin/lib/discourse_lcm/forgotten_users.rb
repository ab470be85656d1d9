# frozen_string_literal: true

module DiscourseLcm
  # In User: what is kept of somebody goes with the account, in the same transaction.
  module ForgottenUsers
    extend ActiveSupport::Concern

    included { before_destroy { PersonalData.new(self).forget } }
  end
end
