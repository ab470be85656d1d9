# frozen_string_literal: true

class CreateDiscourseLcmFeed < ActiveRecord::Migration[7.2]
  def change
    create_table :discourse_lcm_feed_categories, id: false do |t|
      t.integer :category_id, null: false, primary_key: true
      t.datetime :watched_at, null: false
      t.boolean :settled, null: false, default: false
    end

    create_table :discourse_lcm_feed_posts, id: false do |t|
      t.integer :category_id, null: false
      t.bigint :post_id, null: false
      t.bigint :topic_id, null: false
      t.datetime :at, null: false, precision: 6
      t.string :fingerprint, null: false, limit: 32
      t.boolean :gone, null: false, default: false
    end
    add_index :discourse_lcm_feed_posts,
              %i[post_id category_id],
              unique: true,
              name: :index_discourse_lcm_feed_posts_on_post
    add_index :discourse_lcm_feed_posts,
              %i[category_id at post_id],
              name: :index_discourse_lcm_feed_posts_on_position
    add_index :discourse_lcm_feed_posts, :topic_id, name: :index_discourse_lcm_feed_posts_on_topic
  end
end
