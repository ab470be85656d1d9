# frozen_string_literal: true

class CreateDiscourseLcmDecisionsAndRuns < ActiveRecord::Migration[7.2]
  def change
    create_table :discourse_lcm_preferences do |t|
      t.bigint :user_id, null: false
      t.boolean :nudges, null: false, default: true
      t.boolean :quoting, null: false, default: true
      t.boolean :pairing, null: false, default: true
      t.timestamps
    end
    add_index :discourse_lcm_preferences, :user_id, unique: true

    create_table :discourse_lcm_decisions do |t|
      t.bigint :cohort_id
      t.string :kind, null: false, limit: 20
      t.string :subject, null: false, limit: 64
      t.jsonb :data, null: false, default: {}
      t.bigint :user_id, null: false
      t.datetime :created_at, null: false
    end
    add_index :discourse_lcm_decisions, :cohort_id
    add_index :discourse_lcm_decisions, :created_at

    create_table :discourse_lcm_runs do |t|
      t.string :run_id, null: false, limit: 64
      t.string :kind, null: false, limit: 10
      t.bigint :cohort_id
      t.string :playbook, limit: 80
      t.string :step, limit: 80
      t.string :state, null: false, limit: 10
      t.bigint :requested_by_id
      t.bigint :decision_id
      t.datetime :started_at
      t.datetime :finished_at
      t.string :summary, limit: 1000
      t.jsonb :previews, null: false, default: []
      t.timestamps
    end
    add_index :discourse_lcm_runs, :run_id, unique: true
    add_index :discourse_lcm_runs, :created_at

    create_table :discourse_lcm_run_lines do |t|
      t.bigint :run_id, null: false
      t.integer :number, null: false
      t.datetime :at, null: false
      t.string :level, null: false, limit: 10
      t.string :text, null: false, limit: 2000
    end
    add_index :discourse_lcm_run_lines, %i[run_id number], unique: true

    create_table :discourse_lcm_playbooks do |t|
      t.string :name, null: false, limit: 80
      t.jsonb :title, null: false, default: {}
      t.integer :version, null: false
      t.jsonb :steps, null: false, default: []
      t.timestamps
    end
    add_index :discourse_lcm_playbooks, :name, unique: true

    create_table :discourse_lcm_workers do |t|
      t.string :name, null: false, limit: 100
      t.string :version, null: false, limit: 40
      t.datetime :last_seen_at, null: false
      t.datetime :next_at
      t.integer :calls
      t.integer :calls_limit
      t.bigint :work_taken, null: false, default: 0
      t.jsonb :problems, null: false, default: []
      t.timestamps
    end
    add_index :discourse_lcm_workers, :name, unique: true
  end
end
