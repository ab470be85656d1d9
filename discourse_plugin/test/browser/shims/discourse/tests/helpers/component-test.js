import { setOwner } from "@ember/owner";
import { renderComponent } from "@ember/renderer";
import { setRender, settled } from "../../../@ember/test-helpers";
import { forgetRoutes } from "./create-pretender";

function doubles() {
  return new Map([
    ["service:message-bus", { subscribe() {}, unsubscribe() {} }],
    ["service:modal", { async show() {} }],
    ["service:composer", { openNewMessage() {} }],
    ["service:dialog", { confirm() {} }],
    ["service:toasts", { success() {} }],
    ["service:router", { transitionTo() {} }],
    ["service:site", {}],
    [
      "service:current-user",
      { id: 1, username: "eviltrout", username_lower: "eviltrout" },
    ],
  ]);
}

function dasherized(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function makeOwner() {
  const services = doubles();
  return {
    lookup: (name) => services.get(dasherized(name)),
    register: (name, double) => services.set(name, double),
    unregister: (name) => services.delete(name),
    factoryFor: () => undefined,
    isDestroying: false,
    isDestroyed: false,
  };
}

const SERIOUS = ["serious", "critical"];

/** What a test leaves on the page is read by axe: no serious and no critical violation may be left. */
async function mustBeAccessible(assert) {
  const shown = document.getElementById("ember-testing");
  if (!shown.textContent.trim()) {
    return;
  }
  const { violations } = await window.axe.run(shown, {
    resultTypes: ["violations"],
  });
  const found = violations
    .filter(({ impact }) => SERIOUS.includes(impact))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html}`)
    );
  assert.deepEqual(found, [], "axe finds nothing serious");
}

export function setupRenderingTest(hooks) {
  hooks.beforeEach(function () {
    forgetRoutes();
    this.owner = makeOwner();
    setOwner(this, this.owner);
    setRender((component) => {
      this.rendered?.destroy();
      const into = document.createElement("div");
      document.getElementById("ember-testing").replaceChildren(into);
      this.rendered = renderComponent(component, { into, owner: this.owner });
    });
  });
  hooks.afterEach(async function (assert) {
    await mustBeAccessible(assert);
    this.rendered?.destroy();
    await settled();
  });
}
