# frozen_string_literal: true

module DiscourseLcm
  # The cards of people by id, read in one query.
  class UserCards
    def initialize(ids)
      @users =
        User
          .where(id: ids.compact.uniq)
          .select(:id, :username, :name, :uploaded_avatar_id)
          .index_by(&:id)
    end

    def self.card(user)
      {
        id: user.id,
        username: user.username,
        name: SiteSetting.enable_names ? user.name : nil,
        avatar_template: User.avatar_template(user.username, user.uploaded_avatar_id),
      }
    end

    def [](id)
      user = @users[id]
      self.class.card(user) if user
    end

    def username(id)
      @users[id]&.username
    end
  end
end
