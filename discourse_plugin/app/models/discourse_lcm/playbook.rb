# frozen_string_literal: true

module DiscourseLcm
  class Playbook < ActiveRecord::Base
    self.table_name = "discourse_lcm_playbooks"
  end
end

# == Schema Information
#
# Table name: discourse_lcm_playbooks
#
#  id         :bigint           not null, primary key
#  name       :string(80)       not null
#  title      :jsonb            default({}), not null
#  version    :integer          not null
#  steps      :jsonb            default([]), not null
#  created_at :datetime         not null
#  updated_at :datetime         not null
#
# Indexes
#
#  index_discourse_lcm_playbooks_on_name  (name) UNIQUE
#
