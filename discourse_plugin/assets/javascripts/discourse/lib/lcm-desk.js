import { cached, tracked } from "@glimmer/tracking";
import { popupAjaxError } from "discourse/lib/ajax-error";
import { showDesk } from "./lcm-api";
import LcmLoader from "./lcm-loader";

const IDS = {
  learners: (row) => row.user.id,
  drafts: (row) => row.key,
  blockers: (row) => row.topic.id,
  stories: (row) => row.post_id,
};

/** Stories that wait for the LCM's next step. */
const WAITING = ["candidate", "agreed"];

/** A cohort's desk as the LCM sees it: what the server told, and what they just decided. */
export default class LcmDesk {
  @tracked announcement = "";

  #a11y;

  /**
   * @param {string} key - the cohort's key
   * @param {any} [a11y] - core's service with `announce(text)`, which Discourse 3.5 does not have yet
   */
  constructor(key, a11y) {
    this.key = key;
    this.#a11y = a11y;
    this.loader = new LcmLoader(() => showDesk(key));
  }

  get data() {
    return this.loader.value;
  }

  /** The server's counters, brought up to date with what was decided here since. */
  @cached
  get counters() {
    const { counters, learners, drafts, blockers, stories } = this.data;
    return {
      ...counters,
      need_a_hand: learners.filter((row) => row.needs_hand).length,
      drafts_pending: drafts.filter((row) => row.state === "pending").length,
      blockers_open: blockers.filter((row) => row.state === "open").length,
      stories_waiting: stories.filter(({ state }) => WAITING.includes(state))
        .length,
    };
  }

  /** Says something to people who listen to the page rather than look at it. */
  announce(text) {
    if (this.#a11y) {
      this.#a11y.announce(text);
    } else {
      this.announcement = text;
    }
  }

  /**
   * Shows a decision at once, and takes it back where the server refuses it.
   *
   * @param {"learners"|"drafts"|"blockers"|"stories"} section
   * @param {object} row - as it is shown now
   * @param {object} guess - what will be different
   * @param {() => Promise<object>} request - answers with the row as it then is
   * @throws what the request throws
   */
  async change(section, row, guess, request) {
    const id = IDS[section](row);
    this.#replace(section, id, { ...row, ...guess });
    try {
      this.#replace(section, id, await request());
    } catch (error) {
      this.#replace(section, id, row);
      throw error;
    }
  }

  /** As `change`, for buttons: a refusal is shown in a dialog, `done` is announced. */
  async decide(section, row, guess, request, done) {
    try {
      await this.change(section, row, guess, request);
      this.announce(done);
      return true;
    } catch (error) {
      popupAjaxError(error);
      return false;
    }
  }

  #replace(section, id, row) {
    const rows = this.data[section].map((each) =>
      IDS[section](each) === id ? row : each
    );
    this.loader.value = { ...this.data, [section]: rows };
  }
}
