import Component from "@glimmer/component";
import { i18n } from "discourse-i18n";
import LcmDraft from "./lcm-draft";
import LcmSection from "./lcm-section";

/** @extends {Component<{ Args: { desk: any } }>} */
export default class LcmDeskDrafts extends Component {
  get pending() {
    return this.args.desk.data.drafts
      .filter((draft) => draft.state === "pending")
      .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  }

  get decided() {
    const when = (draft) => Date.parse(draft.decided_at ?? draft.created_at);
    return this.args.desk.data.drafts
      .filter((draft) => draft.state !== "pending")
      .sort((a, b) => when(b) - when(a));
  }

  <template>
    <LcmSection
      @name="drafts"
      @title={{i18n "discourse_lcm.desk.section.drafts"}}
      @help={{i18n "discourse_lcm.desk.drafts.help"}}
    >
      {{#if this.pending.length}}
        <ul class="lcm-cards">
          {{#each this.pending key="key" as |draft|}}
            <li><LcmDraft @desk={{@desk}} @draft={{draft}} /></li>
          {{/each}}
        </ul>
      {{else}}
        <p class="lcm-empty">{{i18n "discourse_lcm.desk.drafts.empty"}}</p>
      {{/if}}
      {{#if this.decided.length}}
        <h3 class="lcm-section__subtitle">
          {{i18n "discourse_lcm.desk.drafts.decided"}}
        </h3>
        <ul class="lcm-cards lcm-cards--quiet">
          {{#each this.decided key="key" as |draft|}}
            <li><LcmDraft @desk={{@desk}} @draft={{draft}} /></li>
          {{/each}}
        </ul>
      {{/if}}
    </LcmSection>
  </template>
}
