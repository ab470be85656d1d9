# frozen_string_literal: true

# When somebody said last how a blocker stands, and who looks after it: on the desk, or elsewhere
# by the worker's account.
class AddWordsToDiscourseLcmBlockers < ActiveRecord::Migration[7.2]
  def change
    add_column :discourse_lcm_blockers, :stated_at, :datetime
    add_column :discourse_lcm_blockers, :owned_at, :datetime
  end
end
