import Component from "@glimmer/component";
import { i18n } from "discourse-i18n";
import LcmSection from "./lcm-section";
import LcmStory from "./lcm-story";

/** @extends {Component<{ Args: { desk: any } }>} */
export default class LcmDeskStories extends Component {
  get kept() {
    return this.args.desk.data.stories.filter(
      (story) => story.state !== "set_aside"
    );
  }

  get setAside() {
    return this.args.desk.data.stories.filter(
      (story) => story.state === "set_aside"
    );
  }

  <template>
    <LcmSection
      @name="stories"
      @title={{i18n "discourse_lcm.desk.section.stories"}}
      @help={{i18n "discourse_lcm.desk.stories.help"}}
    >
      {{#if this.kept.length}}
        <ul class="lcm-cards">
          {{#each this.kept key="post_id" as |story|}}
            <li><LcmStory @desk={{@desk}} @story={{story}} /></li>
          {{/each}}
        </ul>
      {{else}}
        <p class="lcm-empty">{{i18n "discourse_lcm.desk.stories.empty"}}</p>
      {{/if}}
      {{#if this.setAside.length}}
        <h3 class="lcm-section__subtitle">
          {{i18n "discourse_lcm.desk.stories.set_aside_title"}}
        </h3>
        <ul class="lcm-cards lcm-cards--quiet">
          {{#each this.setAside key="post_id" as |story|}}
            <li><LcmStory @desk={{@desk}} @story={{story}} /></li>
          {{/each}}
        </ul>
      {{/if}}
    </LcmSection>
  </template>
}
