# frozen_string_literal: true

class AddStartToldAtToDiscourseLcmCohorts < ActiveRecord::Migration[7.2]
  def up
    add_column :discourse_lcm_cohorts, :start_told_at, :datetime
    # The start of a cohort that runs already is not news.
    execute <<~SQL
      UPDATE discourse_lcm_cohorts SET start_told_at = CURRENT_TIMESTAMP WHERE start_on + shift_days <= CURRENT_DATE
    SQL
  end

  def down
    remove_column :discourse_lcm_cohorts, :start_told_at
  end
end
