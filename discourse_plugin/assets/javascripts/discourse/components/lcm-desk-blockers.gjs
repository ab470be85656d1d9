import Component from "@glimmer/component";
import { service } from "@ember/service";
import { i18n } from "discourse-i18n";
import LcmBlocker from "./lcm-blocker";
import LcmSection from "./lcm-section";

/** @extends {Component<{ Args: { desk: any } }>} */
export default class LcmDeskBlockers extends Component {
  @service currentUser;

  get open() {
    return this.#inState("open").sort((a, b) => b.days_open - a.days_open);
  }

  get solved() {
    return this.#inState("solved");
  }

  /** Whom a blocker can be given to: oneself first, then the LCMs, then the learners. */
  get people() {
    const { lcms = [], learners } = this.args.desk.data;
    const known = new Map();
    for (const user of [
      ...lcms.filter(({ id }) => id === this.currentUser?.id),
      ...lcms,
      ...learners.map((learner) => learner.user),
    ]) {
      known.set(user.id, known.get(user.id) ?? user);
    }
    return [...known.values()];
  }

  #inState(state) {
    return this.args.desk.data.blockers.filter((row) => row.state === state);
  }

  <template>
    <LcmSection
      @name="blockers"
      @title={{i18n "discourse_lcm.desk.section.blockers"}}
      @help={{i18n "discourse_lcm.desk.blockers.help"}}
    >
      {{#if this.open.length}}
        <ul class="lcm-cards">
          {{#each this.open key="topic.id" as |blocker|}}
            <li>
              <LcmBlocker
                @desk={{@desk}}
                @blocker={{blocker}}
                @people={{this.people}}
              />
            </li>
          {{/each}}
        </ul>
      {{else}}
        <p class="lcm-empty">{{i18n "discourse_lcm.desk.blockers.empty"}}</p>
      {{/if}}
      {{#if this.solved.length}}
        <h3 class="lcm-section__subtitle">
          {{i18n "discourse_lcm.desk.blockers.solved"}}
        </h3>
        <ul class="lcm-cards lcm-cards--quiet">
          {{#each this.solved key="topic.id" as |blocker|}}
            <li>
              <LcmBlocker
                @desk={{@desk}}
                @blocker={{blocker}}
                @people={{this.people}}
              />
            </li>
          {{/each}}
        </ul>
      {{/if}}
    </LcmSection>
  </template>
}
