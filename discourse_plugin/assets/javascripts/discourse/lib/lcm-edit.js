import { tracked } from "@glimmer/tracking";
import { debounce } from "@ember/runloop";
import { cook } from "discourse/lib/text";

/** How long a pause in typing has to be before the text is rendered anew, in milliseconds. */
const PAUSE_MS = 250;

/** A draft's text while it is being edited, with how it would look. */
export default class LcmEdit {
  @tracked title;
  @tracked raw;
  @tracked preview = null;

  setTitle = (event) => {
    this.title = event.target.value;
  };
  setRaw = (event) => {
    this.raw = event.target.value;
    debounce(this, this.render, PAUSE_MS);
  };
  #draft;

  constructor(draft) {
    this.#draft = draft;
    this.title = draft.title;
    this.raw = draft.raw;
  }

  get changed() {
    return this.title !== this.#draft.title || this.raw !== this.#draft.raw;
  }

  get empty() {
    const untitled = this.#draft.title !== null && !this.title.trim();
    return untitled || !this.raw.trim();
  }

  /** What the server needs to know. */
  get payload() {
    return this.#draft.title === null
      ? { raw: this.raw }
      : { title: this.title, raw: this.raw };
  }

  async render() {
    const raw = this.raw;
    const cooked = await cook(raw);
    if (raw === this.raw) {
      this.preview = cooked;
    }
  }
}
