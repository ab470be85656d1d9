import { tracked } from "@glimmer/tracking";
import { extractError } from "discourse/lib/ajax-error";

/** Something fetched from the server: loading, there, or failed with a reason and a way to try again. */
export default class LcmLoader {
  @tracked value = null;
  @tracked error = null;
  @tracked loading = true;

  /** Fetches again; what is there stays in sight until the answer is in. */
  reload = () => {
    this.loading = true;
    this.error = null;
    return this.#run();
  };
  #fetch;
  #turn = 0;

  /** @param {() => Promise<any>} fetch */
  constructor(fetch) {
    this.#fetch = fetch;
    this.#run();
  }

  async #run() {
    const turn = ++this.#turn;
    try {
      const value = await this.#fetch();
      if (turn === this.#turn) {
        this.value = value;
        this.error = null;
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.error = extractError(error);
      }
    } finally {
      if (turn === this.#turn) {
        this.loading = false;
      }
    }
  }
}
