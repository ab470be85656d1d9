import { click, fillIn, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmDeskDrafts from "discourse/plugins/discourse-lcm/discourse/components/lcm-desk-drafts";
import LcmDeskState from "discourse/plugins/discourse-lcm/discourse/lib/lcm-desk";
import { desk, draft, inDays } from "../../fixtures/lcm-fixtures";

async function deskOf(drafts) {
  pretender.get("/lcm/desk/spring-27.json", () => response(desk({ drafts })));
  const state = new LcmDeskState("spring-27");
  await state.loader.reload();
  return state;
}

module("Discourse LCM | Component | lcm-draft", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.sent = [];
    this.answer = (asked) =>
      draft({
        state: asked.decision === "edit" ? "pending" : `${asked.decision}d`,
        edited: asked.raw !== undefined,
        ...(asked.raw ? { raw: asked.raw } : {}),
      });
    pretender.put("/lcm/desk/spring-27/drafts/nudge-1.json", (request) => {
      const asked = JSON.parse(request.requestBody);
      this.sent.push(asked);
      return response({ draft: this.answer(asked) });
    });
    this.opened = [];
    this.owner.unregister("service:modal");
    this.owner.register(
      "service:modal",
      {
        show: async (component, options) =>
          this.opened.push({ component, ...options }),
      },
      { instantiate: false }
    );
  });

  test("shows to whom, why and how it will look", async function (assert) {
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    assert.dom(".lcm-draft__cooked strong").hasText("still open");
    assert.dom(".lcm-draft__recipients a").hasText("@tomas_lindqvist");
    assert.dom(".lcm-facts").includesText("He asked nine days ago");
    assert.dom(".lcm-evidence a").hasAttribute("href", "/t/shifts/12/3");
  });

  test("approves as it stands", async function (assert) {
    this.answer = () => draft({ state: "approved" });
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__approve");

    assert.deepEqual(this.sent, [{ decision: "approve" }]);
    assert.dom(".lcm-draft--approved").exists();
    assert.dom(".lcm-draft__approve").doesNotExist();
    assert.strictEqual(state.counters.drafts_pending, 0);
    assert.true(state.announcement.includes("Your question about shifts"));
  });

  test("shows an edited text as it will look, and approves it so", async function (assert) {
    this.answer = () => draft({ state: "approved", edited: true });
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__edit");
    assert.dom(".lcm-draft__save").isDisabled("nothing is changed yet");
    await fillIn(".lcm-draft__raw", "Tomas, have a look at this.");
    assert.dom(".lcm-draft__cooked").hasText("Tomas, have a look at this.");
    await click(".lcm-draft__approve");

    assert.deepEqual(this.sent, [
      {
        decision: "approve",
        title: "Your question about shifts",
        raw: "Tomas, have a look at this.",
      },
    ]);
    assert.dom(".lcm-draft__raw").doesNotExist();
  });

  test("keeps an edit for later", async function (assert) {
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__edit");
    await fillIn(".lcm-draft__raw", "Shorter.");
    await click(".lcm-draft__save");

    assert.strictEqual(this.sent[0].decision, "edit");
    assert.strictEqual(state.data.drafts[0].raw, "Shorter.");
    assert.dom(".lcm-draft__approve").exists("it still waits");
  });

  test("does not approve a text that was emptied", async function (assert) {
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__edit");
    await fillIn(".lcm-draft__raw", "   ");

    assert.dom(".lcm-draft__approve").isDisabled();
  });

  test("rejects with a reason", async function (assert) {
    this.answer = (asked) =>
      draft({
        state: "rejected",
        decided_by: "sam_rivers",
        decided_at: inDays(0),
        decision_reason: asked.reason,
      });
    const state = await deskOf([draft()]);
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__reject");
    assert.true(this.opened[0].model.required);
    await this.opened[0].model.submit("Already spoken to him");
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    assert.deepEqual(this.sent, [
      { decision: "reject", reason: "Already spoken to him" },
    ]);
    assert.dom(".lcm-draft--rejected q").hasText("Already spoken to him");
  });

  test("fetches the desk again where somebody else was faster", async function (assert) {
    const state = await deskOf([draft()]);
    pretender.put("/lcm/desk/spring-27/drafts/nudge-1.json", () =>
      response(409, { errors: ["Decided already"] })
    );
    pretender.get("/lcm/desk/spring-27.json", () =>
      response(desk({ drafts: [draft({ state: "sent" })] }))
    );
    await render(<template><LcmDeskDrafts @desk={{state}} /></template>);

    await click(".lcm-draft__approve");

    assert.dom(".lcm-draft--sent").exists();
  });
});
