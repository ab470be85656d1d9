import Component from "@glimmer/component";
import { i18n } from "discourse-i18n";

/** @extends {Component<{ Args: { playbook: any } }>} */
export default class LcmAdminPlaybook extends Component {
  get title() {
    const { title, name } = this.args.playbook;
    const language = document.documentElement.lang.slice(0, 2);
    return title[language] ?? title.en ?? Object.values(title)[0] ?? name;
  }

  get facts() {
    const { name, version } = this.args.playbook;
    return i18n("discourse_lcm.admin.playbooks.facts", { name, version });
  }

  get steps() {
    return this.args.playbook.steps.map((step) => ({
      ...step,
      approval: i18n(
        `discourse_lcm.admin.playbooks.approval.${step.approval ?? "none"}`
      ),
    }));
  }

  get stepCount() {
    return i18n("discourse_lcm.admin.playbooks.steps", {
      count: this.steps.length,
    });
  }

  <template>
    <article class="lcm-card lcm-admin-playbook">
      <header class="lcm-card__header">
        <h3 class="lcm-card__title">{{this.title}}</h3>
        <span class="lcm-card__when">{{this.facts}}</span>
      </header>
      <details>
        <summary>{{this.stepCount}}</summary>
        {{! Without the focus a table that is wider than the page cannot be scrolled with the keyboard. }}
        {{! template-lint-disable no-nested-interactive }}
        <div
          class="lcm-table-wrap"
          role="region"
          tabindex="0"
          aria-label={{this.title}}
        >
          <table class="lcm-table">
            <thead>
              <tr>
                <th scope="col">{{i18n
                    "discourse_lcm.admin.playbooks.step"
                  }}</th>
                <th scope="col">{{i18n
                    "discourse_lcm.admin.playbooks.play"
                  }}</th>
                <th scope="col">{{i18n
                    "discourse_lcm.admin.playbooks.timing"
                  }}</th>
                <th scope="col">{{i18n
                    "discourse_lcm.admin.playbooks.approval_title"
                  }}</th>
              </tr>
            </thead>
            <tbody>
              {{#each this.steps key="id" as |step|}}
                <tr>
                  <th scope="row">{{step.id}}</th>
                  <td>{{step.play}}</td>
                  <td><code>{{step.timing}}</code></td>
                  <td>{{step.approval}}</td>
                </tr>
              {{/each}}
            </tbody>
          </table>
        </div>
      </details>
    </article>
  </template>
}
