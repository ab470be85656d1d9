# frozen_string_literal: true

module DiscourseLcm
  class Playbook < ActiveRecord::Base
    self.table_name = "discourse_lcm_playbooks"
  end
end
