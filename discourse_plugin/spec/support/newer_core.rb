# frozen_string_literal: true

# Stand-ins for what Discourse 3.5 lacks and our nodes and category type build on: the names, parameters and answers of the
# core's own, read at the places named. "on newer cores" in newer_core_spec.rb holds them to the real ones where these are.
module NewerCoreStandIns
  # What a description, and a property in it, may say: node_type.rb (DESCRIPTION_DEFAULTS) and node_type_descriptor.rb as
  # below, and the controls of admin/assets/javascripts/admin/components/workflows/configurators at
  # f44cc6d86f5a36a5e84de8b37ddb32655fca174c.
  DESCRIPTION_KEYS = %i[
    name version defaults group event events available unavailable_reason_key i18n_prefix capabilities output_contracts
    properties
  ].freeze
  PROPERTY_KEYS = %i[type required default options no_data_expression type_options control_options display_options ui].freeze
  PROPERTY_TYPES = %i[string options].freeze
  CONTROLS = %i[actor combo_box textarea user].freeze

  # discourse/discourse plugins/discourse-workflows/lib/discourse_workflows/node_type.rb at
  # 0e80e895c354f1b524a1e8a8eda80d1ddf998c7c, and node_type_descriptor.rb at fca1577bd19dfed8fc79ab4b5037b125ff2142ff.
  class NodeType
    GROUPS = %w[discourse_triggers triggers discourse_actions data utilities flow human_review].freeze

    class << self
      def inherited(subclass)
        super
        registered_nodes << subclass
      end

      def registered_nodes
        @@registered_nodes ||= []
      end

      def description(value = nil)
        @description = { events: [], properties: {}, output_contracts: [], available: true, **value } if value
        @description || {}
      end

      def identifier
        description.fetch(:name)
      end

      def event_name
        description[:event]&.to_sym
      end

      def properties
        description.fetch(:properties)
      end

      def available?
        description[:available].respond_to?(:call) ? description[:available].call : description[:available]
      end
    end

    def initialize(**)
    end

    private

    # lib/discourse_workflows/item.rb at 1dbc8c2d09dc0ac0aa02588ebab6a8e9d1e604dc
    def wrap(data, paired_item: nil)
      { "json" => data.deep_stringify_keys, "pairedItem" => paired_item }
    end

    # lib/discourse_workflows/node_error_handling.rb
    def raise_node_error!(message, description: nil, item_index: nil, **)
      raise NodeError, [message, description, item_index && "[item #{item_index}]"].compact.join(" ")
    end
  end

  class NodeError < StandardError
  end

  # lib/discourse_workflows/executor/node_execution_context.rb, executor/actor_policy.rb
  class NodeExecutionContext
    Workflow = Data.define(:id, :name)

    attr_reader :input_items

    def initialize(input_items:, parameters:, workflow: "Weekly care")
      @input_items = input_items
      @parameters = parameters.stringify_keys
      @workflow = workflow
    end

    def get_node_parameter(path, _item_index = 0, default: nil, **)
      @parameters.fetch(path, default)
    end

    def actor_from_parameter(path, item_index = 0, default: "system")
      username = get_node_parameter(path, item_index, default:)
      raise NodeError, "the actor is blank" if username.blank?
      User.find_by(username:) || raise(NodeError, "User '#{username}' not found")
    end

    def get_workflow
      Workflow.new(id: 7, name: @workflow)
    end

    def paired_item_for(item, **)
      { "item" => input_items.index(item) }
    end
  end

  # lib/discourse_workflows/trigger_node_context.rb
  class TriggerNodeContext
    def initialize(trigger_node)
      @trigger_node = trigger_node
    end

    def get_node_parameter(parameter_name, default = nil, _options = {})
      @trigger_node.fetch("parameters").fetch(parameter_name, default)
    end
  end

  # discourse/discourse app/services/categories/types/base.rb at 01f8a7508cb30bb496708ef908fc7505dd8168b3
  class CategoryType
    class << self
      def type_id(id = nil)
        id ? @type_id = id.to_sym : @type_id
      end
    end
  end

  # What `register_discourse_workflows_node` and `register_category_type` do to a plugin: the first at
  # plugins/discourse-workflows/lib/discourse_workflows/plugin_instance_extension.rb (a block is evaluated on the plugin),
  # the second at lib/plugin/instance.rb.
  class Plugin
    attr_reader :nodes, :category_type

    def icons
      @icons ||= []
    end

    def register_svg_icon(icon)
      icons << icon
    end

    def register_discourse_workflows_node(node_class = nil, &block)
      @nodes = Array.wrap(block ? instance_exec(&block) : node_class)
    end

    def register_category_type(klass)
      @category_type = klass
    end
  end
end

# Has the stand-ins where the core has none, for the examples of one group, and takes them away again.
RSpec.shared_context "with what newer cores have" do
  before(:all) do
    @stood_in = []
    stand_in(Object, :DiscourseWorkflows, Module.new)
    stand_in(DiscourseWorkflows, :NodeType, NewerCoreStandIns::NodeType)
    stand_in(Object, :Categories, Module.new)
    stand_in(Categories, :Types, Module.new)
    stand_in(Categories::Types, :Base, NewerCoreStandIns::CategoryType)
    @plugin = NewerCoreStandIns::Plugin.new
    DiscourseLcm::Initializers::NewerCore.new(@plugin).apply
  end

  after(:all) do
    NewerCoreStandIns::NodeType.registered_nodes.clear
    folder = DiscourseLcm::Initializers::NewerCore::FOLDER
    next if @stood_in.empty?
    $LOADED_FEATURES.delete_if { |path| path.start_with?(File.realpath(folder)) || path.start_with?(folder) }
    %i[Workflows CohortCategoryType].each { |name| DiscourseLcm.send(:remove_const, name) }
    @stood_in.reverse_each { |place, name| place.send(:remove_const, name) }
  end

  def stand_in(place, name, value)
    return if place.const_defined?(name, false)
    place.const_set(name, value)
    @stood_in << [place, name]
  end

  def node(name)
    DiscourseLcm::Workflows.const_get(name, false)
  end
end
