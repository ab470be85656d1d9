import { tracked } from "@glimmer/tracking";
import {
  click,
  find,
  render,
  settled,
  triggerKeyEvent,
} from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmDesk from "discourse/plugins/discourse-lcm/discourse/components/lcm-desk";
import { desk } from "../../fixtures/lcm-fixtures";

const PATH = "/lcm/desk/spring-27.json";

class Page {
  @tracked section = null;

  show = (section) => {
    this.section = section;
  };
}

module("Discourse LCM | Component | lcm-desk", function (hooks) {
  setupRenderingTest(hooks);

  hooks.beforeEach(function () {
    this.page = new Page();
    this.subscribed = [];
    this.owner.unregister("service:message-bus");
    this.owner.register(
      "service:message-bus",
      {
        subscribe: (channel, told) => this.subscribed.push({ channel, told }),
        unsubscribe: () => {},
      },
      { instantiate: false }
    );
  });

  function show(page) {
    return render(
      <template>
        <LcmDesk
          @cohortKey="spring-27"
          @section={{page.section}}
          @onSection={{page.show}}
        />
      </template>
    );
  }

  test("shows this week with what waits in each section", async function (assert) {
    pretender.get(PATH, () => response(desk()));

    await show(this.page);

    assert.dom(".lcm-desk__title").hasText("Desk: Leading teams");
    assert.dom("#lcm-tab-week").hasAttribute("aria-selected", "true");
    assert.dom("#lcm-tab-drafts .lcm-desk__tab-count").hasText("1");
    assert.dom(".lcm-counters__item--need_a_hand dd").hasText("1");
    assert.dom(".lcm-week__entry").exists({ count: 1 });
    assert
      .dom(".lcm-week__what")
      .hasAttribute("href", "/t/11", "a posted prompt links to its topic");
  });

  test("tells a screen reader what changed, by core's service where there is one", async function (assert) {
    pretender.get(PATH, () => response(desk()));

    await show(this.page);
    await click(".lcm-week__next");
    assert.dom(".lcm-desk [role=status]").includesText("Week of");

    const announced = [];
    this.owner.register(
      "service:a11y",
      { announce: (...words) => announced.push(words) },
      { instantiate: false }
    );
    await show(this.page);
    await click(".lcm-week__next");
    assert.dom(".lcm-desk [role=status]").hasNoText();
    assert.strictEqual(announced.length, 1);
    assert.true(announced[0][0].startsWith("Week of"));
    this.owner.unregister("service:a11y");
  });

  test("says what went wrong and tries again", async function (assert) {
    let fails = true;
    pretender.get(PATH, () =>
      fails
        ? response(500, { errors: ["The forum is busy"] })
        : response(desk())
    );

    await show(this.page);
    assert.dom(".lcm-load-error").includesText("The forum is busy");

    fails = false;
    await click(".lcm-load-error__retry");
    assert.dom(".lcm-load-error").doesNotExist();
    assert.dom(".lcm-desk__title").exists();
  });

  test("moves between sections with the arrow keys", async function (assert) {
    pretender.get(PATH, () => response(desk()));
    await show(this.page);

    await triggerKeyEvent("#lcm-tab-week", "keydown", "ArrowRight");
    assert.dom("#lcm-tab-people").hasAttribute("aria-selected", "true");
    assert.dom(".lcm-people").exists();
    assert.strictEqual(document.activeElement, find("#lcm-tab-people"));

    await triggerKeyEvent("#lcm-tab-people", "keydown", "End");
    assert.dom(".lcm-practice").exists();

    await triggerKeyEvent("#lcm-tab-practices", "keydown", "ArrowRight");
    assert.dom("#lcm-tab-week").hasAttribute("aria-selected", "true");
  });

  test("follows the arrow keys in languages written from right to left", async function (assert) {
    pretender.get(PATH, () => response(desk()));
    await show(this.page);
    find("[role='tablist']").style.direction = "rtl";

    await triggerKeyEvent("#lcm-tab-week", "keydown", "ArrowLeft");

    assert.dom("#lcm-tab-people").hasAttribute("aria-selected", "true");
  });

  test("fetches again when the forum says that something changed", async function (assert) {
    let name = "Leading teams";
    pretender.get(PATH, () =>
      response(desk({ cohort: { ...desk().cohort, name } }))
    );
    await show(this.page);
    assert.deepEqual(
      this.subscribed.map(({ channel }) => channel),
      ["/lcm/desk/spring-27"]
    );

    name = "Leading teams, renamed";
    this.subscribed[0].told({ sections: ["learners"] });
    await settled();
    assert.dom(".lcm-desk__title").hasText("Desk: Leading teams, renamed");
  });

  test("says that no figures have come yet", async function (assert) {
    pretender.get(PATH, () =>
      response(
        desk({
          as_of: null,
          calendar: [],
          learners: [],
          drafts: [],
          blockers: [],
          stories: [],
          practices: [],
          notes: [],
        })
      )
    );

    await show(this.page);
    assert.dom(".lcm-desk__facts").includesText("not sent any figures yet");

    for (const section of [
      "people",
      "drafts",
      "blockers",
      "stories",
      "care",
      "practices",
    ]) {
      await click(`#lcm-tab-${section}`);
      assert.dom(".lcm-empty").exists(`${section} says that it is empty`);
    }
  });

  test("shows what was done for people, as plain text", async function (assert) {
    pretender.get(PATH, () => response(desk()));
    await show(this.page);

    await click("#lcm-tab-care");
    assert.dom(".lcm-section__subtitle").hasText("Mails to managers");
    assert.dom(".lcm-evidence__fact").exists({ count: 2 });
    assert.dom(".lcm-evidence__fact a").hasAttribute("href", "/t/9");
  });

  test("turns the pages of the calendar", async function (assert) {
    pretender.get(PATH, () => response(desk()));
    await show(this.page);
    assert.dom(".lcm-week__this").isDisabled();

    await click(".lcm-week__next");
    assert.dom(".lcm-week__entry").doesNotExist();
    assert.dom(".lcm-week .lcm-empty").exists();

    await click(".lcm-week__this");
    assert.dom(".lcm-week__entry").exists({ count: 1 });
  });
});
