# frozen_string_literal: true

module DiscourseLcm
  # Fills a report of Discourse's dashboard: one number a day, in the report's span.
  class Figures
    # What learners (the members of a cohort's group who are not its LCMs) post in their cohort's
    # category.
    LEARNER_POSTS = <<~SQL
      posts.post_type = 1 AND topics.deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM discourse_lcm_cohorts cohorts
        JOIN group_users members ON members.group_id = cohorts.group_id AND members.user_id = posts.user_id
        WHERE cohorts.category_id IN (topics.category_id, (
          SELECT parent_category_id FROM categories WHERE categories.id = topics.category_id
        ))
        AND NOT EXISTS (
          SELECT 1 FROM group_users lcms
          WHERE lcms.group_id = cohorts.lcm_group_id AND lcms.user_id = posts.user_id
        )
      )
    SQL

    def initialize(report)
      @report = report
    end

    def learner_posts
      by_day(Post.joins(:topic).where(LEARNER_POSTS), "posts.created_at")
    end

    def drafts_decided
      by_day(Draft.where.not(decided_at: nil), "discourse_lcm_drafts.decided_at")
    end

    def blockers_opened
      by_day(Blocker.all, "discourse_lcm_blockers.since")
      @report.total = Blocker.where(state: "open").count
    end

    private

    def by_day(scope, column)
      @report.data =
        scope
          .where("#{column} >= ? AND #{column} <= ?", @report.start_date, @report.end_date)
          .group("DATE(#{column})")
          .order("DATE(#{column})")
          .count
          .map { |day, number| { x: day, y: number } }
      @report.total = scope.count
      @report.prev30Days =
        scope.where("#{column} >= ? AND #{column} < ?", @report.start_date - 30.days, @report.start_date).count
    end
  end
end
