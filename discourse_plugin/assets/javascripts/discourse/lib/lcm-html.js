// Ember 5.12, which Discourse 3.5 runs on, has no `trustHTML` yet.
// eslint-disable-next-line discourse/deprecated-imports
import { htmlSafe } from "@ember/template";

/** @returns {any} HTML that the server rendered and cleaned, to be put into the page as it is */
export function rendered(cooked) {
  return htmlSafe(cooked);
}
