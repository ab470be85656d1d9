# frozen_string_literal: true

module DiscourseLcm
  class RunLine < ActiveRecord::Base
    self.table_name = "discourse_lcm_run_lines"

    belongs_to :run
  end
end

# == Schema Information
#
# Table name: discourse_lcm_run_lines
#
#  id     :bigint           not null, primary key
#  run_id :bigint           not null
#  number :integer          not null
#  at     :datetime         not null
#  level  :string(10)       not null
#  text   :string(2000)     not null
#
# Indexes
#
#  index_discourse_lcm_run_lines_on_run_id_and_number  (run_id,number) UNIQUE
#
