import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import DModal from "discourse/components/d-modal";
import { extractError } from "discourse/lib/ajax-error";
import autoFocus from "discourse/modifiers/auto-focus";
import { i18n } from "discourse-i18n";

const MAX_LENGTH = 500;

/**
 * Asks for a few words before something is done.
 *
 * @extends {Component<{ Args: {
 *   model: { title: string, help: string, submitLabel: string, required: boolean, submit: (text: string) => Promise<void> },
 *   closeModal: () => void, inline?: boolean,
 * } }>}
 */
export default class LcmReason extends Component {
  @tracked text = "";
  @tracked error = null;
  @tracked saving = false;

  get cannotSubmit() {
    return (
      this.saving || (this.args.model.required && this.text.trim().length === 0)
    );
  }

  @action
  setText(event) {
    this.text = event.target.value;
  }

  @action
  async submit(event) {
    event?.preventDefault?.();
    if (this.cannotSubmit) {
      return;
    }
    this.saving = true;
    try {
      await this.args.model.submit(this.text.trim());
      this.args.closeModal();
    } catch (error) {
      this.error = extractError(error);
    } finally {
      this.saving = false;
    }
  }

  <template>
    <DModal
      @title={{@model.title}}
      @closeModal={{@closeModal}}
      @inline={{@inline}}
      @flash={{this.error}}
      @flashType="error"
      class="lcm-reason-modal"
    >
      <:body>
        <form id="lcm-reason-form" {{on "submit" this.submit}}>
          <label class="lcm-form__label" for="lcm-reason-text">
            {{@model.help}}
          </label>
          <textarea
            id="lcm-reason-text"
            class="lcm-form__text lcm-reason-modal__text"
            maxlength={{MAX_LENGTH}}
            rows="4"
            value={{this.text}}
            {{on "input" this.setText}}
            {{autoFocus}}
          ></textarea>
        </form>
      </:body>
      <:footer>
        <DButton
          @action={{this.submit}}
          @label={{@model.submitLabel}}
          @disabled={{this.cannotSubmit}}
          @isLoading={{this.saving}}
          class="btn-primary lcm-reason-modal__submit"
        />
        <DButton
          @action={{@closeModal}}
          @translatedLabel={{i18n "cancel"}}
          class="btn-transparent"
        />
      </:footer>
    </DModal>
  </template>
}
