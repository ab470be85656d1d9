import { click, fillIn, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import LcmShift from "discourse/plugins/discourse-lcm/admin/components/modal/lcm-shift";
import LcmOwner from "discourse/plugins/discourse-lcm/discourse/components/modal/lcm-owner";
import LcmReason from "discourse/plugins/discourse-lcm/discourse/components/modal/lcm-reason";
import LcmUntil from "discourse/plugins/discourse-lcm/discourse/components/modal/lcm-until";
import { forInput } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";
import { INES, SAM, TOMAS } from "../../fixtures/lcm-fixtures";

function refusal(text) {
  return { jqXHR: { status: 422, responseJSON: { errors: [text] } } };
}

module("Discourse LCM | Component | modals", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.closed = 0;
    this.close = () => this.closed++;
    this.sent = [];
  });

  test("a reason has to be given where one is needed", async function (assert) {
    const { close, sent } = this;
    const model = {
      title: "Reject",
      help: "Why?",
      submitLabel: "discourse_lcm.desk.drafts.reject",
      required: true,
      submit: async (text) => sent.push(text),
    };
    await render(
      <template>
        <LcmReason @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );
    assert.dom(".lcm-reason-modal__text").isFocused();
    assert.dom(".lcm-reason-modal__submit").isDisabled();

    await fillIn(".lcm-reason-modal__text", "  Too long  ");
    await click(".lcm-reason-modal__submit");

    assert.deepEqual(sent, ["Too long"]);
    assert.strictEqual(this.closed, 1);
  });

  test("a refusal is said in the modal, which stays open", async function (assert) {
    const { close } = this;
    const model = {
      title: "Mark",
      help: "What is in the way?",
      submitLabel: "discourse_lcm.topic.mark_blocker",
      required: false,
      submit: async () => {
        throw refusal("This topic is closed");
      },
    };
    await render(
      <template>
        <LcmReason @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );

    await click(".lcm-reason-modal__submit");

    assert.dom(".lcm-reason-modal .alert").includesText("This topic is closed");
    assert.strictEqual(this.closed, 0);
  });

  test("a day is chosen from the usual ones or freely, and never in the past", async function (assert) {
    const { close, sent } = this;
    const model = {
      title: "Put aside",
      help: "Until when?",
      submitLabel: "discourse_lcm.desk.people.snooze",
      presets: [7, 14],
      maxDays: 90,
      submit: async (instant) => sent.push(instant),
    };
    await render(
      <template>
        <LcmUntil @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );
    const inTwoWeeks = forInput(new Date(Date.now() + 14 * 86400e3), false);

    await fillIn(".lcm-until-modal__date", "2020-01-01");
    assert.dom(".lcm-form__problem").exists();
    assert.dom(".lcm-until-modal__submit").isDisabled();

    await fillIn(".lcm-until-modal__date", "2999-01-01");
    assert.dom(".lcm-form__problem").includesText("90 days");

    await click(".lcm-until-modal__preset:last-child");
    assert.dom(".lcm-until-modal__date").hasValue(inTwoWeeks);
    assert
      .dom(".lcm-until-modal__preset:last-child")
      .hasAria("pressed", "true");
    await click(".lcm-until-modal__submit");

    assert.strictEqual(forInput(new Date(sent[0]), false), inTwoWeeks);
    assert.strictEqual(this.closed, 1);
  });

  test("what is set can be taken away", async function (assert) {
    const { close, sent } = this;
    const model = {
      title: "Pin",
      help: "Until when?",
      submitLabel: "discourse_lcm.topic.pin_submit",
      presets: [1],
      maxDays: 365,
      withTime: true,
      submit: async () => {},
      clearLabel: "discourse_lcm.topic.unpin",
      clear: async () => sent.push("cleared"),
    };
    await render(
      <template>
        <LcmUntil @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );

    await click(".lcm-until-modal__clear");

    assert.deepEqual(sent, ["cleared"]);
    assert.strictEqual(this.closed, 1);
  });

  test("a pause says that it ends when somebody resumes it, unless an end is chosen", async function (assert) {
    const { close, sent } = this;
    const model = {
      title: "Pause",
      help: "Until when?",
      submitLabel: "discourse_lcm.admin.cohorts.pause",
      presets: [7],
      presetsLabel: "discourse_lcm.until.for_days",
      endlessLabel: "discourse_lcm.admin.cohorts.pause_endless",
      dateLabel: "discourse_lcm.admin.cohorts.pause_date",
      maxDays: 365,
      optional: true,
      submit: async (instant) => sent.push(instant),
    };
    await render(
      <template>
        <LcmUntil @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );

    const [week, endless] = [1, 2].map(
      (number) => `.lcm-until-modal__preset:nth-child(${number})`
    );
    assert.dom(week).hasAria("pressed", "false").hasText("For 7 days");
    assert.dom(endless).hasAria("pressed", "true");
    assert.dom(".lcm-until-modal__said").hasText("Until I resume it");

    await click(week);
    assert.dom(week).hasAria("pressed", "true");
    assert.dom(endless).hasAria("pressed", "false");
    await click(endless);
    await click(".lcm-until-modal__submit");

    assert.deepEqual(sent, [null]);
  });

  test("an owner is found by name", async function (assert) {
    const { close, sent } = this;
    const model = {
      topic: { title: "Shifts" },
      owner: SAM,
      users: [SAM, INES, TOMAS],
      submit: async (username) => sent.push(username),
    };
    await render(
      <template>
        <LcmOwner @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );
    assert.dom(".lcm-owner-modal__list").hasValue("sam_rivers");

    await fillIn(".lcm-owner-modal__search", "tom");
    assert.dom(".lcm-owner-modal__list option").exists({ count: 1 });
    await click(".lcm-owner-modal__submit");
    await click(".lcm-owner-modal__clear");

    assert.deepEqual(sent, ["tomas_lindqvist", null]);
  });

  test("a calendar is shifted by whole days only", async function (assert) {
    const { close, sent } = this;
    const model = {
      cohort: { name: "Leading teams" },
      submit: async (days) => sent.push(days),
    };
    await render(
      <template>
        <LcmShift @inline={{true}} @model={{model}} @closeModal={{close}} />
      </template>
    );

    for (const nonsense of ["0", "", "1.5", "400"]) {
      await fillIn(".lcm-shift-modal__days", nonsense);
      assert.dom(".lcm-shift-modal__submit").isDisabled(`"${nonsense}"`);
    }
    await fillIn(".lcm-shift-modal__days", "-3");
    assert.dom("#lcm-shift-said").includesText("3 days earlier");
    await click(".lcm-shift-modal__submit");

    assert.deepEqual(sent, [-3]);
  });
});
