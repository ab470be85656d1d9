import { click, currentURL, visit } from "@ember/test-helpers";
import { test } from "qunit";
import { acceptance } from "discourse/tests/helpers/qunit-helpers";
import { box, preferences } from "../fixtures/lcm-fixtures";

const COHORT = {
  key: "spring-27",
  name: "Leading teams",
  category_id: 1,
  group_name: "spring_27",
  leader: false,
};

acceptance("Discourse LCM - learners", function (needs) {
  needs.user();
  needs.site({ lcm_cohorts: [COHORT] });

  let sent;
  needs.hooks.beforeEach(() => (sent = []));

  needs.pretender((server, helper) => {
    server.get("/lcm/box/1.json", () => helper.response(box()));
    server.get("/lcm/preferences.json", () => helper.response(preferences()));
    server.put("/lcm/preferences.json", (request) => {
      const chosen = JSON.parse(request.requestBody);
      sent.push(chosen);
      return helper.response(
        preferences({
          preferences: { ...preferences().preferences, ...chosen },
        })
      );
    });
  });

  test("see this week's box in their cohort's category and nowhere else", async function (assert) {
    await visit("/c/bug/1");
    assert.dom(".lcm-box__item--prompt").includesText("One decision");

    await visit("/c/feature/2");
    assert.dom(".lcm-box").doesNotExist();

    await visit("/latest");
    assert.dom(".lcm-box").doesNotExist();
  });

  test("choose what reaches them in their preferences", async function (assert) {
    await visit("/u/eviltrout/preferences");
    await click(".user-nav__preferences-lcm a");
    assert.strictEqual(currentURL(), "/u/eviltrout/preferences/lcm");

    await click(".lcm-preferences__pairing");

    assert.deepEqual(sent, [{ pairing: false }]);
    assert.dom(".lcm-preferences__pairing").isNotChecked();
    assert.dom(".lcm-preferences__consents .lcm-consent").exists();
  });
});

acceptance("Discourse LCM - people without a cohort", function (needs) {
  needs.user();

  test("see neither box nor preferences", async function (assert) {
    await visit("/c/bug/1");
    assert.dom(".lcm-box").doesNotExist();

    await visit("/u/eviltrout/preferences");
    assert.dom(".user-nav__preferences-lcm").doesNotExist();
  });
});

acceptance("Discourse LCM - visitors", function (needs) {
  needs.site({ lcm_cohorts: undefined });

  test("see no box", async function (assert) {
    await visit("/c/bug/1");
    assert.dom(".lcm-box").doesNotExist();
  });
});
