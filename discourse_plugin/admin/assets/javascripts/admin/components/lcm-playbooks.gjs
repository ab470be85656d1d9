import Component from "@glimmer/component";
import { action } from "@ember/object";
import { service } from "@ember/service";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import { i18n } from "discourse-i18n";
import LcmLoadError from "discourse/plugins/discourse-lcm/discourse/components/lcm-load-error";
import LcmSection from "discourse/plugins/discourse-lcm/discourse/components/lcm-section";
import {
  requestRun,
  showConsole,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-api";
import LcmLoader from "discourse/plugins/discourse-lcm/discourse/lib/lcm-loader";
import LcmAdminCohort from "./lcm-admin-cohort";
import LcmAdminPlaybook from "./lcm-admin-playbook";

/** The cohorts with what can be asked of the worker for them, and the playbooks. */
export default class LcmPlaybooks extends Component {
  @service router;
  @service toasts;

  loader = new LcmLoader(showConsole);

  /** Asks the worker for something and leads to where its work can be watched. */
  @action
  async ask(payload) {
    const run = await requestRun(payload);
    this.toasts.success({
      duration: "short",
      data: { message: i18n("discourse_lcm.admin.asked") },
    });
    this.router.transitionTo(
      "adminPlugins.show.discourse-lcm-runs.show",
      run.id
    );
  }

  <template>
    <div class="lcm-admin lcm-admin--playbooks admin-detail">
      <LcmLoadError @loader={{this.loader}} />
      {{#if this.loader.value}}
        <LcmSection
          @name="cohorts"
          @title={{i18n "discourse_lcm.admin.cohorts.title"}}
          @help={{i18n "discourse_lcm.admin.cohorts.help"}}
        >
          {{#if this.loader.value.cohorts.length}}
            <ul class="lcm-cards">
              {{#each this.loader.value.cohorts key="key" as |cohort|}}
                <li>
                  <LcmAdminCohort
                    @cohort={{cohort}}
                    @playbooks={{this.loader.value.playbooks}}
                    @ask={{this.ask}}
                  />
                </li>
              {{/each}}
            </ul>
          {{else}}
            <p class="lcm-empty">
              {{i18n "discourse_lcm.admin.cohorts.empty"}}
            </p>
          {{/if}}
        </LcmSection>

        <LcmSection
          @name="playbooks"
          @title={{i18n "discourse_lcm.admin.playbooks.title"}}
          @help={{i18n "discourse_lcm.admin.playbooks.help"}}
        >
          {{#if this.loader.value.playbooks.length}}
            <ul class="lcm-cards">
              {{#each this.loader.value.playbooks key="name" as |playbook|}}
                <li><LcmAdminPlaybook @playbook={{playbook}} /></li>
              {{/each}}
            </ul>
          {{else}}
            <p class="lcm-empty">
              {{i18n "discourse_lcm.admin.playbooks.empty"}}
            </p>
          {{/if}}
        </LcmSection>
      {{else}}
        <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
      {{/if}}
    </div>
  </template>
}
