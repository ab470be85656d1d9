import Component from "@glimmer/component";
import { fn } from "@ember/helper";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import { getOwner } from "@ember/owner";
import { debounce } from "@ember/runloop";
import { service } from "@ember/service";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import { relative, shortDay } from "../lib/lcm-dates";
import LcmDeskState from "../lib/lcm-desk";
import LcmDeskBlockers from "./lcm-desk-blockers";
import LcmDeskCare from "./lcm-desk-care";
import LcmDeskDrafts from "./lcm-desk-drafts";
import LcmDeskPeople from "./lcm-desk-people";
import LcmDeskPractices from "./lcm-desk-practices";
import LcmDeskStories from "./lcm-desk-stories";
import LcmDeskWeek from "./lcm-desk-week";
import LcmLoadError from "./lcm-load-error";

const SECTIONS = [
  { name: "week", component: LcmDeskWeek },
  { name: "people", component: LcmDeskPeople, counter: "need_a_hand" },
  { name: "drafts", component: LcmDeskDrafts, counter: "drafts_pending" },
  { name: "blockers", component: LcmDeskBlockers, counter: "blockers_open" },
  { name: "stories", component: LcmDeskStories, counter: "stories_waiting" },
  { name: "care", component: LcmDeskCare },
  { name: "practices", component: LcmDeskPractices },
];

/** How long to wait for further changes before the desk is fetched again, in milliseconds. */
const QUIET_MS = 500;

/**
 * All that the LCM of a cohort decides on.
 *
 * @extends {Component<{ Args: { cohortKey: string, section?: string, onSection: (name: string) => void } }>}
 */
export default class LcmDesk extends Component {
  @service messageBus;

  desk = new LcmDeskState(
    this.args.cohortKey,
    getOwner(this).lookup("service:a11y")
  );
  channel = `/lcm/desk/${this.args.cohortKey}`;

  onChanged = () => {
    debounce(this, this.reload, QUIET_MS);
  };

  constructor(owner, args) {
    super(owner, args);
    this.messageBus.subscribe(this.channel, this.onChanged);
  }

  willDestroy() {
    super.willDestroy();
    this.messageBus.unsubscribe(this.channel, this.onChanged);
  }

  get data() {
    return this.desk.data;
  }

  get current() {
    return (
      SECTIONS.find((section) => section.name === this.args.section) ??
      SECTIONS[0]
    );
  }

  get tabs() {
    return SECTIONS.map(({ name, counter }) => ({
      name,
      title: i18n(`discourse_lcm.desk.section.${name}`),
      count: counter ? this.desk.counters[counter] : 0,
      selected: name === this.current.name,
    }));
  }

  get dates() {
    const { start, end } = this.data.cohort;
    return i18n("discourse_lcm.desk.dates", {
      start: shortDay(start),
      end: shortDay(end),
    });
  }

  get asOf() {
    return this.data.as_of
      ? i18n("discourse_lcm.desk.as_of", { when: relative(this.data.as_of) })
      : i18n("discourse_lcm.desk.never_published");
  }

  @action
  reload() {
    if (!this.isDestroying) {
      this.desk.loader.reload();
    }
  }

  @action
  onTabKey(event) {
    const { direction } = getComputedStyle(event.currentTarget);
    const [back, ahead] =
      direction === "rtl"
        ? ["ArrowRight", "ArrowLeft"]
        : ["ArrowLeft", "ArrowRight"];
    const at = SECTIONS.indexOf(this.current);
    const last = SECTIONS.length - 1;
    const moves = {
      [ahead]: at === last ? 0 : at + 1,
      [back]: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    if (!(event.key in moves)) {
      return;
    }
    event.preventDefault();
    const { name } = SECTIONS[moves[event.key]];
    this.args.onSection(name);
    document.getElementById(`lcm-tab-${name}`)?.focus();
  }

  tabIndex(selected) {
    return selected ? "0" : "-1";
  }

  selectedText(selected) {
    return selected ? "true" : "false";
  }

  <template>
    <section class="lcm-desk user-content" aria-labelledby="lcm-desk-title">
      <div class="sr-only" role="status" aria-live="polite">
        {{this.desk.announcement}}
      </div>
      <LcmLoadError @loader={{this.desk.loader}} />
      {{#if this.data}}
        <header class="lcm-desk__header">
          <h1 id="lcm-desk-title" class="lcm-desk__title">
            {{i18n "discourse_lcm.desk.title" cohort=this.data.cohort.name}}
          </h1>
          <p class="lcm-desk__facts">
            <span>{{this.dates}}</span>
            {{#if this.data.cohort.category_url}}
              <a href={{getURL this.data.cohort.category_url}}>
                {{i18n "discourse_lcm.desk.category"}}
              </a>
            {{/if}}
            <span>{{this.asOf}}</span>
          </p>
        </header>

        <div
          class="lcm-desk__tabs"
          role="tablist"
          aria-label={{i18n "discourse_lcm.desk.sections"}}
        >
          {{#each this.tabs key="name" as |tab|}}
            <button
              type="button"
              id="lcm-tab-{{tab.name}}"
              role="tab"
              class="lcm-desk__tab
                {{if tab.selected 'lcm-desk__tab--selected'}}"
              aria-selected={{this.selectedText tab.selected}}
              aria-controls="lcm-panel"
              tabindex={{this.tabIndex tab.selected}}
              {{on "click" (fn @onSection tab.name)}}
              {{on "keydown" this.onTabKey}}
            >
              {{tab.title}}
              {{#if tab.count}}
                <span class="lcm-desk__tab-count">{{tab.count}}</span>
              {{/if}}
            </button>
          {{/each}}
        </div>

        <div
          id="lcm-panel"
          class="lcm-desk__panel"
          role="tabpanel"
          aria-labelledby="lcm-tab-{{this.current.name}}"
        >
          <this.current.component @desk={{this.desk}} />
        </div>
      {{else}}
        <ConditionalLoadingSpinner @condition={{this.desk.loader.loading}} />
      {{/if}}
    </section>
  </template>
}
