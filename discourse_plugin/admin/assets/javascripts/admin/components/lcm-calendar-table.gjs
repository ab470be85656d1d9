import Component from "@glimmer/component";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import { dayAndTime } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";

/**
 * A cohort's whole calendar, by its own clock.
 *
 * @extends {Component<{ Args: { entries: any[], zone: string, label: string } }>}
 */
export default class LcmCalendarTable extends Component {
  get rows() {
    return [...this.args.entries]
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
      .map((entry) => ({
        ...entry,
        when: dayAndTime(entry.at, this.args.zone),
        label: i18n(`discourse_lcm.calendar.state.${entry.state}`),
        url: entry.topic_id ? getURL(`/t/${entry.topic_id}`) : null,
      }));
  }

  <template>
    {{#if this.rows.length}}
      <div
        class="lcm-table-wrap"
        role="region"
        tabindex="0"
        aria-label={{@label}}
      >
        <table class="lcm-table">
          <thead>
            <tr>
              <th scope="col">{{i18n "discourse_lcm.admin.calendar.when"}}</th>
              <th scope="col">{{i18n "discourse_lcm.admin.calendar.what"}}</th>
              <th scope="col">{{i18n "discourse_lcm.admin.playbooks.step"}}</th>
              <th scope="col">{{i18n "discourse_lcm.admin.calendar.state"}}</th>
            </tr>
          </thead>
          <tbody>
            {{#each this.rows as |entry|}}
              <tr>
                <td>{{entry.when}}</td>
                <th scope="row">
                  {{#if entry.url}}
                    <a href={{entry.url}}>{{entry.title}}</a>
                  {{else}}
                    {{entry.title}}
                  {{/if}}
                </th>
                <td>{{entry.step}}</td>
                <td>
                  <span class="lcm-chip lcm-chip--{{entry.state}}">
                    {{entry.label}}
                  </span>
                  {{#if entry.reason}}
                    <span class="lcm-week__reason">{{entry.reason}}</span>
                  {{/if}}
                </td>
              </tr>
            {{/each}}
          </tbody>
        </table>
      </div>
    {{else}}
      <p class="lcm-empty">{{i18n "discourse_lcm.admin.calendar.empty"}}</p>
    {{/if}}
  </template>
}
