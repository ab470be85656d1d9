import { setupTest } from "ember-qunit";
import { module, test } from "qunit";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmTopicActions from "discourse/plugins/discourse-lcm/discourse/lib/lcm-topic-actions";
import { inDays, topicState } from "../../fixtures/lcm-fixtures";

function topicWith(state) {
  return {
    id: 280,
    lcm: topicState(state),
    set(name, value) {
      this[name] = value;
    },
  };
}

module("Discourse LCM | Unit | lcm-topic-actions", function (hooks) {
  setupTest(hooks);

  hooks.beforeEach(function () {
    this.opened = [];
    this.said = [];
    this.services = {
      modal: { show: async (_, { model }) => this.opened.push(model) },
      toasts: { success: ({ data }) => this.said.push(data.message) },
    };
  });

  test("pins until an instant and unpins", async function (assert) {
    const until = inDays(3);
    pretender.put("/lcm/topics/280/pin.json", (request) =>
      response({
        topic: topicState({
          pinned_until: JSON.parse(request.requestBody).until,
        }),
      })
    );
    pretender.delete("/lcm/topics/280/pin.json", () =>
      response({ topic: topicState() })
    );
    const topic = topicWith({});
    const actions = new LcmTopicActions(topic, this.services);

    actions.pin();
    assert.strictEqual(this.opened[0].clear, undefined, "nothing to unpin yet");
    await this.opened[0].submit(until);
    assert.strictEqual(topic.lcm.pinned_until, until);

    actions.pin();
    await this.opened[1].clear();
    assert.strictEqual(topic.lcm.pinned_until, null);
    assert.strictEqual(this.said.length, 2);
  });

  test("marks and clears a blocker", async function (assert) {
    const sent = [];
    pretender.put("/lcm/topics/280/blocker.json", (request) => {
      sent.push(JSON.parse(request.requestBody));
      return response({ topic: topicState({ blocker: "open" }) });
    });
    pretender.delete("/lcm/topics/280/blocker.json", () =>
      response({ topic: topicState({ blocker: "solved" }) })
    );
    const topic = topicWith({});
    const actions = new LcmTopicActions(topic, this.services);

    actions.markBlocker();
    await this.opened[0].submit("Waits for access");
    await this.opened[0].submit("");
    assert.deepEqual(sent, [{ note: "Waits for access" }, {}]);
    await actions.clearBlocker();
    assert.strictEqual(topic.lcm.blocker, "solved");
  });

  test("proposes a story, marks practice, sets a timer", async function (assert) {
    const at = inDays(1);
    pretender.put("/lcm/topics/280/spotlight.json", () =>
      response({ topic: topicState({ story: true }) })
    );
    pretender.put("/lcm/topics/280/practice.json", () =>
      response({ topic: topicState({ practice: true }) })
    );
    pretender.delete("/lcm/topics/280/practice.json", () =>
      response({ topic: topicState() })
    );
    pretender.put("/lcm/topics/280/timer.json", (request) =>
      response({
        topic: topicState({ timer: JSON.parse(request.requestBody) }),
      })
    );
    pretender.delete("/lcm/topics/280/timer.json", () =>
      response({ topic: topicState() })
    );
    const topic = topicWith({});
    const actions = new LcmTopicActions(topic, this.services);

    await actions.spotlight();
    assert.true(topic.lcm.story);
    await actions.markPractice();
    assert.true(topic.lcm.practice);
    await actions.unmarkPractice();
    assert.false(topic.lcm.practice);
    actions.setTimer("close");
    await this.opened[0].submit(at);
    assert.deepEqual(topic.lcm.timer, { kind: "close", at });
    actions.setTimer("open");
    await this.opened[1].clear();
    assert.strictEqual(topic.lcm.timer, null);
  });
});
