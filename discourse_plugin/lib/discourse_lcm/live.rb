# frozen_string_literal: true

module DiscourseLcm
  # What open pages hear of at once.
  module Live
    def self.desk(cohort, *sections)
      audience = [cohort.lcm_group_id, Group::AUTO_GROUPS[:staff]].compact
      MessageBus.publish("/lcm/desk/#{cohort.key}", { sections: }, group_ids: audience)
    end

    def self.run(run, lines: [])
      MessageBus.publish(
        "/lcm/runs",
        { run: RunPresenter.new(run).summary, lines: },
        group_ids: [Group::AUTO_GROUPS[:admins]],
      )
    end

    def self.topic(topic)
      audience = topic.secure_audience_publish_messages
      return if audience[:user_ids] == [] || audience[:group_ids] == []
      MessageBus.publish("/topic/#{topic.id}", { reload_topic: true }, audience)
    end
  end
end
