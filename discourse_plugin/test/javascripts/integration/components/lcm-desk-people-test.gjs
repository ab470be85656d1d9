import { click, fillIn, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmDeskPeople from "discourse/plugins/discourse-lcm/discourse/components/lcm-desk-people";
import { attendLearner } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-api";
import LcmDeskState from "discourse/plugins/discourse-lcm/discourse/lib/lcm-desk";
import {
  desk,
  INES,
  learner,
  silentLearner,
  user,
} from "../../fixtures/lcm-fixtures";

const PATH = "/lcm/desk/spring-27.json";

/** A desk that has loaded. */
async function deskOf(learners) {
  pretender.get(PATH, () => response(desk({ learners })));
  const state = new LcmDeskState("spring-27");
  await state.loader.reload();
  return state;
}

module("Discourse LCM | Component | lcm-desk-people", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.opened = [];
    this.messages = [];
    for (const [name, double] of [
      [
        "service:modal",
        {
          show: async (component, options) =>
            this.opened.push({ component, ...options }),
        },
      ],
      [
        "service:composer",
        { openNewMessage: (options) => this.messages.push(options) },
      ],
    ]) {
      this.owner.unregister(name);
      this.owner.register(name, double, { instantiate: false });
    }
  });

  test("puts people who need a hand first, with the proof", async function (assert) {
    const state = await deskOf([learner(), silentLearner()]);
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    assert
      .dom(".lcm-person:first-child .lcm-user__name")
      .hasText("Tomas Lindqvist");
    assert
      .dom(".lcm-person--hand .lcm-evidence a")
      .hasText("Nobody answered his question.")
      .hasAttribute("href", "/t/shifts/12/3");
    assert
      .dom(".lcm-person--hand .lcm-sparkline")
      .hasAttribute("role", "img")
      .hasAria("label", /3, 2, 0, 0/);
    assert
      .dom(".lcm-person--hand .lcm-person__partners")
      .includesText("Ines Moreau");
  });

  test("finds, filters and sorts", async function (assert) {
    const state = await deskOf([
      learner({ user: user(30, "Chloé Bernard"), posts: 9 }),
      learner({ posts: 2 }),
      silentLearner(),
    ]);
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    await fillIn(".lcm-people__search", "chloe");
    assert.dom(".lcm-person").exists({ count: 1 });
    assert.dom(".lcm-people__found").hasText("1 person");

    await fillIn(".lcm-people__search", "nobody at all");
    assert.dom(".lcm-person").doesNotExist();
    assert.dom(".lcm-people__found").includesText("Nobody matches");

    await fillIn(".lcm-people__search", "");
    await fillIn(".lcm-people__sort", "posts");
    assert
      .dom(".lcm-person:first-child .lcm-user__name")
      .hasText("Chloé Bernard");

    await click(".lcm-people__only-hand");
    assert.dom(".lcm-person").exists({ count: 1 });
  });

  test("shows five hundred people by pages", async function (assert) {
    const state = await deskOf(
      Array.from({ length: 500 }, (_, index) =>
        learner({ user: user(100 + index, `Learner ${1000 + index}`) })
      )
    );
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    assert.dom(".lcm-person").exists({ count: 25 });
    assert.dom(".lcm-pages__at").hasText("Page 1 of 20");
    assert.dom(".lcm-pages__previous").isDisabled();

    await click(".lcm-pages__next");
    assert.dom(".lcm-pages__at").hasText("Page 2 of 20");
    assert
      .dom(".lcm-person:first-child .lcm-user__name")
      .hasText("Learner 1025");
    assert.dom("#lcm-people-title").isFocused();
  });

  test("opens a message to the learner", async function (assert) {
    const state = await deskOf([learner()]);
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    await click(".lcm-person__message");
    assert.strictEqual(this.messages[0].recipients, INES.username);
  });

  test("snoozes and dismisses with what was asked for", async function (assert) {
    const sent = [];
    const until = new Date(Date.now() + 7 * 86400e3).toISOString();
    const state = await deskOf([silentLearner()]);
    pretender.put("/lcm/desk/spring-27/learners/21.json", (request) => {
      const asked = JSON.parse(request.requestBody);
      sent.push(asked);
      return response({
        learner: silentLearner({
          needs_hand: false,
          attention: {
            action: asked.action,
            until: asked.until ?? null,
            reason: asked.reason ?? null,
            by: "sam_rivers",
            at: new Date().toISOString(),
          },
        }),
      });
    });
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    await click(".lcm-person__snooze");
    await click(".lcm-person__dismiss");
    const [snooze, dismiss] = this.opened;
    await snooze.model.submit(until);
    await dismiss.model.submit("On leave");
    await render(<template><LcmDeskPeople @desk={{state}} /></template>);

    assert.deepEqual(sent, [
      { action: "snooze", until },
      { action: "dismiss", reason: "On leave" },
    ]);
    assert.dom(".lcm-person__attention").includesText("On leave");
    assert.dom(".lcm-person__dismiss").doesNotExist();
    assert.strictEqual(state.counters.need_a_hand, 0);
  });

  test("shows the sign again at once, and takes that back where the server refuses", async function (assert) {
    const put = silentLearner({
      needs_hand: false,
      attention: {
        action: "dismiss",
        until: null,
        reason: "On leave",
        by: "sam_rivers",
        at: new Date().toISOString(),
      },
    });
    const state = await deskOf([put]);
    let refuse;
    pretender.put(
      "/lcm/desk/spring-27/learners/21.json",
      () =>
        new Promise((resolve) => {
          refuse = () => resolve(response(403, { errors: ["Not yours"] }));
        })
    );

    const restored = state.decide(
      "learners",
      put,
      { attention: null, needs_hand: true },
      () => attendLearner("spring-27", 21, { action: "restore" }),
      "done"
    );
    assert.true(state.data.learners[0].needs_hand, "shown before the answer");
    await new Promise((resolve) => setTimeout(resolve, 20));
    refuse();

    assert.false(await restored);
    assert.deepEqual(state.data.learners[0], put, "as it was");
    assert.strictEqual(state.announcement, "");
  });
});
