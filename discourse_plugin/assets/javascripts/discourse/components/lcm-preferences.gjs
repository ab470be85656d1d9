import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { fn } from "@ember/helper";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import { popupAjaxError } from "discourse/lib/ajax-error";
import { i18n } from "discourse-i18n";
import { savePreferences, showPreferences } from "../lib/lcm-api";
import LcmLoader from "../lib/lcm-loader";
import LcmConsent from "./lcm-consent";
import LcmLoadError from "./lcm-load-error";

const CHOICES = ["nudges", "quoting", "pairing"];

/** What a member wants to be written to and shown for; each choice holds as soon as it is made. */
export default class LcmPreferences extends Component {
  @tracked said = "";

  loader = new LcmLoader(showPreferences);

  get choices() {
    return CHOICES.map((name) => ({
      name,
      checked: this.loader.value.preferences[name] !== false,
      label: i18n(`discourse_lcm.preferences.${name}`),
      help: i18n(`discourse_lcm.preferences.${name}_help`),
    }));
  }

  #show(preferences) {
    this.loader.value = { ...this.loader.value, preferences };
  }

  @action
  async toggle(name, event) {
    const before = this.loader.value.preferences;
    const chosen = event.target.checked;
    this.#show({ ...before, [name]: chosen });
    try {
      this.loader.value = await savePreferences({ [name]: chosen });
      this.said = i18n("discourse_lcm.preferences.saved");
    } catch (error) {
      this.#show(before);
      event.target.checked = !chosen;
      popupAjaxError(error);
    }
  }

  @action
  consentChanged(consent) {
    const consents = this.loader.value.consents.map((each) =>
      each.post_id === consent.post_id ? consent : each
    );
    this.loader.value = { ...this.loader.value, consents };
  }

  <template>
    <div class="lcm-preferences">
      <h2 class="lcm-preferences__title">
        {{i18n "discourse_lcm.preferences.title"}}
      </h2>
      <LcmLoadError @loader={{this.loader}} />
      {{#if this.loader.value}}
        <fieldset class="lcm-preferences__choices">
          <legend>{{i18n "discourse_lcm.preferences.choices"}}</legend>
          {{#each this.choices key="name" as |choice|}}
            <div class="lcm-preferences__choice">
              <label class="checkbox-label">
                <input
                  type="checkbox"
                  class="lcm-preferences__{{choice.name}}"
                  checked={{choice.checked}}
                  aria-describedby="lcm-{{choice.name}}-help"
                  {{on "change" (fn this.toggle choice.name)}}
                />
                {{choice.label}}
              </label>
              <p id="lcm-{{choice.name}}-help" class="lcm-preferences__help">
                {{choice.help}}
              </p>
            </div>
          {{/each}}
          <p class="lcm-preferences__said" role="status">{{this.said}}</p>
        </fieldset>

        <section aria-labelledby="lcm-consents-title">
          <h3 id="lcm-consents-title" class="lcm-preferences__subtitle">
            {{i18n "discourse_lcm.preferences.consents"}}
          </h3>
          <p class="lcm-preferences__help">
            {{i18n "discourse_lcm.preferences.consents_help"}}
          </p>
          {{#if this.loader.value.consents.length}}
            <ul class="lcm-preferences__consents">
              {{#each this.loader.value.consents key="post_id" as |consent|}}
                <li>
                  <LcmConsent
                    @consent={{consent}}
                    @onAnswer={{this.consentChanged}}
                  />
                </li>
              {{/each}}
            </ul>
          {{else}}
            <p class="lcm-empty">
              {{i18n "discourse_lcm.preferences.no_consents"}}
            </p>
          {{/if}}
        </section>
      {{else}}
        <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
      {{/if}}
    </div>
  </template>
}
