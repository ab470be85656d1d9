import Component from "@glimmer/component";
import { action } from "@ember/object";
import { i18n } from "discourse-i18n";
import LcmConsent from "../../components/lcm-consent";
import LcmTopicBadges from "../../components/lcm-topic-badges";

/**
 * Above the posts: for LCMs what the topic is to the cohort, for an author the question whether their story may be shown.
 *
 * @extends {Component<{ Args: { outletArgs: { model: any } } }>}
 */
export default class LcmTopic extends Component {
  get state() {
    return this.args.outletArgs.model.get("lcm");
  }

  get consent() {
    return this.args.outletArgs.model.get("lcm_consent");
  }

  @action
  answered(consent) {
    this.args.outletArgs.model.set("lcm_consent", consent);
  }

  <template>
    {{#if this.state}}
      <LcmTopicBadges @state={{this.state}} />
    {{/if}}
    {{#if this.consent}}
      <section class="lcm-topic-consent" aria-labelledby="lcm-consent-title">
        <h2 id="lcm-consent-title" class="lcm-topic-consent__title">
          {{i18n "discourse_lcm.consent.title"}}
        </h2>
        <p class="lcm-topic-consent__help">
          {{i18n "discourse_lcm.consent.help"}}
        </p>
        <LcmConsent @consent={{this.consent}} @onAnswer={{this.answered}} />
      </section>
    {{/if}}
  </template>
}
