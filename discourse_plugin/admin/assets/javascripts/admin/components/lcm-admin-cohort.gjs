import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import { service } from "@ember/service";
import DButton from "discourse/components/d-button";
import { popupAjaxError } from "discourse/lib/ajax-error";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import LcmUntil from "discourse/plugins/discourse-lcm/discourse/components/modal/lcm-until";
import {
  dayOf,
  shortDay,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";
import LcmCalendarTable from "./lcm-calendar-table";
import LcmShift from "./modal/lcm-shift";

const PAUSE_DAYS = [7, 14, 28];
const MAX_DAYS = 365;

/**
 * One cohort: where it stands, what is to come, and what can be asked of the worker for it.
 *
 * @extends {Component<{ Args: { cohort: any, playbooks: any[], ask: (payload: any) => Promise<void> } }>}
 */
export default class LcmAdminCohort extends Component {
  @service dialog;
  @service modal;

  @tracked step = "";
  @tracked asking = false;

  get cohort() {
    return this.args.cohort;
  }

  get headingId() {
    return `lcm-cohort-${this.cohort.key}`;
  }

  get facts() {
    const { start, end, timezone, playbook, learners } = this.cohort;
    return [
      i18n("discourse_lcm.desk.dates", {
        start: shortDay(start),
        end: shortDay(end),
      }),
      timezone,
      i18n("discourse_lcm.admin.cohorts.learners", { count: learners }),
      playbook
        ? i18n("discourse_lcm.admin.cohorts.playbook", { playbook })
        : i18n("discourse_lcm.admin.cohorts.no_playbook"),
    ];
  }

  get paused() {
    const { paused, timezone } = this.cohort;
    if (!paused) {
      return null;
    }
    return paused.until
      ? i18n("discourse_lcm.admin.cohorts.paused_until", {
          when: shortDay(dayOf(paused.until, timezone)),
        })
      : i18n("discourse_lcm.admin.cohorts.paused");
  }

  get shifted() {
    const { shift_days: days } = this.cohort;
    if (!days) {
      return null;
    }
    const direction = days > 0 ? "later" : "earlier";
    return i18n(`discourse_lcm.admin.cohorts.shifted_${direction}`, {
      count: Math.abs(days),
    });
  }

  get steps() {
    const playbook = this.args.playbooks.find(
      ({ name }) => name === this.cohort.playbook
    );
    return playbook?.steps ?? [];
  }

  get hasNoSteps() {
    return this.steps.length === 0;
  }

  get runDisabled() {
    return this.asking || !this.cohort.playbook;
  }

  async #ask(payload) {
    this.asking = true;
    try {
      await this.args.ask({ cohort: this.cohort.key, ...payload });
    } finally {
      this.asking = false;
    }
  }

  #askAfter(message, confirmButtonLabel, payload) {
    this.dialog.confirm({
      message,
      confirmButtonLabel,
      didConfirm: async () => {
        try {
          await this.#ask(payload);
        } catch (error) {
          popupAjaxError(error);
        }
      },
    });
  }

  @action
  setStep(event) {
    this.step = event.target.value;
  }

  @action
  async preview() {
    try {
      await this.#ask({ kind: "preview_playbook", step: this.step || null });
    } catch (error) {
      popupAjaxError(error);
    }
  }

  @action
  runNow() {
    const message = this.step
      ? i18n("discourse_lcm.admin.cohorts.confirm_run_step", {
          step: this.step,
          cohort: this.cohort.name,
        })
      : i18n("discourse_lcm.admin.cohorts.confirm_run", {
          cohort: this.cohort.name,
        });
    this.#askAfter(message, "discourse_lcm.admin.cohorts.run", {
      kind: "run_playbook",
      step: this.step || null,
    });
  }

  @action
  resume() {
    this.#askAfter(
      i18n("discourse_lcm.admin.cohorts.confirm_resume", {
        cohort: this.cohort.name,
      }),
      "discourse_lcm.admin.cohorts.resume",
      { kind: "resume_cohort" }
    );
  }

  @action
  async pause() {
    await this.modal.show(LcmUntil, {
      model: {
        title: i18n("discourse_lcm.admin.cohorts.pause_title", {
          cohort: this.cohort.name,
        }),
        help: i18n("discourse_lcm.admin.cohorts.pause_help"),
        presetsLabel: "discourse_lcm.until.for_days",
        endlessLabel: "discourse_lcm.admin.cohorts.pause_endless",
        dateLabel: "discourse_lcm.admin.cohorts.pause_date",
        submitLabel: "discourse_lcm.admin.cohorts.pause",
        presets: PAUSE_DAYS,
        maxDays: MAX_DAYS,
        optional: true,
        submit: (until) => this.#ask({ kind: "pause_cohort", until }),
      },
    });
  }

  @action
  async shift() {
    await this.modal.show(LcmShift, {
      model: {
        cohort: this.cohort,
        submit: (days) => this.#ask({ kind: "shift_cohort", days }),
      },
    });
  }

  <template>
    <article
      class="lcm-card lcm-admin-cohort"
      aria-labelledby={{this.headingId}}
      data-cohort={{this.cohort.key}}
    >
      <header class="lcm-card__header">
        <h3 id={{this.headingId}} class="lcm-card__title">
          {{#if this.cohort.desk_url}}
            <a href={{getURL this.cohort.desk_url}}>{{this.cohort.name}}</a>
          {{else}}
            {{this.cohort.name}}
          {{/if}}
        </h3>
        {{#if this.paused}}
          <span class="lcm-chip lcm-chip--waiting">{{this.paused}}</span>
        {{/if}}
        {{#if this.shifted}}
          <span class="lcm-chip">{{this.shifted}}</span>
        {{/if}}
      </header>
      <ul class="lcm-admin-cohort__facts">
        {{#each this.facts as |fact|}}<li>{{fact}}</li>{{/each}}
      </ul>

      <details class="lcm-admin-cohort__calendar">
        <summary>{{i18n "discourse_lcm.admin.cohorts.calendar"}}</summary>
        <LcmCalendarTable
          @entries={{this.cohort.calendar}}
          @zone={{this.cohort.timezone}}
          @label={{i18n "discourse_lcm.admin.cohorts.calendar"}}
        />
      </details>

      <footer class="lcm-card__footer">
        <label class="lcm-admin-cohort__step">
          <span>{{i18n "discourse_lcm.admin.playbooks.step"}}</span>
          <select disabled={{this.hasNoSteps}} {{on "change" this.setStep}}>
            <option value="">
              {{i18n "discourse_lcm.admin.cohorts.all_due"}}
            </option>
            {{#each this.steps key="id" as |step|}}
              <option value={{step.id}}>{{step.id}}</option>
            {{/each}}
          </select>
        </label>
        <DButton
          @action={{this.preview}}
          @icon="far-eye"
          @label="discourse_lcm.admin.cohorts.preview"
          @disabled={{this.runDisabled}}
          aria-describedby={{this.headingId}}
          class="btn-default btn-small lcm-admin-cohort__preview"
        />
        <DButton
          @action={{this.runNow}}
          @icon="play"
          @label="discourse_lcm.admin.cohorts.run"
          @disabled={{this.runDisabled}}
          aria-describedby={{this.headingId}}
          class="btn-default btn-small lcm-admin-cohort__run"
        />
        {{#if this.cohort.paused}}
          <DButton
            @action={{this.resume}}
            @icon="play"
            @label="discourse_lcm.admin.cohorts.resume"
            @disabled={{this.asking}}
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-admin-cohort__resume"
          />
        {{else}}
          <DButton
            @action={{this.pause}}
            @icon="pause"
            @label="discourse_lcm.admin.cohorts.pause"
            @disabled={{this.asking}}
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-admin-cohort__pause"
          />
        {{/if}}
        <DButton
          @action={{this.shift}}
          @icon="right-left"
          @label="discourse_lcm.admin.cohorts.shift"
          @disabled={{this.asking}}
          aria-describedby={{this.headingId}}
          class="btn-default btn-small lcm-admin-cohort__shift"
        />
      </footer>
    </article>
  </template>
}
