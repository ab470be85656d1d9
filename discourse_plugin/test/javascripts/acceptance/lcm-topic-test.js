import { click, visit } from "@ember/test-helpers";
import { test } from "qunit";
import { cloneJSON } from "discourse/lib/object";
import topicFixtures from "discourse/tests/fixtures/topic";
import {
  acceptance,
  updateCurrentUser,
} from "discourse/tests/helpers/qunit-helpers";
import { consent, inDays, topicState } from "../fixtures/lcm-fixtures";

const TOPIC = "/t/internationalization-localization/280";

function topicWith(attributes) {
  return {
    ...cloneJSON(topicFixtures["/t/280/1.json"]),
    ...attributes,
  };
}

acceptance("Discourse LCM - topic buttons", function (needs) {
  needs.user();

  let sent;
  let state;
  needs.hooks.beforeEach(() => {
    sent = [];
    state = topicState({ blocker: "open" });
  });

  needs.pretender((server, helper) => {
    server.get("/t/280.json", () => helper.response(topicWith({ lcm: state })));
    server.put("/lcm/topics/280/pin.json", (request) => {
      const { until } = JSON.parse(request.requestBody);
      sent.push(until);
      state = topicState({ ...state, pinned_until: until });
      return helper.response({ topic: state });
    });
    server.delete("/lcm/topics/280/blocker.json", () => {
      state = topicState({ ...state, blocker: "solved" });
      return helper.response({ topic: state });
    });
    server.put("/lcm/topics/280/practice.json", () =>
      helper.response(403, { errors: ["Not in your cohort"] })
    );
  });

  test("an LCM pins a topic until a day", async function (assert) {
    updateCurrentUser({ admin: true });
    await visit(TOPIC);
    await click(".toggle-admin-menu");
    await click(".lcm-topic-pin");
    await click(".lcm-until-modal__preset:nth-child(3)");
    await click(".lcm-until-modal__submit");

    assert.true(
      Math.abs(Date.parse(sent[0]) - Date.parse(inDays(7))) < 86400e3,
      "in about a week"
    );
    assert.dom(".lcm-topic-badges__badge--pinned").exists();

    await click(".toggle-admin-menu");
    assert.dom(".lcm-topic-pin").doesNotExist();
    assert.dom(".lcm-topic-change-pin").exists();
  });

  test("an LCM clears a blocker", async function (assert) {
    updateCurrentUser({ admin: true });
    await visit(TOPIC);
    assert.dom(".lcm-topic-badges__badge--blocker_open").exists();

    await click(".toggle-admin-menu");
    assert.dom(".lcm-topic-mark-blocker").doesNotExist();
    await click(".lcm-topic-clear-blocker");

    assert.dom(".lcm-topic-badges__badge--blocker_solved").exists();
  });

  test("a refusal is said and changes nothing", async function (assert) {
    updateCurrentUser({ admin: true });
    await visit(TOPIC);
    await click(".toggle-admin-menu");
    await click(".lcm-topic-mark-practice");

    assert.dom(".dialog-body").includesText("Not in your cohort");
    assert.dom(".lcm-topic-badges__badge--practice").doesNotExist();
  });
});

acceptance("Discourse LCM - buttons of posts", function (needs) {
  needs.user();

  let sent;
  let marks;
  needs.hooks.beforeEach(() => {
    sent = [];
    marks = {};
  });

  needs.pretender((server, helper) => {
    server.get("/t/280.json", () =>
      helper.response(topicWith({ lcm: topicState(marks) }))
    );
    server.put("/lcm/topics/280/practice.json", (request) => {
      sent.push(JSON.parse(request.requestBody));
      return helper.response({
        topic: topicState({ practice: true, practices: [2] }),
      });
    });
  });

  test("an LCM marks a reply as practice", async function (assert) {
    updateCurrentUser({ admin: true });
    await visit(TOPIC);
    await click("#post_2 .show-more-actions");
    await click("#post_2 .lcm-practice-button");

    assert.deepEqual(sent, [{ post_number: 2 }]);
    assert.dom("#post_2 .lcm-practice-button.--marked").exists();
    assert.dom(".lcm-topic-badges__badge--practice").exists();
  });

  test("the mark of a folded menu stands before the reply button", async function (assert) {
    marks = { practice: true, practices: [2] };
    updateCurrentUser({ admin: true });
    await visit(TOPIC);

    assert.dom("#post_2 .show-more-actions").exists();
    assert.dom("#post_2 .lcm-practice-button ~ .reply").exists();
  });
});

acceptance("Discourse LCM - topics of nobody's cohort", function (needs) {
  needs.user();

  test("have neither buttons nor badges", async function (assert) {
    updateCurrentUser({ admin: true });
    await visit(TOPIC);
    assert.dom(".lcm-topic-badges").doesNotExist();

    await click(".toggle-admin-menu");
    assert.dom("[class*='lcm-topic-']").doesNotExist();
    assert.dom(".lcm-practice-button").doesNotExist();
  });
});

acceptance("Discourse LCM - consent in a message", function (needs) {
  needs.user();

  needs.pretender((server, helper) => {
    server.get("/t/280.json", () =>
      helper.response(topicWith({ lcm_consent: consent() }))
    );
    server.put("/lcm/stories/31/consent.json", (request) =>
      helper.response({
        consent: consent({ answer: JSON.parse(request.requestBody).answer }),
      })
    );
  });

  test("the author answers with one click and can change their mind", async function (assert) {
    await visit(TOPIC);
    assert.dom(".lcm-topic-consent").includesText("May we show your story");

    await click(".lcm-consent__yes");
    assert.dom(".lcm-consent--yes").exists();

    await click(".lcm-consent__no");
    assert.dom(".lcm-consent--no").exists();
  });
});
