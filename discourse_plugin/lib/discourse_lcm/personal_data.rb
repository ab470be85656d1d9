# frozen_string_literal: true

module DiscourseLcm
  # All that the plugin keeps about one person.
  class PersonalData
    ABOUT = [Learner, Attention, Story, Preference].freeze
    UNIQUE_WITH = { Learner => %i[cohort_id], Attention => %i[cohort_id] }.freeze
    BY = {
      Attention => %i[by_id],
      Draft => %i[decided_by_id],
      Story => %i[proposed_by_id],
      Blocker => %i[owner_id marked_by_id solved_by_id],
      Practice => %i[marked_by_id],
      Decision => %i[user_id],
      Run => %i[requested_by_id],
      Change => %i[user_id],
    }.freeze

    # Drafts are addressed by username. Anonymising somebody changes it, in a job of its own, after
    # all else was forgotten.
    def self.follow_name(before, after)
      Draft.where("? = ANY(recipients)", before).update_all(
        ActiveRecord::Base.sanitize_sql(["recipients = ARRAY_REPLACE(recipients, ?, ?)", before, after]),
      )
      user = User.find_by_username(after)
      anonymised = { target_user_id: user&.id, action: UserHistory.actions[:anonymize_user] }
      [before, after].each { |name| new(user).forget_drafts(name) } if user && UserHistory.exists?(anonymised)
    end

    def initialize(user)
      @user = user
    end

    # Deletes what is about the person or repeats their words, and what they decided about themselves.
    # What they decided for others stays under their account's number. To be called while their posts
    # still name them.
    def forget
      forget_words
      forget_notes
      ABOUT.each { |model| model.where(user_id: @user.id).delete_all }
      Learner.where("? = ANY(partner_ids)", @user.id).update_all(
        ActiveRecord::Base.sanitize_sql(["partner_ids = ARRAY_REMOVE(partner_ids, ?::bigint)", @user.id]),
      )
      forget_drafts
      Decision.where(kind: Decision::ABOUT_THEMSELVES, user_id: @user.id).delete_all
      decided_about.delete_all
      asked_about.delete_all
    end

    # What is addressed to the person or quotes them, as it was drafted and as it was decided.
    def forget_drafts(name = @user.username)
      named = pattern_of(name)
      drafts = Draft.where("? = ANY(recipients)", name).or(Draft.where("CONCAT_WS(' ', raw, edited_raw) ~* ?", named))
      Decision.where(subject: drafts.select(:key)).delete_all
      drafts.delete_all
      Decision.where("data::text ~* ?", named).delete_all
      Run.where("previews::text ~* ?", named).update_all(previews: [])
      RunLine.where("text ~* ?", named).delete_all
    end

    # Moves everything to another account; where that one has its own, its own is kept. Of what the two allow and of
    # the signs that were put aside, the stricter and the longer one stands.
    def move_to(target)
      merge_choices(target)
      keep_longer_attentions(target)
      UNIQUE_WITH.each { |model, columns| drop_doubles(model, columns, target) }
      ABOUT.each { |model| model.where(user_id: @user.id).update_all(user_id: target.id) }
      BY.each do |model, columns|
        columns.each { |column| model.where(column => @user.id).update_all(column => target.id) }
      end
      decided_about.update_all(subject: target.id.to_s)
      asked_about.update_all(
        ["data = data || jsonb_build_object('learner', ?::bigint, 'username', ?::text)", target.id, target.username],
      )
      Learner.where("? = ANY(partner_ids)", @user.id).update_all(
        ActiveRecord::Base.sanitize_sql(
          ["partner_ids = ARRAY_REPLACE(partner_ids, ?::bigint, ?::bigint)", @user.id, target.id],
        ),
      )
    end

    private

    # What LCMs decided about the person, and what workflows said of them.
    def decided_about
      Decision.where(kind: %w[snooze_learner dismiss_learner restore_learner set_fact], subject: @user.id.to_s)
    end

    # What workflows asked LCMs about the person: questions that the worker has still to put, and those that count
    # against the most that are asked about one learner in a day.
    def asked_about
      Decision.where(kind: "ask_lcm").where("data ->> 'learner' = ?", @user.id.to_s)
    end

    # What either account does not allow, the person does not allow. The worker knows choices by account, so it is told
    # what the account that goes did not allow, whatever the other one had said: here or, as only the worker knows, in a
    # message. It is not told what that account chose by itself: among the other's, a later one of those would stand.
    def merge_choices(target)
      Decision.where(kind: "preference", user_id: @user.id).delete_all
      moved = Preference.find_by(user_id: @user.id)
      return if moved.nil?
      kept = Preference.of(target)
      changed = Preference::KINDS.reject { |kind| moved[kind] }
      kept.assign_attributes(changed.index_with(false))
      moved.destroy!
      kept.save!
      return if changed.empty?
      Decision.record!(kind: "preference", subject: target.id, data: { **kept.choices, changed: }, by: target)
    end

    # A sign that was put aside for good outlasts one that was put aside until a day.
    def keep_longer_attentions(target)
      mine = Attention.where(user_id: @user.id).index_by(&:cohort_id)
      Attention.where(user_id: target.id, cohort_id: mine.keys).find_each do |kept|
        moved = mine[kept.cohort_id]
        kept.destroy! if kept.until && (moved.until.nil? || moved.until > kept.until)
      end
    end

    # The notes name people in running text, where one person cannot be taken out. So all notes of the person's cohorts
    # go, and the worker writes them again without the person when it publishes next.
    def forget_notes
      published = Learner.where(user_id: @user.id).select(:cohort_id)
      member = GroupUser.where(user_id: @user.id).select(:group_id)
      Cohort.where(id: published).or(Cohort.where(group_id: member)).update_all(notes: [])
    end

    # What the desk repeats of the person's posts.
    def forget_words
      posts = Post.with_deleted.where(user_id: @user.id).select(:id)
      keys =
        Draft.where(<<~SQL, user_id: @user.id).pluck(:id, :key)
          EXISTS (
            SELECT 1 FROM jsonb_array_elements(evidence) fact JOIN posts ON posts.id = (fact ->> 'post_id')::bigint
            WHERE posts.user_id = :user_id
          )
        SQL
      Draft.where(id: keys.map(&:first)).delete_all
      Decision.where(subject: keys.map(&:last)).delete_all
      Practice.where(post_id: posts).delete_all
      Blocker.where(topic_id: Topic.with_deleted.where(user_id: @user.id).select(:id)).delete_all
    end

    # A regular expression of PostgreSQL's for a text or JSON document that mentions, quotes or addresses the person:
    # "@name", "username:name" or "[quote=name" where no username tells who it is, or a JSON string that is the name.
    # A name goes on after "-", "." or "_" if a letter or digit follows: "@tomas." is tomas, "@tomas.k" is not.
    def pattern_of(name)
      name = Regexp.escape(name)
      named = "(@|username:)#{name}(?![-._]*[[:alnum:]])"
      quoted = "quote=\\\\*\"?#{name}(?=[],\\\\\"])(?![^]]*username:)"
      "#{named}|#{quoted}|\"#{name}\""
    end

    def drop_doubles(model, columns, target)
      kept = model.where(user_id: target.id)
      model.where(user_id: @user.id).where(columns.to_h { |column| [column, kept.select(column)] }).delete_all
    end
  end
end
