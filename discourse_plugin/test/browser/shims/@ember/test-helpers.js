import { _backburner } from "@ember/runloop";
import { isWaiting } from "../discourse/tests/helpers/create-pretender";

const POLL_MS = 5;
let renderInto;

export function setRender(into) {
  renderInto = into;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

export async function settled() {
  do {
    await pause();
  } while (
    isWaiting() ||
    _backburner.hasTimers() ||
    _backburner.currentInstance
  );
  await pause();
}

export async function render(component) {
  renderInto(component);
  await settled();
}

export function find(selector) {
  return document.querySelector(`#ember-testing ${selector}`);
}

function mustFind(selector) {
  const element = find(selector);
  if (!element) {
    throw new Error(`nothing fits ${selector}`);
  }
  return element;
}

export async function click(selector) {
  mustFind(selector).click();
  await settled();
}

export async function fillIn(selector, value) {
  const element = mustFind(selector);
  element.value = value;
  for (const name of ["input", "change"]) {
    element.dispatchEvent(new Event(name, { bubbles: true }));
  }
  await settled();
}

export async function triggerKeyEvent(selector, type, key) {
  mustFind(selector).dispatchEvent(
    new KeyboardEvent(type, { key, bubbles: true, cancelable: true })
  );
  await settled();
}
