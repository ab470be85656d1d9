# frozen_string_literal: true

class CreateDiscourseLcmDesk < ActiveRecord::Migration[7.2]
  def change
    create_table :discourse_lcm_learners do |t|
      t.bigint :cohort_id, null: false
      t.bigint :user_id, null: false
      t.integer :weeks, array: true, null: false, default: []
      t.integer :posts, null: false, default: 0
      t.integer :replies_given, null: false, default: 0
      t.integer :replies_received, null: false, default: 0
      t.integer :likes_given, null: false, default: 0
      t.integer :likes_received, null: false, default: 0
      t.integer :days_active
      t.datetime :last_posted_at
      t.boolean :needs_hand, null: false, default: false
      t.jsonb :reasons, null: false, default: []
      t.bigint :partner_ids, array: true, null: false, default: []
      t.timestamps
    end
    add_index :discourse_lcm_learners, %i[cohort_id user_id], unique: true
    add_index :discourse_lcm_learners, :user_id

    create_table :discourse_lcm_attentions do |t|
      t.bigint :cohort_id, null: false
      t.bigint :user_id, null: false
      t.string :action, null: false, limit: 10
      t.datetime :until
      t.string :reason, limit: 500
      t.bigint :by_id, null: false
      t.timestamps
    end
    add_index :discourse_lcm_attentions, %i[cohort_id user_id], unique: true
    add_index :discourse_lcm_attentions, :user_id

    create_table :discourse_lcm_drafts do |t|
      t.bigint :cohort_id, null: false
      t.string :key, null: false, limit: 50
      t.string :kind, null: false, limit: 10
      t.string :play, limit: 40
      t.string :step, limit: 80
      t.string :title, limit: 255
      t.text :raw, null: false
      t.string :edited_title, limit: 255
      t.text :edited_raw
      t.text :cooked
      t.string :cooked_digest, limit: 32
      t.text :recipients, array: true, null: false, default: []
      t.bigint :topic_id
      t.string :reason, null: false, limit: 1000
      t.jsonb :evidence, null: false, default: []
      t.string :state, null: false, limit: 10, default: "pending"
      t.string :outcome, limit: 500
      t.bigint :decided_by_id
      t.datetime :decided_at
      t.string :decision_reason, limit: 500
      t.datetime :drafted_at, null: false
      t.timestamps
    end
    add_index :discourse_lcm_drafts, %i[cohort_id key], unique: true

    create_table :discourse_lcm_stories do |t|
      t.bigint :cohort_id, null: false
      t.bigint :post_id, null: false
      t.bigint :user_id, null: false
      t.string :title, null: false, limit: 255
      t.text :quote, null: false, default: ""
      t.jsonb :evidence, null: false, default: []
      t.string :state, null: false, limit: 12, default: "candidate"
      t.string :consent, null: false, limit: 10, default: "not_asked"
      t.datetime :consent_asked_at
      t.datetime :consent_answered_at
      t.bigint :message_topic_id
      t.bigint :story_topic_id
      t.bigint :proposed_by_id
      t.timestamps
    end
    add_index :discourse_lcm_stories, %i[cohort_id post_id], unique: true
    add_index :discourse_lcm_stories, :post_id
    add_index :discourse_lcm_stories, :user_id
    add_index :discourse_lcm_stories, :message_topic_id

    create_table :discourse_lcm_blockers do |t|
      t.bigint :cohort_id, null: false
      t.bigint :topic_id, null: false
      t.string :question, null: false, limit: 500
      t.datetime :since, null: false
      t.jsonb :evidence, null: false, default: []
      t.string :state, null: false, limit: 10, default: "open"
      t.bigint :owner_id
      t.bigint :marked_by_id
      t.datetime :solved_at
      t.bigint :solved_by_id
      t.timestamps
    end
    add_index :discourse_lcm_blockers, %i[cohort_id topic_id], unique: true
    add_index :discourse_lcm_blockers, :topic_id

    create_table :discourse_lcm_practices do |t|
      t.bigint :cohort_id, null: false
      t.bigint :post_id, null: false
      t.bigint :topic_id, null: false
      t.string :title, null: false, limit: 255
      t.jsonb :evidence, null: false, default: []
      t.bigint :marked_by_id
      t.timestamps
    end
    add_index :discourse_lcm_practices, %i[cohort_id post_id], unique: true
    add_index :discourse_lcm_practices, :topic_id
  end
end
