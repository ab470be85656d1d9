import Component from "@glimmer/component";
import { cached, tracked } from "@glimmer/tracking";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import { i18n } from "discourse-i18n";
import { arrange, SORTS } from "../lib/lcm-people";
import LcmPerson from "./lcm-person";
import LcmSection from "./lcm-section";

/** @extends {Component<{ Args: { desk: any } }>} */
export default class LcmDeskPeople extends Component {
  @tracked search = "";
  @tracked sort = "hand";
  @tracked onlyHand = false;
  @tracked page = 1;

  get sorts() {
    return SORTS.map((name) => ({
      name,
      label: i18n(`discourse_lcm.desk.people.sort.${name}`),
      selected: name === this.sort,
    }));
  }

  get isNew() {
    return this.args.desk.data.learners.length === 0;
  }

  @cached
  get found() {
    const { search, sort, onlyHand, page } = this;
    const { learners } = this.args.desk.data;
    return arrange(learners, { search, sort, onlyHand, page });
  }

  get summary() {
    const { total } = this.found;
    return total
      ? i18n("discourse_lcm.desk.people.found", { count: total })
      : i18n("discourse_lcm.desk.people.none");
  }

  get onFirst() {
    return this.found.page === 1;
  }

  get onLast() {
    return this.found.page === this.found.pages;
  }

  @action
  setSearch(event) {
    this.search = event.target.value;
    this.page = 1;
  }

  @action
  setSort(event) {
    this.sort = event.target.value;
    this.page = 1;
  }

  @action
  setOnlyHand(event) {
    this.onlyHand = event.target.checked;
    this.page = 1;
  }

  @action
  previous() {
    this.#turnTo(this.found.page - 1);
  }

  @action
  next() {
    this.#turnTo(this.found.page + 1);
  }

  #turnTo(page) {
    this.page = page;
    document.getElementById("lcm-people-title")?.focus();
  }

  <template>
    {{! The roles keep the table a table where narrow screens lay its rows out as cards. }}
    {{! template-lint-disable no-redundant-role }}
    <LcmSection
      @name="people"
      @title={{i18n "discourse_lcm.desk.section.people"}}
      @help={{i18n "discourse_lcm.desk.people.help"}}
    >
      {{#if this.isNew}}
        <p class="lcm-empty">{{i18n "discourse_lcm.desk.people.empty"}}</p>
      {{else}}
        <div class="lcm-people__tools" role="search">
          <label class="lcm-people__tool">
            <span>{{i18n "discourse_lcm.desk.people.search"}}</span>
            <input
              type="search"
              class="lcm-people__search"
              value={{this.search}}
              {{on "input" this.setSearch}}
            />
          </label>
          <label class="lcm-people__tool">
            <span>{{i18n "discourse_lcm.desk.people.sort_by"}}</span>
            <select class="lcm-people__sort" {{on "change" this.setSort}}>
              {{#each this.sorts key="name" as |sort|}}
                <option value={{sort.name}} selected={{sort.selected}}>
                  {{sort.label}}
                </option>
              {{/each}}
            </select>
          </label>
          <label class="lcm-people__tool lcm-people__tool--check">
            <input
              type="checkbox"
              class="lcm-people__only-hand"
              checked={{this.onlyHand}}
              {{on "change" this.setOnlyHand}}
            />
            <span>{{i18n "discourse_lcm.desk.people.only_hand"}}</span>
          </label>
          <p class="lcm-people__found" role="status">{{this.summary}}</p>
        </div>

        {{#if this.found.rows.length}}
          <table class="lcm-people" role="table">
            <thead role="rowgroup">
              <tr role="row">
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.person"}}
                </th>
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.seen"}}
                </th>
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.weeks"}}
                </th>
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.given"}}
                </th>
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.received"}}
                </th>
                <th scope="col" role="columnheader">
                  {{i18n "discourse_lcm.desk.people.actions"}}
                </th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {{#each this.found.rows key="user.id" as |learner|}}
                <LcmPerson @desk={{@desk}} @learner={{learner}} />
              {{/each}}
            </tbody>
          </table>
        {{/if}}

        {{#unless (if this.onFirst this.onLast)}}
          <nav
            class="lcm-pages"
            aria-label={{i18n "discourse_lcm.desk.people.pages"}}
          >
            <DButton
              @action={{this.previous}}
              @icon="chevron-left"
              @label="discourse_lcm.desk.people.previous_page"
              @disabled={{this.onFirst}}
              class="btn-default btn-small lcm-pages__previous"
            />
            <span class="lcm-pages__at">
              {{i18n
                "discourse_lcm.desk.people.page"
                page=this.found.page
                pages=this.found.pages
              }}
            </span>
            <DButton
              @action={{this.next}}
              @icon="chevron-right"
              @label="discourse_lcm.desk.people.next_page"
              @disabled={{this.onLast}}
              class="btn-default btn-small lcm-pages__next"
            />
          </nav>
        {{/unless}}
      {{/if}}
    </LcmSection>
  </template>
}
