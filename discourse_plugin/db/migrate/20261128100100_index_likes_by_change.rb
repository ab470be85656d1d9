# frozen_string_literal: true

class IndexLikesByChange < ActiveRecord::Migration[7.2]
  disable_ddl_transaction!

  def up
    down
    add_index :post_actions,
              "GREATEST(updated_at, deleted_at), id",
              name: "index_discourse_lcm_likes_by_change",
              where: "post_action_type_id = 2",
              algorithm: :concurrently
  end

  def down
    remove_index :post_actions,
                 name: "index_discourse_lcm_likes_by_change",
                 if_exists: true,
                 algorithm: :concurrently
  end
end
