import { click, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmPracticeButton from "discourse/plugins/discourse-lcm/discourse/components/lcm-practice-button";
import { topicState } from "../../fixtures/lcm-fixtures";

function postWith(lcm, given = {}) {
  const topic = {
    id: 280,
    lcm,
    get(name) {
      return this[name];
    },
    set(name, value) {
      this[name] = value;
    },
  };
  return { topic, post_number: 3, post_type: 1, hidden: false, ...given };
}

const marked = topicState({ practice: true, practices: [1, 3] });
const unmarked = topicState({ practice: true, practices: [1] });

module("Discourse LCM | Component | lcm-practice-button", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.sent = [];
    pretender.put("/lcm/topics/280/practice.json", (request) => {
      this.sent.push(JSON.parse(request.requestBody));
      return response({ topic: marked });
    });
    pretender.delete("/lcm/topics/280/practice.json", (request) => {
      this.sent.push(request.queryParams);
      return response({ topic: unmarked });
    });
  });

  test("marks the post that it stands below", async function (assert) {
    const post = postWith(unmarked);
    await render(<template><LcmPracticeButton @post={{post}} /></template>);

    assert
      .dom(".lcm-practice-button")
      .hasAttribute("title", "Mark as practice");
    await click(".lcm-practice-button");
    assert.deepEqual(this.sent, [{ post_number: 3 }]);
    assert.deepEqual(post.topic.lcm.practices, [1, 3]);
  });

  test("takes the mark of this post away, and no other", async function (assert) {
    const post = postWith(marked);
    await render(<template><LcmPracticeButton @post={{post}} /></template>);

    assert.dom(".lcm-practice-button").hasClass("--marked");
    await click(".lcm-practice-button");
    assert.deepEqual(this.sent, [{ post_number: "3" }]);
    assert.deepEqual(post.topic.lcm.practices, [1]);
  });

  test("is there for LCMs only, below what others can read", function (assert) {
    const shows = (post) => LcmPracticeButton.shouldRender({ post });

    assert.true(shows(postWith(unmarked)));
    assert.false(shows(postWith(undefined)), "no topic of a cohort one leads");
    assert.false(shows(postWith(unmarked, { post_type: 4 })), "a whisper");
    assert.false(shows(postWith(unmarked, { hidden: true })));
    assert.false(shows(postWith(unmarked, { deleted_at: "2027-03-01" })));
    assert.true(LcmPracticeButton.hidden({ post: postWith(unmarked) }));
    assert.false(LcmPracticeButton.hidden({ post: postWith(marked) }));
  });

  test("can be asked about any post, since core asks for all of them", function (assert) {
    const elsewhere = postWith(undefined);
    const alone = postWith(undefined, { topic: undefined });

    assert.true(LcmPracticeButton.hidden({ post: elsewhere }));
    assert.true(LcmPracticeButton.hidden({ post: alone }));
    assert.false(LcmPracticeButton.shouldRender({ post: alone }));
  });
});
