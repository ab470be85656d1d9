import Component from "@glimmer/component";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import { decideStory } from "../lib/lcm-api";
import { keepFocus } from "../lib/lcm-focus";
import LcmEvidence from "./lcm-evidence";
import LcmUser from "./lcm-user";

const GUESSES = {
  ask_consent: { state: "asked", consent: "asked" },
  spotlight: { state: "spotlighted" },
  set_aside: { state: "set_aside" },
  restore: { state: "candidate" },
};

/** @extends {Component<{ Args: { desk: any, story: any } }>} */
export default class LcmStory extends Component {
  get story() {
    return this.args.story;
  }

  get headingId() {
    return `lcm-story-${this.story.post_id}`;
  }

  get state() {
    return i18n(`discourse_lcm.desk.stories.state.${this.story.state}`);
  }

  get consent() {
    return i18n(`discourse_lcm.desk.stories.consent.${this.story.consent}`);
  }

  get canAsk() {
    return (
      this.story.state === "candidate" && this.story.consent === "not_asked"
    );
  }

  get canSpotlight() {
    return (
      this.story.consent === "yes" &&
      ["candidate", "asked", "agreed"].includes(this.story.state)
    );
  }

  get canSetAside() {
    return ["candidate", "asked", "agreed", "declined"].includes(
      this.story.state
    );
  }

  get isSetAside() {
    return this.story.state === "set_aside";
  }

  async #decide(what) {
    const { desk } = this.args;
    await desk.decide(
      "stories",
      this.story,
      GUESSES[what],
      () => decideStory(desk.key, this.story.post_id, what),
      i18n(`discourse_lcm.desk.stories.done.${what}`)
    );
    keepFocus("stories");
  }

  @action
  async ask() {
    await this.#decide("ask_consent");
  }

  @action
  async spotlight() {
    await this.#decide("spotlight");
  }

  @action
  async setAside() {
    await this.#decide("set_aside");
  }

  @action
  async restore() {
    await this.#decide("restore");
  }

  <template>
    <article
      class="lcm-story lcm-card"
      aria-labelledby={{this.headingId}}
      data-post-id={{this.story.post_id}}
    >
      <header class="lcm-card__header">
        <h3 id={{this.headingId}} class="lcm-card__title">
          <a href={{getURL this.story.url}}>{{this.story.title}}</a>
        </h3>
        <span class="lcm-chip lcm-chip--{{this.story.state}}">
          {{this.state}}
        </span>
      </header>
      {{#if this.story.quote}}
        <blockquote class="lcm-card__quote">{{this.story.quote}}</blockquote>
      {{/if}}
      <p class="lcm-story__by">
        {{#if this.story.author}}
          <LcmUser @user={{this.story.author}} @withAvatar={{true}} />
        {{/if}}
        <span
          class="lcm-story__consent lcm-story__consent--{{this.story.consent}}"
        >
          {{icon "quote-left"}}
          {{this.consent}}
        </span>
      </p>
      <LcmEvidence @evidence={{this.story.evidence}} />
      <footer class="lcm-card__footer">
        {{#if this.canSpotlight}}
          <DButton
            @action={{this.spotlight}}
            @icon="star"
            @label="discourse_lcm.desk.stories.spotlight"
            aria-describedby={{this.headingId}}
            class="btn-primary btn-small lcm-story__spotlight"
          />
        {{/if}}
        {{#if this.canAsk}}
          <DButton
            @action={{this.ask}}
            @icon="envelope"
            @label="discourse_lcm.desk.stories.ask"
            aria-describedby={{this.headingId}}
            class="btn-primary btn-small lcm-story__ask"
          />
        {{/if}}
        {{#if this.canSetAside}}
          <DButton
            @action={{this.setAside}}
            @icon="box-archive"
            @label="discourse_lcm.desk.stories.set_aside"
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-story__set-aside"
          />
        {{/if}}
        {{#if this.isSetAside}}
          <DButton
            @action={{this.restore}}
            @icon="arrow-rotate-left"
            @label="discourse_lcm.desk.stories.restore"
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-story__restore"
          />
        {{/if}}
      </footer>
    </article>
  </template>
}
