import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import DModal from "discourse/components/d-modal";
import { extractError } from "discourse/lib/ajax-error";
import autoFocus from "discourse/modifiers/auto-focus";
import { i18n } from "discourse-i18n";

const FURTHEST_DAYS = 365;

/**
 * Asks by how many days a cohort's calendar is to move.
 *
 * @extends {Component<{ Args: {
 *   model: { cohort: any, submit: (days: number) => Promise<void> }, closeModal: () => void, inline?: boolean,
 * } }>}
 */
export default class LcmShift extends Component {
  @tracked value = "7";
  @tracked error = null;
  @tracked saving = false;

  furthest = FURTHEST_DAYS;
  earliest = -FURTHEST_DAYS;

  get title() {
    return i18n("discourse_lcm.admin.cohorts.shift_title", {
      cohort: this.args.model.cohort.name,
    });
  }

  get days() {
    const days = Number(this.value);
    const usable =
      Number.isInteger(days) && days !== 0 && Math.abs(days) <= FURTHEST_DAYS;
    return usable ? days : null;
  }

  get said() {
    if (this.days === null) {
      return null;
    }
    const direction = this.days > 0 ? "later" : "earlier";
    return i18n(`discourse_lcm.admin.cohorts.will_shift_${direction}`, {
      count: Math.abs(this.days),
    });
  }

  get cannotSubmit() {
    return this.saving || this.days === null;
  }

  @action
  setValue(event) {
    this.value = event.target.value;
  }

  @action
  async submit(event) {
    event?.preventDefault?.();
    if (this.cannotSubmit) {
      return;
    }
    this.saving = true;
    try {
      await this.args.model.submit(this.days);
      this.args.closeModal();
    } catch (error) {
      this.error = extractError(error);
    } finally {
      this.saving = false;
    }
  }

  <template>
    <DModal
      @title={{this.title}}
      @closeModal={{@closeModal}}
      @inline={{@inline}}
      @flash={{this.error}}
      @flashType="error"
      class="lcm-shift-modal"
    >
      <:body>
        <form id="lcm-shift-form" {{on "submit" this.submit}}>
          <label class="lcm-form__label" for="lcm-shift-days">
            {{i18n "discourse_lcm.admin.cohorts.shift_help"}}
          </label>
          <input
            id="lcm-shift-days"
            class="lcm-shift-modal__days"
            type="number"
            min={{this.earliest}}
            max={{this.furthest}}
            step="1"
            value={{this.value}}
            aria-describedby="lcm-shift-said"
            {{on "input" this.setValue}}
            {{autoFocus}}
          />
          <p id="lcm-shift-said" role="status">{{this.said}}</p>
        </form>
      </:body>
      <:footer>
        <DButton
          @action={{this.submit}}
          @label="discourse_lcm.admin.cohorts.shift"
          @disabled={{this.cannotSubmit}}
          @isLoading={{this.saving}}
          class="btn-primary lcm-shift-modal__submit"
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
