import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import { popupAjaxError } from "discourse/lib/ajax-error";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import { answerConsent } from "../lib/lcm-api";

/**
 * The author's answer to being shown as a story: one click, and another one to change it.
 *
 * @extends {Component<{ Args: { consent: any, onAnswer: (consent: any) => void } }>}
 */
export default class LcmConsent extends Component {
  @tracked saving = false;

  get answer() {
    return this.args.consent.answer;
  }

  get said() {
    return i18n(`discourse_lcm.consent.answer.${this.answer}`);
  }

  get saidYes() {
    return this.answer === "yes";
  }

  get saidNo() {
    return this.answer === "no";
  }

  get yesDisabled() {
    return this.saving || this.saidYes;
  }

  get noDisabled() {
    return this.saving || this.saidNo;
  }

  async #answer(answer) {
    const before = this.args.consent;
    this.saving = true;
    this.args.onAnswer({ ...before, answer });
    try {
      this.args.onAnswer(await answerConsent(before.post_id, answer));
    } catch (error) {
      this.args.onAnswer(before);
      popupAjaxError(error);
    } finally {
      this.saving = false;
    }
  }

  @action
  async agree() {
    await this.#answer("yes");
  }

  @action
  async decline() {
    await this.#answer("no");
  }

  <template>
    <div
      class="lcm-consent lcm-consent--{{this.answer}}"
      role="group"
      aria-label={{@consent.title}}
      data-post-id={{@consent.post_id}}
    >
      <p class="lcm-consent__about">
        <a href={{getURL @consent.url}}>{{@consent.title}}</a>
      </p>
      <p class="lcm-consent__said" role="status">{{this.said}}</p>
      <div class="lcm-consent__buttons">
        <DButton
          @action={{this.agree}}
          @icon="check"
          @label="discourse_lcm.consent.yes"
          @ariaPressed={{this.saidYes}}
          @disabled={{this.yesDisabled}}
          class="btn-small lcm-consent__yes
            {{if this.saidYes 'btn-default' 'btn-primary'}}"
        />
        <DButton
          @action={{this.decline}}
          @icon="xmark"
          @label="discourse_lcm.consent.no"
          @ariaPressed={{this.saidNo}}
          @disabled={{this.noDisabled}}
          class="btn-default btn-small lcm-consent__no"
        />
      </div>
    </div>
  </template>
}
