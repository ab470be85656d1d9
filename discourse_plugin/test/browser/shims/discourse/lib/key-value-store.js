const kept = new Map();

export default class KeyValueStore {
  constructor(context) {
    this.context = context;
  }

  get(key) {
    return kept.get(this.context + key);
  }

  set({ key, value }) {
    kept.set(this.context + key, value);
  }
}
