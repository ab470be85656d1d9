import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import {
  addDays,
  dayName,
  dayOf,
  daysOfWeek,
  mondayOf,
  shortDay,
  timeOfDay,
} from "../lib/lcm-dates";
import LcmSection from "./lcm-section";

const COUNTERS = [
  "learners",
  "active_this_week",
  "posts_this_week",
  "need_a_hand",
  "drafts_pending",
  "blockers_open",
  "stories_waiting",
];

/** @extends {Component<{ Args: { desk: any } }>} */
export default class LcmDeskWeek extends Component {
  @tracked monday = mondayOf(this.today);

  get zone() {
    return this.args.desk.data.cohort.timezone;
  }

  get today() {
    return dayOf(new Date().toISOString(), this.zone);
  }

  get counters() {
    return COUNTERS.map((name) => ({
      name,
      label: i18n(`discourse_lcm.desk.counter.${name}`),
      value: this.args.desk.counters[name],
    }));
  }

  get heading() {
    return i18n("discourse_lcm.desk.week.of", { day: shortDay(this.monday) });
  }

  get isThisWeek() {
    return this.monday === mondayOf(this.today);
  }

  get days() {
    const entries = this.args.desk.data.calendar;
    return daysOfWeek(this.monday).map((day) => ({
      day,
      name: dayName(day),
      modifier: day === this.today ? "lcm-week__day--today" : "",
      isToday: day === this.today,
      entries: entries
        .filter((entry) => dayOf(entry.at, this.zone) === day)
        .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
        .map((entry) => this.#describe(entry)),
    }));
  }

  get isEmpty() {
    return this.days.every(({ entries }) => entries.length === 0);
  }

  #describe(entry) {
    return {
      ...entry,
      time: timeOfDay(entry.at, this.zone),
      label: i18n(`discourse_lcm.calendar.state.${entry.state}`),
      url: entry.topic_id ? getURL(`/t/${entry.topic_id}`) : null,
      dueText: entry.due
        ? i18n("discourse_lcm.desk.week.due", {
            day: shortDay(dayOf(entry.due, this.zone)),
          })
        : null,
    };
  }

  #move(monday) {
    this.monday = monday;
    this.args.desk.announce(this.heading);
  }

  @action
  previous() {
    this.#move(addDays(this.monday, -7));
  }

  @action
  next() {
    this.#move(addDays(this.monday, 7));
  }

  @action
  backToNow() {
    this.#move(mondayOf(this.today));
  }

  <template>
    <LcmSection @name="week" @title={{i18n "discourse_lcm.desk.section.week"}}>
      <dl class="lcm-counters">
        {{#each this.counters key="name" as |counter|}}
          <div class="lcm-counters__item lcm-counters__item--{{counter.name}}">
            <dt class="lcm-counters__label">{{counter.label}}</dt>
            <dd class="lcm-counters__value">{{counter.value}}</dd>
          </div>
        {{/each}}
      </dl>

      <div class="lcm-week">
        <div class="lcm-week__bar">
          <h3 class="lcm-week__title">{{this.heading}}</h3>
          <div class="lcm-week__moves">
            <DButton
              @action={{this.previous}}
              @icon="chevron-left"
              @title="discourse_lcm.desk.week.previous"
              class="btn-default btn-small lcm-week__previous"
            />
            <DButton
              @action={{this.backToNow}}
              @label="discourse_lcm.desk.week.this"
              @disabled={{this.isThisWeek}}
              class="btn-default btn-small lcm-week__this"
            />
            <DButton
              @action={{this.next}}
              @icon="chevron-right"
              @title="discourse_lcm.desk.week.next"
              class="btn-default btn-small lcm-week__next"
            />
          </div>
        </div>
        <p class="lcm-week__zone">
          {{i18n "discourse_lcm.desk.week.zone" zone=this.zone}}
        </p>
        {{#if this.isEmpty}}
          <p class="lcm-empty">{{i18n "discourse_lcm.desk.week.empty"}}</p>
        {{/if}}
        <ol class="lcm-week__days">
          {{#each this.days key="day" as |day|}}
            <li
              class="lcm-week__day
                {{day.modifier}}
                {{unless day.entries.length 'lcm-week__day--empty'}}"
            >
              <h4 class="lcm-week__day-name">
                <time datetime={{day.day}}>{{day.name}}</time>
                {{#if day.isToday}}
                  <span class="lcm-chip lcm-chip--today">
                    {{i18n "discourse_lcm.desk.week.today"}}
                  </span>
                {{/if}}
              </h4>
              <ul class="lcm-week__entries">
                {{#each day.entries as |entry|}}
                  <li class="lcm-week__entry lcm-week__entry--{{entry.state}}">
                    <span class="lcm-week__time">{{entry.time}}</span>
                    {{#if entry.url}}
                      <a
                        href={{entry.url}}
                        class="lcm-week__what"
                      >{{entry.title}}</a>
                    {{else}}
                      <span class="lcm-week__what">{{entry.title}}</span>
                    {{/if}}
                    <span class="lcm-chip lcm-chip--{{entry.state}}">
                      {{entry.label}}
                    </span>
                    {{#if entry.dueText}}
                      <span class="lcm-week__due">
                        {{icon "far-clock"}}
                        {{entry.dueText}}
                      </span>
                    {{/if}}
                    {{#if entry.reason}}
                      <span class="lcm-week__reason">{{entry.reason}}</span>
                    {{/if}}
                  </li>
                {{/each}}
              </ul>
            </li>
          {{/each}}
        </ol>
      </div>
    </LcmSection>
  </template>
}
