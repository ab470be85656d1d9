# frozen_string_literal: true

module DiscourseLcm
  class RunLine < ActiveRecord::Base
    self.table_name = "discourse_lcm_run_lines"

    belongs_to :run
  end
end
