import { popupAjaxError } from "discourse/lib/ajax-error";
import { i18n } from "discourse-i18n";
import LcmReason from "../components/modal/lcm-reason";
import LcmUntil from "../components/modal/lcm-until";
import { clearMark, setMark } from "./lcm-api";

const PIN_DAYS = [1, 3, 7, 14];
const TIMER_DAYS = [1, 3, 7, 14];
const MAX_DAYS = 365;

/** What an LCM can do to a topic of their cohort; each action leaves the topic's new state in `topic.lcm`. */
export default class LcmTopicActions {
  /**
   * @param {any} topic
   * @param {{ modal: any, toasts: any }} services
   */
  constructor(topic, { modal, toasts }) {
    this.topic = topic;
    this.modal = modal;
    this.toasts = toasts;
  }

  #took(state, done) {
    this.topic.set("lcm", state);
    this.toasts.success({
      duration: "short",
      data: { message: i18n(`discourse_lcm.topic.done.${done}`) },
    });
  }

  async #set(mark, payload, done) {
    this.#took(await setMark(this.topic.id, mark, payload), done);
  }

  async #clear(mark, done, postNumber) {
    this.#took(await clearMark(this.topic.id, mark, postNumber), done);
  }

  async #carefully(what) {
    try {
      await what();
    } catch (error) {
      popupAjaxError(error);
    }
  }

  pin() {
    const { pinned_until: until } = this.topic.lcm;
    return this.modal.show(LcmUntil, {
      model: {
        title: i18n("discourse_lcm.topic.pin_title"),
        help: i18n("discourse_lcm.topic.pin_help"),
        submitLabel: "discourse_lcm.topic.pin_submit",
        presets: PIN_DAYS,
        maxDays: MAX_DAYS,
        withTime: true,
        submit: (instant) => this.#set("pin", { until: instant }, "pinned"),
        clearLabel: "discourse_lcm.topic.unpin",
        clear: until ? () => this.#clear("pin", "unpinned") : undefined,
      },
    });
  }

  /** @param {"close"|"open"} kind */
  setTimer(kind) {
    const { timer } = this.topic.lcm;
    return this.modal.show(LcmUntil, {
      model: {
        title: i18n(`discourse_lcm.topic.timer_${kind}_title`),
        help: i18n(`discourse_lcm.topic.timer_${kind}_help`),
        submitLabel: "discourse_lcm.topic.timer_submit",
        presets: TIMER_DAYS,
        maxDays: MAX_DAYS,
        withTime: true,
        submit: (at) => this.#set("timer", { kind, at }, `timer_${kind}`),
        clearLabel: "discourse_lcm.topic.timer_clear",
        clear: timer ? () => this.#clear("timer", "timer_cleared") : undefined,
      },
    });
  }

  markBlocker() {
    return this.modal.show(LcmReason, {
      model: {
        title: i18n("discourse_lcm.topic.blocker_title"),
        help: i18n("discourse_lcm.topic.blocker_help"),
        submitLabel: "discourse_lcm.topic.mark_blocker",
        required: false,
        submit: (note) =>
          this.#set("blocker", note ? { note } : {}, "blocker_marked"),
      },
    });
  }

  clearBlocker() {
    return this.#carefully(() => this.#clear("blocker", "blocker_cleared"));
  }

  spotlight() {
    return this.#carefully(() => this.#set("spotlight", {}, "spotlighted"));
  }

  /** @param {number} [postNumber] - without it, the topic's first post is marked */
  markPractice(postNumber) {
    const of = postNumber ? { post_number: postNumber } : {};
    return this.#carefully(() => this.#set("practice", of, "practice_marked"));
  }

  /** @param {number} [postNumber] - without it, all marks of the topic go */
  unmarkPractice(postNumber) {
    return this.#carefully(() =>
      this.#clear("practice", "practice_unmarked", postNumber)
    );
  }
}
