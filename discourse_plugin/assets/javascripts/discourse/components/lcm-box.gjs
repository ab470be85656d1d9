import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { action } from "@ember/object";
import { service } from "@ember/service";
import ConditionalLoadingSpinner from "discourse/components/conditional-loading-spinner";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import getURL from "discourse/lib/get-url";
import KeyValueStore from "discourse/lib/key-value-store";
import { userPath } from "discourse/lib/url";
import { i18n } from "discourse-i18n";
import { showBox } from "../lib/lcm-api";
import { dayAndTime, relative } from "../lib/lcm-dates";
import LcmLoader from "../lib/lcm-loader";
import LcmLoadError from "./lcm-load-error";
import LcmUser from "./lcm-user";

const KINDS = ["prompt", "assignment", "commitment", "session"];
const SESSION = "session"; // is attended, not answered

/**
 * What is on this week, above the cohort's topics.
 *
 * @extends {Component<{ Args: { categoryId: number } }>}
 */
export default class LcmBox extends Component {
  @service currentUser;

  @tracked closed = false;
  store = new KeyValueStore("discourse_lcm_");
  storeKey = `box_closed_${this.args.categoryId}`;
  loader = new LcmLoader(() => showBox(this.args.categoryId));
  bodyId = `lcm-box-${this.args.categoryId}`;

  constructor(owner, args) {
    super(owner, args);
    this.closed = this.store.get(this.storeKey) === "yes";
  }

  get box() {
    return this.loader.value;
  }

  get title() {
    return this.box?.week
      ? i18n("discourse_lcm.box.week", { week: this.box.week })
      : i18n("discourse_lcm.box.title");
  }

  get isOpen() {
    return !this.closed;
  }

  /** When an answer is due, or when a session begins. */
  #when(kind, moment) {
    const when = relative(moment);
    return kind === SESSION
      ? i18n("discourse_lcm.box.starts", { when })
      : i18n("discourse_lcm.box.due", { when });
  }

  get items() {
    return KINDS.filter((kind) => this.box[kind]).map((kind) => {
      const item = this.box[kind];
      return {
        ...item,
        kind,
        label: i18n(`discourse_lcm.box.${kind}`),
        url: getURL(item.url),
        due: item.due ? this.#when(kind, item.due) : null,
        dueExactly: item.due ? dayAndTime(item.due) : null,
        standing:
          kind === SESSION
            ? null
            : i18n(
                `discourse_lcm.box.${item.answered ? "answered" : "not_answered"}`
              ),
      };
    });
  }

  get isQuiet() {
    return this.items.length === 0 && this.box.partners.length === 0;
  }

  get preferencesUrl() {
    return userPath(`${this.currentUser.username_lower}/preferences/lcm`);
  }

  @action
  toggle() {
    this.closed = !this.closed;
    this.store.set({
      key: this.storeKey,
      value: this.closed ? "yes" : "no",
    });
  }

  <template>
    <section class="lcm-box" aria-labelledby="{{this.bodyId}}-title">
      <header class="lcm-box__header">
        <h2 id="{{this.bodyId}}-title" class="lcm-box__title">
          {{this.title}}
        </h2>
        <DButton
          @action={{this.toggle}}
          @icon={{if this.closed "chevron-down" "chevron-up"}}
          @title={{if
            this.closed
            "discourse_lcm.box.show"
            "discourse_lcm.box.hide"
          }}
          @ariaExpanded={{this.isOpen}}
          @ariaControls={{this.bodyId}}
          class="btn-transparent btn-small lcm-box__toggle"
        />
      </header>
      {{#if this.isOpen}}
        <div id={{this.bodyId}} class="lcm-box__body">
          <LcmLoadError @loader={{this.loader}} />
          {{#if this.box}}
            {{#if this.isQuiet}}
              <p class="lcm-empty">{{i18n "discourse_lcm.box.quiet"}}</p>
            {{/if}}
            {{#each this.items key="kind" as |item|}}
              <div class="lcm-box__item lcm-box__item--{{item.kind}}">
                <span class="lcm-box__label">{{item.label}}</span>
                <a href={{item.url}} class="lcm-box__link">{{item.title}}</a>
                <span class="lcm-box__facts">
                  {{#if item.standing}}
                    <span
                      class="lcm-chip
                        {{if
                          item.answered
                          'lcm-chip--done'
                          'lcm-chip--waiting'
                        }}"
                    >
                      {{#if item.answered}}{{icon "check"}}{{/if}}
                      {{item.standing}}
                    </span>
                  {{/if}}
                  {{#if item.due}}
                    <span title={{item.dueExactly}}>{{item.due}}</span>
                  {{/if}}
                </span>
              </div>
            {{/each}}
            {{#if this.box.partners.length}}
              <div class="lcm-box__item lcm-box__item--partners">
                <span class="lcm-box__label">
                  {{i18n
                    "discourse_lcm.box.partners"
                    count=this.box.partners.length
                  }}
                </span>
                <span class="lcm-box__partners">
                  {{#each this.box.partners key="id" as |partner|}}
                    <LcmUser @user={{partner}} @withAvatar={{true}} />
                  {{/each}}
                </span>
              </div>
            {{/if}}
            <p class="lcm-box__links">
              {{#if this.box.desk_url}}
                <a href={{getURL this.box.desk_url}} class="lcm-box__desk">
                  {{i18n "discourse_lcm.box.desk"}}
                </a>
              {{/if}}
              <a href={{this.preferencesUrl}} class="lcm-box__preferences">
                {{i18n "discourse_lcm.box.preferences"}}
              </a>
            </p>
          {{else}}
            <ConditionalLoadingSpinner @condition={{this.loader.loading}} />
          {{/if}}
        </div>
      {{/if}}
    </section>
  </template>
}
