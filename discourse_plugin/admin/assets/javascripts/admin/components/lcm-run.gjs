import Component from "@glimmer/component";
import { LinkTo } from "@ember/routing";
import { service } from "@ember/service";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";
import LcmLoadError from "discourse/plugins/discourse-lcm/discourse/components/lcm-load-error";
import LcmSection from "discourse/plugins/discourse-lcm/discourse/components/lcm-section";
import { showRun } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-api";
import { rendered } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-html";
import { describeRun } from "../lib/lcm-run-text";
import LcmRunWatch from "../lib/lcm-run-watch";

/**
 * One run with its log as it grows, and, for a preview, what would be posted.
 *
 * @extends {Component<{ Args: { runId: string } }>}
 */
export default class LcmRun extends Component {
  @service messageBus;

  constructor(owner, args) {
    super(owner, args);
    this.watch = new LcmRunWatch(this.messageBus, async () =>
      describeRun(await showRun(this.args.runId))
    );
  }

  willDestroy() {
    super.willDestroy();
    this.watch.stop();
  }

  get loader() {
    return this.watch.loader;
  }

  get run() {
    return this.loader.value;
  }

  get previews() {
    return (this.run.previews ?? []).map((preview) => ({
      ...preview,
      cooked: rendered(preview.cooked),
      kindLabel: i18n(`discourse_lcm.desk.drafts.kind.${preview.kind}`),
      to: (preview.recipients ?? []).map((name) => `@${name}`).join(", "),
    }));
  }

  <template>
    <div class="lcm-admin lcm-admin--run admin-detail">
      <LinkTo
        @route="adminPlugins.show.discourse-lcm-runs.index"
        class="btn btn-small btn-default back-button"
      >
        {{icon "chevron-left"}}
        {{i18n "discourse_lcm.admin.runs.all"}}
      </LinkTo>
      <LcmLoadError @loader={{this.loader}} />
      {{#if this.run}}
        <LcmSection @name="run" @title={{this.run.title}}>
          <dl class="lcm-facts lcm-run__facts">
            <div>
              <dt>{{i18n "discourse_lcm.admin.runs.state_title"}}</dt>
              <dd>
                <span class="lcm-chip lcm-chip--{{this.run.state}}">
                  {{this.run.stateLabel}}
                </span>
                {{this.run.requested}}
              </dd>
            </div>
            {{#if this.run.cohort}}
              <div>
                <dt>{{i18n "discourse_lcm.admin.runs.cohort"}}</dt>
                <dd>{{this.run.cohort}}</dd>
              </div>
            {{/if}}
            <div>
              <dt>{{i18n "discourse_lcm.admin.runs.started"}}</dt>
              <dd>{{this.run.started}}</dd>
            </div>
            {{#if this.run.finished}}
              <div>
                <dt>{{i18n "discourse_lcm.admin.runs.finished"}}</dt>
                <dd>{{this.run.finished}}</dd>
              </div>
            {{/if}}
            {{#if this.run.summary}}
              <div>
                <dt>{{i18n "discourse_lcm.admin.runs.summary"}}</dt>
                <dd>{{this.run.summary}}</dd>
              </div>
            {{/if}}
          </dl>

          {{#if this.previews.length}}
            <h3 class="lcm-section__subtitle">
              {{i18n "discourse_lcm.admin.runs.previews"}}
            </h3>
            <ul class="lcm-cards">
              {{#each this.previews as |preview|}}
                <li>
                  <article class="lcm-card lcm-run__preview">
                    <header class="lcm-card__header">
                      <h4 class="lcm-card__title">
                        {{if preview.title preview.title preview.kindLabel}}
                      </h4>
                      <span class="lcm-chip">{{preview.kindLabel}}</span>
                    </header>
                    {{#if preview.to}}<p>{{preview.to}}</p>{{/if}}
                    <p class="lcm-section__help">{{preview.reason}}</p>
                    <div
                      class="cooked lcm-draft__cooked"
                    >{{preview.cooked}}</div>
                  </article>
                </li>
              {{/each}}
            </ul>
          {{/if}}

          <h3 class="lcm-section__subtitle">
            {{i18n "discourse_lcm.admin.runs.log"}}
          </h3>
          {{#if this.run.lines.length}}
            <ol class="lcm-log" aria-live="polite" aria-relevant="additions">
              {{#each this.run.lines key="number" as |line|}}
                <li class="lcm-log__line lcm-log__line--{{line.level}}">
                  <time
                    class="lcm-log__time"
                    datetime={{line.at}}
                  >{{line.time}}</time>
                  <span class="lcm-log__level">{{line.levelLabel}}</span>
                  <span class="lcm-log__text">{{line.text}}</span>
                </li>
              {{/each}}
            </ol>
          {{else}}
            <p class="lcm-empty">{{i18n "discourse_lcm.admin.runs.no_log"}}</p>
          {{/if}}
          {{#if this.run.isUnderWay}}
            <p class="lcm-run__live" role="status">
              {{i18n "discourse_lcm.admin.runs.live"}}
            </p>
          {{/if}}
        </LcmSection>
      {{else}}
        <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
      {{/if}}
    </div>
  </template>
}
