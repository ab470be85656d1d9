# frozen_string_literal: true

module DiscourseLcm
  # The plugin's OpenAPI description, by which the bodies that the worker sends are checked.
  module Contract
    PATH = File.expand_path("../../openapi.yaml", __dir__)
    ERRORS_SHOWN = 5

    class << self
      def document
        @document ||= YAML.safe_load_file(PATH).freeze
      end

      def version
        document.dig("info", "version")
      end

      # What is wrong with a document that should be as the component `name` says: at most five
      # sentences, [] if all is well.
      def errors(name, instance)
        return [] if schema(name).valid?(instance)
        schema(name).validate(instance).first(ERRORS_SHOWN).map { |error| error["error"] }
      end

      # The same for a document whose lists are checked row by row elsewhere: only their sizes count
      # here.
      def errors_but_rows(name, instance)
        return errors(name, instance) if !instance.is_a?(Hash)
        lists = instance.select { |_, value| value.is_a?(Array) }
        too_long = lists.filter_map { |list, rows| too_long(name, list, rows.size) }
        too_long + errors(name, instance.merge(lists.transform_values { [] }))
      end

      private

      def too_long(name, list, size)
        most = document.dig("components", "schemas", name, "properties", list, "maxItems")
        "#{list} has #{size} rows, at most #{most} are taken" if most && size > most
      end

      def schema(name)
        @schemas ||= Concurrent::Map.new
        @schemas.compute_if_absent(name) { openapi.schema(name) }
      end

      def openapi
        @openapi ||= JSONSchemer.openapi(document)
      end
    end
  end
end
