import Component from "@glimmer/component";
import { LinkTo } from "@ember/routing";
import { service } from "@ember/service";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import { i18n } from "discourse-i18n";
import LcmLoadError from "discourse/plugins/discourse-lcm/discourse/components/lcm-load-error";
import LcmSection from "discourse/plugins/discourse-lcm/discourse/components/lcm-section";
import { showConsole } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-api";
import { describeRun } from "../lib/lcm-run-text";
import LcmRunWatch from "../lib/lcm-run-watch";

/** What the worker did of late, newest first. */
export default class LcmRuns extends Component {
  @service messageBus;

  constructor(owner, args) {
    super(owner, args);
    this.watch = new LcmRunWatch(this.messageBus, async () =>
      (await showConsole()).runs.map(describeRun)
    );
  }

  willDestroy() {
    super.willDestroy();
    this.watch.stop();
  }

  get loader() {
    return this.watch.loader;
  }

  <template>
    <div class="lcm-admin lcm-admin--runs admin-detail">
      <LcmSection
        @name="runs"
        @title={{i18n "discourse_lcm.admin.runs.title"}}
        @help={{i18n "discourse_lcm.admin.runs.help"}}
      >
        <LcmLoadError @loader={{this.loader}} />
        {{#if this.loader.value.length}}
          <div
            class="lcm-table-wrap"
            role="region"
            tabindex="0"
            aria-label={{i18n "discourse_lcm.admin.runs.title"}}
          >
            <table class="lcm-table lcm-runs">
              <thead>
                <tr>
                  <th scope="col">{{i18n
                      "discourse_lcm.admin.runs.started"
                    }}</th>
                  <th scope="col">{{i18n
                      "discourse_lcm.admin.runs.kind_title"
                    }}</th>
                  <th scope="col">{{i18n
                      "discourse_lcm.admin.runs.cohort"
                    }}</th>
                  <th scope="col">{{i18n
                      "discourse_lcm.admin.runs.state_title"
                    }}</th>
                  <th scope="col">{{i18n
                      "discourse_lcm.admin.runs.summary"
                    }}</th>
                </tr>
              </thead>
              <tbody>
                {{#each this.loader.value key="id" as |run|}}
                  <tr data-run-id={{run.id}}>
                    <td>{{run.started}}</td>
                    <th scope="row">
                      <LinkTo
                        @route="adminPlugins.show.discourse-lcm-runs.show"
                        @model={{run.id}}
                      >{{run.title}}</LinkTo>
                      {{#if run.requested}}
                        <span class="lcm-runs__by">{{run.requested}}</span>
                      {{/if}}
                    </th>
                    <td>{{run.cohort}}</td>
                    <td>
                      <span class="lcm-chip lcm-chip--{{run.state}}">
                        {{run.stateLabel}}
                      </span>
                    </td>
                    <td>{{run.summary}}</td>
                  </tr>
                {{/each}}
              </tbody>
            </table>
          </div>
        {{else if this.loader.value}}
          <p class="lcm-empty">{{i18n "discourse_lcm.admin.runs.empty"}}</p>
        {{else}}
          <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
        {{/if}}
      </LcmSection>
    </div>
  </template>
}
