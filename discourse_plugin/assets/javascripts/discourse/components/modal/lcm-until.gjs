import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { fn } from "@ember/helper";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import DModal from "discourse/components/d-modal";
import concatClass from "discourse/helpers/concat-class";
import { extractError } from "discourse/lib/ajax-error";
import { i18n } from "discourse-i18n";
import { dayAndTime, forInput, shortDay } from "../../lib/lcm-dates";

const MORNING_HOUR = 9;

/**
 * Asks until when, or at what time, something is to hold: a few usual answers, or a date of one's own.
 *
 * @extends {Component<{ Args: {
 *   model: {
 *     title: string, help: string, submitLabel: string, presets: number[], maxDays: number, withTime?: boolean,
 *     optional?: boolean, presetsLabel?: string, endlessLabel?: string, dateLabel?: string, clearLabel?: string, clear?: () => Promise<void>,
 *     submit: (instant: string | null) => Promise<void>,
 *   },
 *   closeModal: () => void, inline?: boolean,
 * } }>}
 */
export default class LcmUntil extends Component {
  @tracked
  value = this.args.model.optional
    ? ""
    : this.#inDays(this.args.model.presets[0]);
  @tracked error = null;
  @tracked saving = false;

  get type() {
    return this.args.model.withTime ? "datetime-local" : "date";
  }

  get earliest() {
    return this.args.model.withTime
      ? forInput(new Date(), true)
      : this.#inDays(1);
  }

  get latest() {
    return this.#inDays(this.args.model.maxDays);
  }

  get presets() {
    const { presets, presetsLabel, optional, endlessLabel } = this.args.model;
    const label = presetsLabel ?? "discourse_lcm.until.in_days";
    const answers = presets.map((days) => ({
      value: this.#inDays(days),
      label: i18n(label, { count: days }),
    }));
    if (optional) {
      answers.push({ value: "", label: i18n(endlessLabel) });
    }
    return answers.map((answer) => ({
      ...answer,
      pressed: answer.value === this.value,
    }));
  }

  get dateLabel() {
    return i18n(this.args.model.dateLabel ?? "discourse_lcm.until.date");
  }

  get date() {
    const date = new Date(
      this.args.model.withTime ? this.value : `${this.value}T00:00`
    );
    return isNaN(date.getTime()) ? null : date;
  }

  get problem() {
    if (!this.date) {
      return null;
    }
    if (this.value < this.earliest) {
      return i18n("discourse_lcm.until.past");
    }
    return this.value > this.latest
      ? i18n("discourse_lcm.until.too_far", {
          count: this.args.model.maxDays,
        })
      : null;
  }

  get chosen() {
    if (!this.date && this.args.model.optional) {
      return i18n(this.args.model.endlessLabel);
    }
    if (!this.date || this.problem) {
      return null;
    }
    return this.args.model.withTime
      ? dayAndTime(this.date.toISOString())
      : shortDay(this.value);
  }

  get cannotSubmit() {
    const missing = !this.date && !this.args.model.optional;
    return this.saving || missing || !!this.problem;
  }

  #inDays(days) {
    const date = new Date();
    date.setDate(date.getDate() + days);
    date.setHours(MORNING_HOUR, 0, 0, 0);
    return forInput(date, this.args.model.withTime);
  }

  async #carryOut(what) {
    this.saving = true;
    this.error = null;
    try {
      await what();
      this.args.closeModal();
    } catch (error) {
      this.error = extractError(error);
    } finally {
      this.saving = false;
    }
  }

  @action
  choose(value) {
    this.value = value;
  }

  @action
  setValue(event) {
    this.value = event.target.value;
  }

  @action
  async submit(event) {
    event?.preventDefault?.();
    if (!this.cannotSubmit) {
      const instant = this.date?.toISOString() ?? null;
      await this.#carryOut(() => this.args.model.submit(instant));
    }
  }

  @action
  async clear() {
    await this.#carryOut(() => this.args.model.clear());
  }

  <template>
    <DModal
      @title={{@model.title}}
      @closeModal={{@closeModal}}
      @inline={{@inline}}
      @flash={{this.error}}
      @flashType="error"
      class="lcm-until-modal"
    >
      <:body>
        <form id="lcm-until-form" {{on "submit" this.submit}}>
          <p class="lcm-form__help">{{@model.help}}</p>
          <div
            class="lcm-until-modal__presets"
            role="group"
            aria-label={{i18n "discourse_lcm.until.presets"}}
          >
            {{#each this.presets key="value" as |preset|}}
              <DButton
                @action={{fn this.choose preset.value}}
                @translatedLabel={{preset.label}}
                @ariaPressed={{preset.pressed}}
                class={{concatClass
                  "btn-small lcm-until-modal__preset"
                  (if preset.pressed "btn-primary" "btn-default")
                }}
              />
            {{/each}}
          </div>
          <label class="lcm-form__label" for="lcm-until-date">
            {{this.dateLabel}}
          </label>
          <input
            id="lcm-until-date"
            class="lcm-until-modal__date"
            type={{this.type}}
            min={{this.earliest}}
            max={{this.latest}}
            value={{this.value}}
            aria-describedby="lcm-until-said"
            {{on "input" this.setValue}}
          />
          <p id="lcm-until-said" class="lcm-until-modal__said" role="status">
            {{#if this.problem}}
              <span class="lcm-form__problem">{{this.problem}}</span>
            {{else}}
              {{this.chosen}}
            {{/if}}
          </p>
        </form>
      </:body>
      <:footer>
        <DButton
          @action={{this.submit}}
          @label={{@model.submitLabel}}
          @disabled={{this.cannotSubmit}}
          @isLoading={{this.saving}}
          class="btn-primary lcm-until-modal__submit"
        />
        {{#if @model.clear}}
          <DButton
            @action={{this.clear}}
            @label={{@model.clearLabel}}
            @disabled={{this.saving}}
            class="btn-default lcm-until-modal__clear"
          />
        {{/if}}
        <DButton
          @action={{@closeModal}}
          @translatedLabel={{i18n "cancel"}}
          class="btn-transparent"
        />
      </:footer>
    </DModal>
  </template>
}
