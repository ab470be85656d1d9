# frozen_string_literal: true

class CreateDiscourseLcmCohorts < ActiveRecord::Migration[7.2]
  def change
    create_table :discourse_lcm_cohorts do |t|
      t.string :key, null: false, limit: 40
      t.string :name, null: false, limit: 100
      t.date :start_on, null: false
      t.date :end_on, null: false
      t.string :timezone, null: false, limit: 64
      t.string :locale, null: false, limit: 8
      t.string :playbook, limit: 80
      t.bigint :group_id
      t.bigint :lcm_group_id
      t.bigint :category_id
      t.jsonb :calendar, null: false, default: []
      t.datetime :as_of
      t.boolean :paused, null: false, default: false
      t.datetime :paused_until
      t.integer :shift_days, null: false, default: 0
      t.timestamps
    end

    add_index :discourse_lcm_cohorts, :key, unique: true
    add_index :discourse_lcm_cohorts, :group_id, unique: true
    add_index :discourse_lcm_cohorts, :lcm_group_id
    add_index :discourse_lcm_cohorts, :category_id, unique: true

    create_table :discourse_lcm_changes do |t|
      t.bigint :cohort_id, null: false
      t.string :change, null: false, limit: 64
      t.bigint :user_id, null: false
      t.jsonb :slices, null: false, default: []
      t.jsonb :done, null: false, default: {}
      t.jsonb :skipped, null: false, default: {}
      t.integer :pending, null: false, default: 0
      t.timestamps
    end

    add_index :discourse_lcm_changes, %i[cohort_id change], unique: true
  end
end
