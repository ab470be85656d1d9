# frozen_string_literal: true

require_relative "../plugin_helper"

RSpec.describe DiscourseLcm::Initializers::NewerCore, type: :request do
  include_context "with a cohort"

  fab!(:topic) { Fabricate(:topic, category:, user: learner, title: "Nobody can open the case file") }

  def work
    DiscourseLcm::Decision.order(:id).map { |row| [row.kind, row.subject, row.data] }
  end

  it "registers nothing on a core that lets plugins register nothing" do
    expect { described_class.new(Object.new).apply }.not_to change { defined?(DiscourseLcm::Workflows) }
  end

  describe "nodes of Workflows" do
    include_context "with what newer cores have"

    it "are five triggers and four actions, each with its own name, and no class beside" do
      names = @plugin.nodes.map(&:identifier)

      expect(names.uniq.size).to eq(9)
      expect(names.count { |name| name.start_with?("trigger:lcm_") }).to eq(5)
      expect(NewerCoreStandIns::NodeType.registered_nodes).to match_array(@plugin.nodes)
      expect(@plugin.nodes.filter_map(&:event_name)).to match_array(DiscourseLcm::Happenings::NAMES)
      expect(@plugin.nodes.map { |node| node.description[:group] } - NewerCoreStandIns::NodeType::GROUPS).to be_empty
    end

    it "describe what they give on as the JSON Schema that Workflows asks for" do
      @plugin.nodes.each do |node|
        schema = node.description[:output_contracts].sole[:schema].deep_stringify_keys
        expect(schema["$schema"]).to eq("https://json-schema.org/draft/2020-12/schema")
        expect(JSONSchemer.valid_schema?(schema)).to eq(true), node.identifier
      end
    end

    it "say nothing in their descriptions that Workflows does not read" do
      descriptions = @plugin.nodes.map(&:description)
      properties = descriptions.flat_map { |one| one[:properties].values }

      expect(descriptions.flat_map(&:keys).uniq - NewerCoreStandIns::DESCRIPTION_KEYS).to be_empty
      expect(properties.flat_map(&:keys).uniq - NewerCoreStandIns::PROPERTY_KEYS).to be_empty
      expect(properties.map { |one| one[:type] }.uniq - NewerCoreStandIns::PROPERTY_TYPES).to be_empty
      expect(properties.filter_map { |one| one.dig(:ui, :control) }.uniq - NewerCoreStandIns::CONTROLS).to be_empty
    end

    it "have icons that the site shows" do
      icons = @plugin.nodes.map { |one| one.description.dig(:defaults, :icon) }

      expect(icons - SvgSprite.all_icons - @plugin.icons).to be_empty
    end

    it "are not available while the plugin is off" do
      expect(@plugin.nodes.map(&:available?)).to all(eq(true))
      SiteSetting.lcm_enabled = false
      expect(@plugin.nodes.map(&:available?)).to all(eq(false))
    end

    it "offer the cohorts to choose from, by name" do
      asked = Struct.new(:method_name) { def matches_filter?(name) = name.start_with?("Spring") }

      [node(:CohortStarted), node(:AskLcm)].each do |one|
        expect(one.load_options_context(asked.new("cohorts"))).to eq([{ id: "spring-27", name: cohort.name }])
        expect(one.load_options_context(asked.new("users"))).to be_nil
      end
    end

    describe "triggers" do
      def subjects
        {
          CohortStarted: nil,
          LearnerQuiet: Fabricate(:lcm_learner, cohort:, user: learner, reasons: [{ text: "quiet for 9 days" }]),
          DraftWaiting: Fabricate(:lcm_draft, cohort:),
          StoryTold: Fabricate(:lcm_story, cohort:, post: Fabricate(:post, topic:), story_topic_id: topic.id),
          BlockerOpened: Fabricate(:lcm_blocker, cohort:, topic:),
        }
      end

      it "give on what they say they do, and no text to or of a learner" do
        given =
          subjects.to_h do |name, subject|
            trigger = node(name).from_event(:any, cohort, subject, { by_workflow: false })
            schema = node(name).description[:output_contracts].sole[:schema].deep_stringify_keys
            output = JSON.parse(trigger.output.to_json)
            expect(trigger).to be_valid
            expect(JSONSchemer.schema(schema).valid?(output)).to eq(true), "#{name}: #{output}"
            expect(output.keys).to match_array(schema["properties"].keys)
            [name, output]
          end

        expect(given[:LearnerQuiet]).to include("user" => { "id" => learner.id, "username" => "tomas" }, "reasons" => ["quiet for 9 days"])
        expect(given[:BlockerOpened]["topic"]).to include("id" => topic.id, "url" => topic.relative_url)
        expect(given.to_json).not_to include("hand-overs")
        expect(given[:CohortStarted]["cohort"]).to include("key" => "spring-27", "desk_url" => "/g/spring-27-lcm/lcm")
      end

      it "give on addresses that hold where the forum is not at the root of its host" do
        set_subfolder "/forum"
        output = node(:BlockerOpened).from_event(:any, cohort, Fabricate(:lcm_blocker, cohort:, topic:)).output

        expect([output[:topic][:url], output[:cohort][:desk_url]]).to all(start_with("/forum/"))
      end

      it "match one cohort, or every cohort where none was chosen" do
        matches = ->(chosen) do
          context = NewerCoreStandIns::TriggerNodeContext.new({ "parameters" => chosen })
          node(:CohortStarted).from_event(:any, cohort).matches?(context)
        end

        expect([{}, { "cohort" => "" }, { "cohort" => "spring-27" }, { "cohort" => "autumn-27" }].map(&matches)).to eq(
          [true, true, true, false],
        )
      end

      it "are not set off by what a workflow did" do
        happened = []
        follow = ->(*args) { happened << node(:BlockerOpened).from_event(:any, *args).valid? }
        DiscourseEvent.on(:lcm_blocker_opened, &follow)

        DiscourseLcm::MarkBlocker.call(guardian: lcm.guardian, params: { topic_id: topic.id, marked: true, workflow: "Care" })
        DiscourseLcm::MarkBlocker.call(guardian: lcm.guardian, params: { topic_id: topic.id, marked: false })
        DiscourseLcm::MarkBlocker.call(guardian: lcm.guardian, params: { topic_id: topic.id, marked: true })

        expect(happened).to eq([false, true])
      ensure
        DiscourseEvent.off(:lcm_blocker_opened, &follow)
      end
    end

    describe "actions" do
      before { cohort.update!(calendar: [{ "step" => "weekly", "at" => "2026-11-23T08:00:00Z" }]) }

      def act(name, items: [{ "json" => {} }], **parameters)
        context = NewerCoreStandIns::NodeExecutionContext.new(input_items: items, parameters: { lcm: "lena", **parameters })
        node(name).new.execute(context).sole.map { |item| item["json"] }
      end

      def refused(name, **parameters)
        act(name, **parameters)
        "nothing was refused"
      rescue NewerCoreStandIns::NodeError => error
        error.message
      end

      TRIED = {
        RunStep: { cohort: "spring-27", step: "weekly" },
        SetFact: { cohort: "spring-27", username: "tomas", name: "attended", type: "yes/no", value: true },
        AskLcm: { cohort: "spring-27", question: "Who calls Tomas?" },
      }.freeze

      it "hand the worker what it is to do, as a decision of the LCM" do
        TRIED.each { |name, parameters| act(name, **parameters) }
        act(:Blocker, operation: "open", topic_id: topic.id, note: "no access")
        worker(:get, "/lcm/work.json")

        expect(response).to keep_contract("readWork", 200)
        expect(json["work"].map { |item| [item["kind"], item["by"]["username"], item["cohort"]] }).to eq(
          %w[run_playbook set_fact ask_lcm open_blocker].map { |kind| [kind, "lena", "spring-27"] },
        )
        expect(json["work"].map { |item| item["data"].except("workflow") }).to eq(
          [
            { "step" => "weekly" },
            { "name" => "attended", "type" => "yes/no", "value" => true },
            { "text" => "Who calls Tomas?" },
            { "note" => "no access" },
          ],
        )
        expect(json["work"].map { |item| item["data"]["workflow"] }.uniq).to eq(["Weekly care"])
      end

      it "are of nobody who does not lead the cohort as one of its LCMs, administrators included" do
        %w[tomas omar].push(moderator.username, admin.username).each do |username|
          TRIED.each do |name, parameters|
            expect(refused(name, lcm: username, **parameters)).to include("may not do this"), "#{name} #{username}"
          end
          expect(refused(:Blocker, lcm: username, topic_id: topic.id)).to include("may not do this"), username
        end
        expect(refused(:RunStep, lcm: nil, **TRIED[:RunStep])).to include("blank")
        expect(work).to be_empty
      end

      it "reach no other cohort, no stranger, no topic elsewhere, no step that is not planned" do
        expect(refused(:RunStep, cohort: "autumn-27", step: "weekly")).to include("may not do this")
        expect(refused(:RunStep, cohort: "spring-27", step: "close-cohort")).to include("no step")
        expect(refused(:SetFact, **TRIED[:SetFact], username: "ines")).to include("may not do this")
        expect(refused(:AskLcm, **TRIED[:AskLcm], username: "ines")).to include("not a learner")
        elsewhere = Fabricate(:topic, category: other_cohort.category)
        expect(refused(:Blocker, topic_id: elsewhere.id)).to include("may not do this")
        expect(refused(:AskLcm, **TRIED[:AskLcm], topic_id: elsewhere.id)).to include("no topic")
        expect(work).to be_empty
      end

      it "do nothing again that was done today, so that a workflow that runs in a circle ends" do
        TRIED.each do |name, parameters|
          done = Array.new(3) { act(name, **parameters).sole["done"] }
          expect(done).to eq([true, false, false]), name.to_s
        end
        opened = Array.new(2) { act(:Blocker, topic_id: topic.id, note: "no access").sole["done"] }
        expect(opened).to eq([true, false])
        expect(work.size).to eq(4)
      end

      it "do it again the day after, and when something else is said" do
        act(:RunStep, **TRIED[:RunStep])
        freeze_time 25.hours.from_now
        expect(act(:RunStep, **TRIED[:RunStep]).sole["done"]).to eq(true)
        done = [true, false, nil, ""].map { |value| act(:SetFact, **TRIED[:SetFact], value:).sole["done"] }
        expect(done).to eq([true, true, true, false])
      end

      it "ask in the same words about one learner after the other" do
        about = [{}, { username: "tomas" }, { username: "tomas" }, { username: "tomas", topic_id: topic.id }, {}]
        done = about.map { |named| act(:AskLcm, **TRIED[:AskLcm], **named).sole["done"] }
        expect(done).to eq([true, true, false, true, false])
      end

      it "stop where workflows go on and on" do
        stub_const(DiscourseLcm::ByWorkflow, "MOST_A_DAY", 4) do
          4.times { |number| act(:SetFact, **TRIED[:SetFact], type: "number", value: number) }
          expect(refused(:SetFact, **TRIED[:SetFact], type: "number", value: 9)).to include("within a day")
          expect(refused(:Blocker, topic_id: topic.id)).to include("within a day")
        end
        stub_const(DiscourseLcm::AskLcmByWorkflow, "MOST_QUESTIONS", 1) do
          act(:AskLcm, cohort: "spring-27", question: "One?")
          expect(refused(:AskLcm, cohort: "spring-27", question: "Two?")).to include("questions")
        end
      end

      it "read values as what they are to be, and say where they cannot" do
        values = { "number" => "7.5", "date" => "2027-03-01", "yes/no" => "No", "text" => "blue" }
        values.each { |type, value| act(:SetFact, **TRIED[:SetFact], name: "fact", type:, value:) }

        expect(work.map { |_, _, data| data["value"] }).to eq([7.5, "2027-03-01", false, "blue"])
        [%w[number much], %w[date soon], %w[yes/no maybe]].each do |type, value|
          expect(refused(:SetFact, **TRIED[:SetFact], type:, value:)).to include("is not of the type")
        end
      end

      it "say nothing of a learner's managers, to whom mails go" do
        expect(refused(:SetFact, **TRIED[:SetFact], name: "manager_email", value: "x@example.org")).to include("reserved")
        expect(work).to be_empty
      end

      it "are asked for as a run that administrators see, by the LCM" do
        act(:RunStep, **TRIED[:RunStep])

        expect(DiscourseLcm::Run.sole).to have_attributes(kind: "playbook", step: "weekly", state: "requested", requested_by: lcm)
      end

      it "act for each item" do
        expect(act(:AskLcm, items: [{ "json" => { "a" => 1 } }, { "json" => {} }], **TRIED[:AskLcm]).size).to eq(2)
      end

      it "are forgotten with the learner whom they are about" do
        act(:SetFact, **TRIED[:SetFact])
        act(:AskLcm, **TRIED[:AskLcm], username: "tomas")
        DiscourseLcm::PersonalData.new(learner).forget

        expect(work).to be_empty
      end
    end
  end

  describe "the category type" do
    include_context "with what newer cores have"

    fab!(:plain) { Fabricate(:category, name: "Summer 27", slug: "summer-27") }

    let(:type) { @plugin.category_type }
    let(:dates) { { "lcm_start" => "2027-06-01", "lcm_end" => "2027-08-20", "lcm_timezone" => "Europe/Paris", "lcm_locale" => "fr" } }

    it "declares a cohort with its groups and rights" do
      type.configure_category(plain, guardian: admin.guardian, configuration_values: dates)

      made = DiscourseLcm::Cohort.find_by(key: "summer-27")
      expect(made).to have_attributes(category: plain, start_on: Date.new(2027, 6, 1), timezone: "Europe/Paris", locale: "fr")
      expect([made.group.name, made.lcm_group.name]).to eq(%w[summer-27 summer-27-lcm])
      expect(plain.reload.read_restricted).to eq(true)
      expect(type.category_matches?(plain)).to eq(true)
      expect(type.find_matches).to include(plain, category)
      expect(type.read_category_settings(plain)).to include(lcm_key: "summer-27", lcm_start: "2027-06-01")
    end

    it "leaves alone what the worker declared" do
      expect { type.configure_category(category, guardian: admin.guardian, configuration_values: dates) }.not_to(
        change { cohort.reload.attributes },
      )
    end

    it "is for administrators, takes no group of others, and declares nothing that cannot be" do
      expect { type.configure_category(plain, guardian: moderator.guardian) }.to raise_error(Discourse::InvalidAccess)
      expect { type.configure_category(plain, guardian: admin.guardian, configuration_values: { "lcm_start" => "soon" }) }.to raise_error(
        Discourse::InvalidParameters,
      )
      Fabricate(:group, name: "Summer-27-LCM").add(learner)
      expect { type.configure_category(plain, guardian: admin.guardian) }.to raise_error(Discourse::InvalidParameters, /Summer-27-LCM/)
      expect(DiscourseLcm::Cohort.where(category: plain)).to be_empty
      expect(plain.reload.read_restricted).to eq(false)
    end

    it "is taken back only while nothing was published for the cohort" do
      type.configure_category(plain, guardian: admin.guardian, configuration_values: dates)
      type.unconfigure_category(plain, guardian: admin.guardian)
      expect(type.category_matches?(plain)).to eq(false)

      cohort.update!(as_of: Time.zone.now)
      expect { type.unconfigure_category(category, guardian: admin.guardian) }.to raise_error(Discourse::InvalidParameters, /spring-27/)
      expect(cohort.reload).to be_present
    end

    it "matches nothing while the plugin is off, and choosing it switches the plugin on" do
      SiteSetting.lcm_enabled = false
      expect([type.category_matches?(category), type.plugin_enabled?]).to eq([false, false])
      type.enable_plugin
      expect([type.category_matches?(category), type.plugin_enabled?]).to eq([true, true])
    end

    it "describes its fields in the shape that the category creator reads" do
      fields = type.configuration_schema[:category_settings].values
      expect(fields.map { |field| field[:label] }).to all(be_present)
      expect(fields.flat_map(&:keys).uniq - %i[default type subtype label description choices required depends_on show_on_create show_on_edit]).to be_empty
      expect(type.type_id.to_s).to match(/\A[a-z0-9_]+\z/)
    end
  end

  describe "on newer cores" do
    before { skip("this core has no Workflows") if !defined?(::DiscourseWorkflows::NodeType) }

    it "finds the stand-ins to be like the real ones" do
      {
        ::DiscourseWorkflows::NodeType => NewerCoreStandIns::NodeType,
        ::DiscourseWorkflows::Executor::NodeExecutionContext => NewerCoreStandIns::NodeExecutionContext,
        ::DiscourseWorkflows::TriggerNodeContext => NewerCoreStandIns::TriggerNodeContext,
      }.each do |real, stand_in|
        expect(real.instance_methods + real.private_instance_methods).to include(*stand_in.instance_methods(false))
        expect(real.methods).to include(*stand_in.methods(false) - [:inherited])
      end
      expect(::Plugin::Instance.new).to respond_to(:register_discourse_workflows_node, :register_category_type)
    end
  end
end
