import { click, currentURL, fillIn, visit } from "@ember/test-helpers";
import { test } from "qunit";
import { cloneJSON } from "discourse/lib/object";
import groupFixtures from "discourse/tests/fixtures/group-fixtures";
import { acceptance } from "discourse/tests/helpers/qunit-helpers";
import { desk, draft, silentLearner } from "../fixtures/lcm-fixtures";

function groupWith(flags) {
  const fixture = cloneJSON(groupFixtures["/groups/discourse.json"]);
  Object.assign(fixture.group, flags);
  return fixture;
}

acceptance("Discourse LCM - desk", function (needs) {
  needs.user();

  let sent;
  needs.hooks.beforeEach(() => (sent = []));

  needs.pretender((server, helper) => {
    server.get("/groups/discourse.json", () =>
      helper.response(
        groupWith({ can_see_lcm_desk: true, lcm_cohort: "spring-27" })
      )
    );
    server.get("/lcm/desk/spring-27.json", () => helper.response(desk()));
    server.put("/lcm/desk/spring-27/learners/21.json", (request) => {
      const asked = JSON.parse(request.requestBody);
      sent.push(asked);
      return helper.response({
        learner: silentLearner({
          needs_hand: false,
          attention: {
            action: "dismiss",
            until: null,
            reason: asked.reason,
            by: "sam_rivers",
            at: new Date().toISOString(),
          },
        }),
      });
    });
    server.put("/lcm/desk/spring-27/drafts/nudge-1.json", (request) => {
      sent.push(JSON.parse(request.requestBody));
      return helper.response(422, { errors: ["The recipient has left"] });
    });
  });

  test("is a tab of the group's page, with its section in the address", async function (assert) {
    await visit("/g/discourse");
    await click(".lcm-desk-tab a");
    assert.strictEqual(currentURL(), "/g/discourse/lcm");
    assert.dom(".lcm-desk__title").includesText("Leading teams");

    await click("#lcm-tab-drafts");
    assert.strictEqual(currentURL(), "/g/discourse/lcm?section=drafts");
    assert.dom(".lcm-draft").exists({ count: 1 });
  });

  test("dismisses a sign with a reason", async function (assert) {
    await visit("/g/discourse/lcm?section=people");

    await click(".lcm-person--hand .lcm-person__dismiss");
    await fillIn(".lcm-reason-modal__text", "On leave until May");
    await click(".lcm-reason-modal__submit");

    assert.deepEqual(sent, [
      { action: "dismiss", reason: "On leave until May" },
    ]);
    assert.dom(".lcm-reason-modal").doesNotExist();
    assert.dom(".lcm-person__attention").includesText("On leave until May");
    assert.dom(".lcm-person--hand").doesNotExist();
  });

  test("opens a message to a learner in the composer", async function (assert) {
    await visit("/g/discourse/lcm?section=people");

    await click(".lcm-person--hand .lcm-person__message");

    assert.dom("#reply-control.private-message").exists();
    assert.dom("#reply-control .users-input").includesText("tomas_lindqvist");
  });

  test("shows how an edited draft will look, and why it was refused", async function (assert) {
    await visit("/g/discourse/lcm?section=drafts");

    await click(".lcm-draft__edit");
    await fillIn(".lcm-draft__raw", "Tomas, **have a look**.");
    assert.dom(".lcm-draft__cooked strong").hasText("have a look");

    await click(".lcm-draft__approve");

    assert.strictEqual(sent[0].raw, "Tomas, **have a look**.");
    assert.dom(".dialog-body").includesText("The recipient has left");
    await click(".dialog-footer .btn-primary");
    assert.dom(".lcm-draft--pending").exists("it waits as before");
  });
});

acceptance("Discourse LCM - desk for others", function (needs) {
  needs.user();

  needs.pretender((server, helper) => {
    server.get("/groups/discourse.json", () => helper.response(groupWith({})));
  });

  test("neither tab nor page is there for those who do not lead the cohort", async function (assert) {
    await visit("/g/discourse");
    assert.dom(".lcm-desk-tab").doesNotExist();

    await visit("/g/discourse/lcm");
    assert.strictEqual(currentURL(), "/g/discourse");
    assert.dom(".lcm-desk").doesNotExist();
  });
});

acceptance("Discourse LCM - desk without figures", function (needs) {
  needs.user();

  needs.pretender((server, helper) => {
    server.get("/groups/discourse.json", () =>
      helper.response(
        groupWith({ can_see_lcm_desk: true, lcm_cohort: "spring-27" })
      )
    );
    server.get("/lcm/desk/spring-27.json", () =>
      helper.response(
        desk({ drafts: [draft({ state: "withdrawn", outcome: "She left." })] })
      )
    );
  });

  test("says why a draft was withdrawn", async function (assert) {
    await visit("/g/discourse/lcm?section=drafts");

    assert.dom(".lcm-empty").exists("nothing waits");
    assert.dom(".lcm-draft--withdrawn").includesText("She left.");
    assert.dom(".lcm-draft__approve").doesNotExist();
  });
});
