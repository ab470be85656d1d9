import { tracked } from "@glimmer/tracking";
import { click, render } from "@ember/test-helpers";
import { module, test } from "qunit";
import { setupRenderingTest } from "discourse/tests/helpers/component-test";
import pretender, { response } from "discourse/tests/helpers/create-pretender";
import LcmBox from "discourse/plugins/discourse-lcm/discourse/components/lcm-box";
import LcmConsent from "discourse/plugins/discourse-lcm/discourse/components/lcm-consent";
import LcmPreferences from "discourse/plugins/discourse-lcm/discourse/components/lcm-preferences";
import LcmTopicBadges from "discourse/plugins/discourse-lcm/discourse/components/lcm-topic-badges";
import {
  box,
  consent,
  inDays,
  preferences,
  topicState,
} from "../../fixtures/lcm-fixtures";

class Holder {
  @tracked consent = consent();

  answered = (answered) => {
    this.consent = answered;
  };
}

module("Discourse LCM | Component | what learners see", function (hooks) {
  setupRenderingTest(hooks);

  test("the box shows the question, the assignment and the partner", async function (assert) {
    pretender.get("/lcm/box/7.json", () => response(box()));
    await render(<template><LcmBox @categoryId={{7}} /></template>);

    assert.dom(".lcm-box__title").hasText("Week 5");
    assert
      .dom(".lcm-box__item--prompt a")
      .hasAttribute("href", "/t/prompt/11")
      .hasText("One decision to hand over");
    assert.dom(".lcm-box__item--prompt .lcm-chip--waiting").exists();
    assert.dom(".lcm-box__item--assignment .lcm-chip--done").exists();
    assert.dom(".lcm-box__item--partners").includesText("Tomas Lindqvist");
    assert.dom(".lcm-box__desk").doesNotExist("for LCMs only");
  });

  test("the box shows one's plan, and the next session, which nobody answers", async function (assert) {
    const item = { title: "x", url: "/t/x/15", due: null, answered: false };
    pretender.get("/lcm/box/10.json", () =>
      response(box({ commitment: item, session: { ...item, due: inDays(2) } }))
    );
    await render(<template><LcmBox @categoryId={{10}} /></template>);

    assert.dom(".lcm-box__item--commitment .lcm-chip--waiting").exists();
    assert.dom(".lcm-box__item--session .lcm-chip").doesNotExist();
    assert.dom(".lcm-box__item--session").includesText("begins");
  });

  test("the box stays closed once it was closed", async function (assert) {
    pretender.get("/lcm/box/8.json", () =>
      response(box({ desk_url: "/g/spring_27/lcm" }))
    );
    await render(<template><LcmBox @categoryId={{8}} /></template>);
    assert.dom(".lcm-box__desk").hasAttribute("href", "/g/spring_27/lcm");

    await click(".lcm-box__toggle");
    assert.dom(".lcm-box__body").doesNotExist();
    assert.dom(".lcm-box__toggle").hasAria("expanded", "false");

    await render(<template><LcmBox @categoryId={{8}} /></template>);
    assert.dom(".lcm-box__body").doesNotExist();
    await click(".lcm-box__toggle");
    assert.dom(".lcm-box__body").exists();
  });

  test("the box says that nothing is asked of anybody", async function (assert) {
    pretender.get("/lcm/box/9.json", () =>
      response(
        box({ week: null, prompt: null, assignment: null, partners: [] })
      )
    );
    await render(<template><LcmBox @categoryId={{9}} /></template>);

    assert.dom(".lcm-box .lcm-empty").exists();
    assert.dom(".lcm-box__title").hasText("In your cohort");
  });

  test("a choice holds as soon as it is made", async function (assert) {
    const sent = [];
    pretender.get("/lcm/preferences.json", () => response(preferences()));
    pretender.put("/lcm/preferences.json", (request) => {
      const chosen = JSON.parse(request.requestBody);
      sent.push(chosen);
      return response(
        preferences({
          preferences: { ...preferences().preferences, ...chosen },
        })
      );
    });
    await render(<template><LcmPreferences /></template>);
    assert.dom(".lcm-preferences__nudges").isChecked();

    await click(".lcm-preferences__nudges");

    assert.deepEqual(sent, [{ nudges: false }]);
    assert.dom(".lcm-preferences__nudges").isNotChecked();
    assert.dom(".lcm-preferences__said").hasText(/Saved/);
  });

  test("a choice that could not be kept is taken back", async function (assert) {
    pretender.get("/lcm/preferences.json", () => response(preferences()));
    pretender.put("/lcm/preferences.json", () =>
      response(403, { errors: ["Not now"] })
    );
    await render(<template><LcmPreferences /></template>);

    await click(".lcm-preferences__quoting");

    assert.dom(".lcm-preferences__quoting").isChecked();
    assert.dom(".lcm-preferences__said").hasNoText();
  });

  test("consent is one click, and another one to change it", async function (assert) {
    pretender.put("/lcm/stories/31/consent.json", (request) =>
      response({
        consent: consent({ answer: JSON.parse(request.requestBody).answer }),
      })
    );
    const holder = new Holder();
    await render(
      <template>
        <LcmConsent @consent={{holder.consent}} @onAnswer={{holder.answered}} />
      </template>
    );

    await click(".lcm-consent__yes");
    assert.strictEqual(holder.consent.answer, "yes");
    assert.dom(".lcm-consent__said").hasText(/You agreed/);
    assert.dom(".lcm-consent__yes").isDisabled();

    await click(".lcm-consent__no");
    assert.strictEqual(holder.consent.answer, "no");
    assert.dom(".lcm-consent__said").hasText(/You declined/);
  });

  test("a consent that did not arrive is not shown as given", async function (assert) {
    pretender.put("/lcm/stories/31/consent.json", () =>
      response(404, { errors: ["The post is gone"] })
    );
    const holder = new Holder();
    await render(
      <template>
        <LcmConsent @consent={{holder.consent}} @onAnswer={{holder.answered}} />
      </template>
    );

    await click(".lcm-consent__yes");

    assert.strictEqual(holder.consent.answer, "asked");
  });

  test("LCMs see what a topic is to the cohort", async function (assert) {
    const state = topicState({
      pinned_until: inDays(3),
      blocker: "open",
      story: true,
      practice: true,
      timer: { kind: "close", at: inDays(9) },
    });
    const plain = topicState();
    await render(<template><LcmTopicBadges @state={{state}} /></template>);
    assert.dom(".lcm-topic-badges li").exists({ count: 5 });
    assert.dom(".lcm-topic-badges__badge--blocker_open").hasText("Blocker");

    await render(<template><LcmTopicBadges @state={{plain}} /></template>);
    assert.dom(".lcm-topic-badges").doesNotExist();
  });
});
