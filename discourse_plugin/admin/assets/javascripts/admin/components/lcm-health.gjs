import Component from "@glimmer/component";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";
import LcmLoadError from "discourse/plugins/discourse-lcm/discourse/components/lcm-load-error";
import LcmSection from "discourse/plugins/discourse-lcm/discourse/components/lcm-section";
import { showConsole } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-api";
import {
  dayAndTime,
  relative,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";
import LcmLoader from "discourse/plugins/discourse-lcm/discourse/lib/lcm-loader";

const LOOKS = {
  healthy: { icon: "circle-check", alert: "success" },
  silent: { icon: "triangle-exclamation", alert: "error" },
  never_seen: { icon: "circle-info", alert: "info" },
};

/** Whether the workers are alive, how much of their budget of calls they use, and what troubles them. */
export default class LcmHealth extends Component {
  loader = new LcmLoader(async () => (await showConsole()).health);

  get state() {
    const { state, silent_after_minutes: count } = this.loader.value;
    return {
      ...LOOKS[state],
      text: i18n(`discourse_lcm.admin.health.state.${state}`, { count }),
    };
  }

  get workers() {
    return this.loader.value.workers.map((worker) => ({
      ...worker,
      seen: relative(worker.last_seen_at),
      seenExactly: dayAndTime(worker.last_seen_at),
      next: worker.next_at ? dayAndTime(worker.next_at) : null,
      calls: this.#calls(worker),
      problems: worker.problems ?? [],
    }));
  }

  #calls({ calls, calls_limit: limit }) {
    if (calls === null || calls === undefined) {
      return null;
    }
    return limit
      ? i18n("discourse_lcm.admin.health.calls_of", { calls, limit })
      : String(calls);
  }

  <template>
    <div class="lcm-admin lcm-admin--health admin-detail">
      <LcmSection
        @name="health"
        @title={{i18n "discourse_lcm.admin.health.title"}}
        @help={{i18n "discourse_lcm.admin.health.help"}}
      >
        <LcmLoadError @loader={{this.loader}} />
        {{#if this.loader.value}}
          <p
            class="lcm-health__state alert alert-{{this.state.alert}}"
            role="status"
          >
            {{icon this.state.icon}}
            {{this.state.text}}
          </p>
          <DButton
            @action={{this.loader.reload}}
            @icon="arrows-rotate"
            @label="discourse_lcm.admin.health.refresh"
            @isLoading={{this.loader.loading}}
            class="btn-default btn-small lcm-health__refresh"
          />
          <ul class="lcm-cards">
            {{#each this.workers key="worker" as |worker|}}
              <li>
                <article class="lcm-card lcm-health__worker">
                  <header class="lcm-card__header">
                    <h3 class="lcm-card__title">{{worker.worker}}</h3>
                    <span class="lcm-card__when">{{worker.version}}</span>
                  </header>
                  <dl class="lcm-facts">
                    <div>
                      <dt>{{i18n "discourse_lcm.admin.health.seen"}}</dt>
                      <dd title={{worker.seenExactly}}>{{worker.seen}}</dd>
                    </div>
                    {{#if worker.next}}
                      <div>
                        <dt>{{i18n "discourse_lcm.admin.health.next"}}</dt>
                        <dd>{{worker.next}}</dd>
                      </div>
                    {{/if}}
                    {{#if worker.calls}}
                      <div>
                        <dt>{{i18n "discourse_lcm.admin.health.calls"}}</dt>
                        <dd>{{worker.calls}}</dd>
                      </div>
                    {{/if}}
                    {{#if worker.work_waiting}}
                      <div>
                        <dt>{{i18n "discourse_lcm.admin.health.waiting"}}</dt>
                        <dd>{{worker.work_waiting}}</dd>
                      </div>
                    {{/if}}
                  </dl>
                  {{#if worker.problems.length}}
                    <h4 class="lcm-health__problems-title">
                      {{i18n "discourse_lcm.admin.health.problems"}}
                    </h4>
                    <ul class="lcm-health__problems">
                      {{#each worker.problems as |problem|}}
                        <li>
                          {{icon "triangle-exclamation"}}
                          {{problem}}
                        </li>
                      {{/each}}
                    </ul>
                  {{/if}}
                </article>
              </li>
            {{/each}}
          </ul>
        {{else}}
          <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
        {{/if}}
      </LcmSection>
    </div>
  </template>
}
