# frozen_string_literal: true

# Holds answers to the plugin's OpenAPI description.
module ContractMatchers
  METHODS = %w[get put post delete].freeze

  Operation = Data.define(:id, :method, :path, :definition)

  def self.document
    DiscourseLcm::Contract.document
  end

  def self.operations
    @operations ||=
      document["paths"].flat_map do |path, item|
        item.slice(*METHODS).map do |method, definition|
          Operation.new(id: definition["operationId"], method:, path:, definition:)
        end
      end
  end

  def self.operation(id)
    operations.find { |operation| operation.id == id } || raise("no operation #{id} in openapi.yaml")
  end

  # The JSON pointer to the schema of an answer, nil where the answer has no body.
  def self.pointer(operation, status)
    escaped = operation.path.gsub("/", "~1").gsub("{", "%7B").gsub("}", "%7D")
    answer = operation.definition["responses"].fetch(status.to_s)
    base = "#/paths/#{escaped}/#{operation.method}/responses/#{status}"
    base, answer = answer["$ref"], document.dig(*answer["$ref"].delete_prefix("#/").split("/")) if answer["$ref"]
    "#{base}/content/application~1json/schema" if answer["content"]
  end

  def self.problems(operation, status, body)
    pointer = pointer(operation, status)
    return body.blank? ? [] : ["a body where none was described: #{body}"] if pointer.nil?
    schemas[pointer].validate(JSON.parse(body)).first(5).map { |error| error["error"] }
  rescue KeyError
    ["the contract does not name the status #{status}: #{body}"]
  end

  def self.schemas
    @schemas ||=
      begin
        openapi = JSONSchemer.openapi(document)
        Hash.new { |known, pointer| known[pointer] = openapi.ref(pointer) }
      end
  end
end

RSpec::Matchers.define :keep_contract do |operation_id, status|
  match do |response|
    @problems = []
    @problems << "status #{response.status} instead of #{status}: #{response.body}" if response.status != status
    @problems += ContractMatchers.problems(ContractMatchers.operation(operation_id), response.status, response.body)
    @problems.empty?
  end

  failure_message { @problems.join("\n") }
end
