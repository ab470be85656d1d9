import { click, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmDeskBlockers from "discourse/plugins/discourse-lcm/discourse/components/lcm-desk-blockers";
import LcmDeskStories from "discourse/plugins/discourse-lcm/discourse/components/lcm-desk-stories";
import LcmDeskState from "discourse/plugins/discourse-lcm/discourse/lib/lcm-desk";
import { blocker, desk, SAM, story, TOMAS } from "../../fixtures/lcm-fixtures";

async function deskWith(given) {
  pretender.get("/lcm/desk/spring-27.json", () => response(desk(given)));
  const state = new LcmDeskState("spring-27");
  await state.loader.reload();
  return state;
}

module("Discourse LCM | Component | blockers and stories", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.sent = [];
    this.opened = [];
    this.owner.unregister("service:modal");
    this.owner.register(
      "service:modal",
      { show: async (_, { model }) => this.opened.push(model) },
      { instantiate: false }
    );
    this.owner.unregister("service:current-user");
    this.owner.register("service:current-user", SAM, { instantiate: false });
  });

  test("a blocker shows its age, and is solved and opened again", async function (assert) {
    pretender.put("/lcm/desk/spring-27/blockers/12.json", (request) => {
      const asked = JSON.parse(request.requestBody);
      this.sent.push(asked);
      return response({ blocker: blocker(asked) });
    });
    const state = await deskWith({});
    await render(<template><LcmDeskBlockers @desk={{state}} /></template>);
    assert.dom(".lcm-blocker .lcm-chip").hasText("Open for 9 days");
    assert.dom(".lcm-blocker__owner").hasText("Nobody yet");

    await click(".lcm-blocker__solve");
    assert.dom(".lcm-cards--quiet .lcm-blocker").exists();
    assert.strictEqual(state.counters.blockers_open, 0);

    await click(".lcm-blocker__reopen");
    assert.deepEqual(this.sent, [{ state: "solved" }, { state: "open" }]);
    assert.dom(".lcm-cards--quiet").doesNotExist();
  });

  test("an LCM takes a blocker or gives it to somebody", async function (assert) {
    pretender.put("/lcm/desk/spring-27/blockers/12.json", (request) => {
      const { owner } = JSON.parse(request.requestBody);
      this.sent.push(owner);
      const owners = { sam_rivers: SAM, tomas_lindqvist: TOMAS };
      return response({ blocker: blocker({ owner: owners[owner] ?? null }) });
    });
    const state = await deskWith({});
    await render(<template><LcmDeskBlockers @desk={{state}} /></template>);

    await click(".lcm-blocker__take");
    assert.dom(".lcm-blocker__owner").hasText("Sam Rivers");
    assert.dom(".lcm-blocker__take").doesNotExist("it is theirs already");

    await click(".lcm-blocker__choose-owner");
    const [model] = this.opened;
    assert.deepEqual(
      model.users.map(({ username }) => username),
      ["sam_rivers", "ines_moreau", "tomas_lindqvist"]
    );
    await model.submit("tomas_lindqvist");
    await model.submit(null);
    assert.deepEqual(this.sent, ["sam_rivers", "tomas_lindqvist", null]);
    assert.strictEqual(state.data.blockers[0].owner, null);
  });

  test("a story is asked for, spotlighted and set aside, as its author allows", async function (assert) {
    const outcome = {
      ask_consent: { state: "asked", consent: "asked" },
      set_aside: { state: "set_aside" },
      spotlight: { state: "spotlighted", consent: "yes" },
      restore: { state: "candidate" },
    };
    pretender.put("/lcm/desk/spring-27/stories/31.json", (request) => {
      const { action } = JSON.parse(request.requestBody);
      this.sent.push(action);
      return response({ story: story(outcome[action]) });
    });
    const state = await deskWith({});
    await render(<template><LcmDeskStories @desk={{state}} /></template>);
    assert.dom(".lcm-story__spotlight").doesNotExist("nobody has agreed");

    await click(".lcm-story__ask");
    assert.dom(".lcm-story .lcm-chip").hasText("Author asked");
    assert.dom(".lcm-story__ask").doesNotExist();
    assert.strictEqual(state.counters.stories_waiting, 0);

    await click(".lcm-story__set-aside");
    assert.dom(".lcm-cards--quiet .lcm-story__restore").exists();
    await click(".lcm-story__restore");
    assert.deepEqual(this.sent, ["ask_consent", "set_aside", "restore"]);

    const agreed = await deskWith({
      stories: [story({ state: "agreed", consent: "yes" })],
    });
    await render(<template><LcmDeskStories @desk={{agreed}} /></template>);
    await click(".lcm-story__spotlight");
    assert.dom(".lcm-story .lcm-chip").hasText("Spotlighted");
  });

  test("a refusal puts the story back", async function (assert) {
    pretender.put("/lcm/desk/spring-27/stories/31.json", () =>
      response(422, { errors: ["The post is gone"] })
    );
    const state = await deskWith({});
    await render(<template><LcmDeskStories @desk={{state}} /></template>);

    await click(".lcm-story__ask");

    assert.dom(".lcm-story .lcm-chip").hasText("Candidate");
    assert.dom(".lcm-story__ask").exists();
  });
});
