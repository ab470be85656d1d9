# frozen_string_literal: true

module DiscourseLcm
  # Takes the worker's list of playbooks in place of the one before.
  class PublishPlaybooks
    include Service::Base

    params { attribute :playbooks }

    transaction { step :replace }

    private

    def replace(params:)
      now = Time.zone.now
      rows =
        params
          .playbooks
          .uniq { |row| row["name"] }
          .map { |row| row.slice("name", "title", "version", "steps").merge("created_at" => now, "updated_at" => now) }
      Playbook.delete_all
      Playbook.insert_all!(rows) if rows.present?
    end
  end
end
