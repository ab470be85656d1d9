import { click, currentURL, visit } from "@ember/test-helpers";
import { test } from "qunit";
import { acceptance } from "discourse/tests/helpers/qunit-helpers";
import { adminConsole, run } from "../fixtures/lcm-fixtures";

const ROOT = "/admin/plugins/discourse-lcm";

acceptance("Discourse LCM - admin console", function (needs) {
  needs.user({ admin: true });

  let sent;
  needs.hooks.beforeEach(() => (sent = []));

  needs.pretender((server, helper) => {
    server.get(`${ROOT}.json`, () =>
      helper.response({
        id: "discourse-lcm",
        name: "discourse-lcm",
        humanized_name: "Learning community",
        about: "A desk",
        version: "1.0.0",
        enabled: true,
        enabled_setting: "lcm_enabled",
        has_settings: true,
        admin_route: {
          label: "discourse_lcm.admin.title",
          location: "discourse-lcm",
          full_location: "adminPlugins.show",
          use_new_show_route: true,
        },
      })
    );
    server.get(`${ROOT}/console.json`, () => helper.response(adminConsole()));
    server.get(`${ROOT}/runs/run-1.json`, () =>
      helper.response({ run: run() })
    );
    server.get(`${ROOT}/runs/asked-4.json`, () =>
      helper.response({
        run: run({ id: "asked-4", state: "requested", lines: [] }),
      })
    );
    server.post(`${ROOT}/requests.json`, (request) => {
      sent.push(JSON.parse(request.requestBody));
      return helper.response({
        request_id: 4,
        run: run({ id: "asked-4", state: "requested", lines: [] }),
      });
    });
  });

  test("runs a playbook after a question, and leads to its log", async function (assert) {
    await visit(`${ROOT}/playbooks`);
    assert.dom(".lcm-admin-cohort").includesText("Leading teams");

    await click(".lcm-admin-cohort__run");
    assert.deepEqual(sent, [], "not before the answer");
    await click(".dialog-footer .btn-primary");

    assert.deepEqual(sent, [
      { cohort: "spring-27", kind: "run_playbook", step: null },
    ]);
    assert.strictEqual(currentURL(), `${ROOT}/runs/asked-4`);
    assert.dom(".lcm-run__live").exists();
  });

  test("pauses a cohort until somebody resumes it", async function (assert) {
    await visit(`${ROOT}/playbooks`);
    await click(".lcm-admin-cohort__pause");
    await click(".lcm-until-modal__submit");

    assert.deepEqual(sent, [
      { cohort: "spring-27", kind: "pause_cohort", until: null },
    ]);
  });

  test("leads from the list of runs to a log", async function (assert) {
    await visit(`${ROOT}/runs`);
    await click(".lcm-runs tbody th a");

    assert.strictEqual(currentURL(), `${ROOT}/runs/run-1`);
    assert.dom(".lcm-log__line").exists({ count: 2 });

    await click(".lcm-admin .back-button");
    assert.strictEqual(currentURL(), `${ROOT}/runs`);
  });

  test("shows the worker's health among the plugin's tabs", async function (assert) {
    await visit(`${ROOT}/health`);

    assert.dom(".lcm-health__state").exists();
    assert
      .dom(".admin-plugin-config-page__top-nav-item")
      .exists({ count: 4 }, "the settings and ours");
  });
});
