import { debounce } from "@ember/runloop";
import LcmLoader from "discourse/plugins/discourse-lcm/discourse/lib/lcm-loader";

const CHANNEL = "/lcm/runs";
/** How long to gather further news before fetching, in milliseconds. */
const QUIET_MS = 300;

/** Something about runs, fetched again whenever the worker tells of its work. */
export default class LcmRunWatch {
  onNews = () => {
    debounce(this.loader, this.loader.reload, QUIET_MS);
  };
  #messageBus;

  constructor(messageBus, fetch) {
    this.#messageBus = messageBus;
    this.loader = new LcmLoader(fetch);
    messageBus.subscribe(CHANNEL, this.onNews);
  }

  stop() {
    this.#messageBus.unsubscribe(CHANNEL, this.onNews);
  }
}
