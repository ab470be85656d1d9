# frozen_string_literal: true

# What was done for a cohort's people, as the worker publishes it for the desk.
class AddNotesToDiscourseLcmCohorts < ActiveRecord::Migration[7.2]
  def change
    add_column :discourse_lcm_cohorts, :notes, :jsonb, null: false, default: []
  end
end
