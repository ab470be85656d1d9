import { click, fillIn, render, settled } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmHealth from "discourse/plugins/discourse-lcm/admin/components/lcm-health";
import LcmPlaybooks from "discourse/plugins/discourse-lcm/admin/components/lcm-playbooks";
import LcmRun from "discourse/plugins/discourse-lcm/admin/components/lcm-run";
import LcmRuns from "discourse/plugins/discourse-lcm/admin/components/lcm-runs";
import { dayAndTime } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";
import { adminConsole, run } from "../../fixtures/lcm-fixtures";

const ROOT = "/admin/plugins/discourse-lcm";

module("Discourse LCM | Component | admin console", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.confirmed = [];
    this.opened = [];
    this.went = [];
    this.told = [];
    const doubles = {
      "service:dialog": {
        confirm: (options) => this.confirmed.push(options),
      },
      "service:modal": {
        show: async (_, { model }) => this.opened.push(model),
      },
      "service:router": { transitionTo: (...to) => this.went.push(to) },
      "service:message-bus": {
        subscribe: (_, told) => this.told.push(told),
        unsubscribe: () => {},
      },
    };
    for (const [name, double] of Object.entries(doubles)) {
      this.owner.unregister(name);
      this.owner.register(name, double, { instantiate: false });
    }
    this.sent = [];
    pretender.post(`${ROOT}/requests.json`, (request) => {
      this.sent.push(JSON.parse(request.requestBody));
      return response({
        request_id: 4,
        run: run({ id: "asked-4", state: "requested", lines: [] }),
      });
    });
  });

  test("shows cohorts with their calendar, and playbooks with their steps", async function (assert) {
    pretender.get(`${ROOT}/console.json`, () => response(adminConsole()));
    await render(<template><LcmPlaybooks /></template>);

    assert.dom(".lcm-admin-cohort").includesText("32 learners");
    assert.dom(".lcm-admin-cohort__calendar tbody tr").exists({ count: 1 });
    assert.dom(".lcm-admin-playbook__title").doesNotExist();
    assert.dom(".lcm-admin-playbook").includesText("First steps");
    assert.dom(".lcm-admin-playbook tbody tr").exists({ count: 2 });
  });

  test("tables that may be wider than the page can be scrolled with the keyboard", async function (assert) {
    pretender.get(`${ROOT}/console.json`, () => response(adminConsole()));
    await render(<template><LcmPlaybooks /></template>);
    const tables = [...document.querySelectorAll(".lcm-table-wrap")];
    await render(<template><LcmRuns /></template>);
    tables.push(...document.querySelectorAll(".lcm-table-wrap"));

    assert.strictEqual(tables.length, 3);
    for (const table of tables) {
      assert.dom(table).hasAttribute("tabindex", "0");
      assert.dom(table).hasAttribute("role", "region");
      assert.dom(table).hasAttribute("aria-label", /\w/);
    }
  });

  test("previews a step, and leads to where the worker's answer appears", async function (assert) {
    pretender.get(`${ROOT}/console.json`, () => response(adminConsole()));
    await render(<template><LcmPlaybooks /></template>);

    await fillIn(".lcm-admin-cohort__step select", "roundup");
    await click(".lcm-admin-cohort__preview");

    assert.deepEqual(this.sent, [
      { cohort: "spring-27", kind: "preview_playbook", step: "roundup" },
    ]);
    assert.strictEqual(this.went[0].at(-1), "asked-4");
  });

  test("asks before it runs, pauses or shifts", async function (assert) {
    pretender.get(`${ROOT}/console.json`, () => response(adminConsole()));
    await render(<template><LcmPlaybooks /></template>);

    await click(".lcm-admin-cohort__run");
    assert.deepEqual(this.sent, [], "nothing before the answer");
    await this.confirmed[0].didConfirm();

    await click(".lcm-admin-cohort__pause");
    await this.opened[0].submit(null);
    await click(".lcm-admin-cohort__shift");
    await this.opened[1].submit(7);

    assert.deepEqual(this.sent, [
      { cohort: "spring-27", kind: "run_playbook", step: null },
      { cohort: "spring-27", kind: "pause_cohort", until: null },
      { cohort: "spring-27", kind: "shift_cohort", days: 7 },
    ]);
  });

  test("resumes a paused cohort", async function (assert) {
    const { cohorts } = adminConsole();
    pretender.get(`${ROOT}/console.json`, () =>
      response(
        adminConsole({
          cohorts: [{ ...cohorts[0], paused: { until: null }, shift_days: -1 }],
        })
      )
    );
    await render(<template><LcmPlaybooks /></template>);
    assert.dom(".lcm-admin-cohort .lcm-chip--waiting").hasText("Paused");
    assert
      .dom(".lcm-admin-cohort .lcm-card__header")
      .includesText("Brought forward by 1 day");

    await click(".lcm-admin-cohort__resume");
    await this.confirmed[0].didConfirm();

    assert.deepEqual(this.sent, [
      { cohort: "spring-27", kind: "resume_cohort" },
    ]);
  });

  test("shows a run's log as it grows, and what a preview would post", async function (assert) {
    let answer = run({ state: "running", finished_at: null });
    pretender.get(`${ROOT}/runs/run-1.json`, () => response({ run: answer }));
    await render(<template><LcmRun @runId="run-1" /></template>);
    assert.dom(".lcm-log__line").exists({ count: 2 });
    assert.dom(".lcm-log__line--warning").includesText("One left out.");
    assert.dom(".lcm-run__live").exists();

    answer = run({
      lines: [
        ...run().lines,
        {
          number: 3,
          at: new Date().toISOString(),
          level: "error",
          text: "The forum is busy.",
        },
      ],
      previews: [
        {
          kind: "topic",
          title: "This week",
          cooked: "<p>We <em>tried</em> it.</p>",
          recipients: [],
          reason: "Friday",
        },
      ],
    });
    this.told[0]({ run: answer });
    await settled();

    assert.dom(".lcm-log__line").exists({ count: 3 });
    assert.dom(".lcm-run__live").doesNotExist();
    assert.dom(".lcm-run__preview em").hasText("tried");
  });

  test("says what was asked of a cohort's clock in the reader's words", async function (assert) {
    const asked = (given) => ({ playbook: null, step: null, ...given });
    const until = "2027-03-04T08:00:00Z";
    const runs = [
      run(asked({ id: "a", kind: "pause", asked: { until, days: null } })),
      run(
        asked({ id: "b", kind: "pause", asked: { until: null, days: null } })
      ),
      run(asked({ id: "c", kind: "shift", asked: { until: null, days: -7 } })),
      run(
        asked({ id: "d", kind: "resume", asked: { until: null, days: null } })
      ),
      run(
        asked({
          id: "e",
          kind: "pause",
          state: "refused",
          asked: { until, days: null },
          summary: "The store is held.",
        })
      ),
      run(asked({ id: "f", kind: "pause", summary: "Paused on the server." })),
    ];
    pretender.get(`${ROOT}/console.json`, () =>
      response(adminConsole({ runs }))
    );
    await render(<template><LcmRuns /></template>);

    assert
      .dom("[data-run-id=a] td:last-child")
      .hasText(`Nothing is posted or sent until ${dayAndTime(until)}.`);
    const said = (id) =>
      document.querySelector(`[data-run-id=${id}] td:last-child`).textContent;
    assert.deepEqual(["b", "c", "d", "e", "f"].map(said), [
      "Nothing is posted or sent until it is resumed.",
      "Everything still to come happens 7 days earlier.",
      "What is still to come is posted and sent again.",
      "The store is held.",
      "Paused on the server.",
    ]);
  });

  test("says whether the worker is alive and what troubles it", async function (assert) {
    let health = adminConsole().health;
    pretender.get(`${ROOT}/console.json`, () =>
      response(adminConsole({ health }))
    );
    await render(<template><LcmHealth /></template>);
    assert.dom(".lcm-health__state").hasClass("alert-success");
    assert.dom(".lcm-health__problems").includesText("eight days old");
    assert.dom(".lcm-health__worker").includesText("14 of 60");

    health = { ...health, state: "silent" };
    await click(".lcm-health__refresh");
    assert.dom(".lcm-health__state").hasClass("alert-error");
    assert.dom(".lcm-health__state").includesText("60 minutes");

    health = { state: "never_seen", workers: [] };
    await click(".lcm-health__refresh");
    assert.dom(".lcm-health__state").includesText("lcm run");
  });
});
