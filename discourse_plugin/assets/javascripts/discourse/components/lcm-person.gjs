import Component from "@glimmer/component";
import { action } from "@ember/object";
import { service } from "@ember/service";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";
import { attendLearner } from "../lib/lcm-api";
import { dayAndTime, dayOf, relative, shortDay } from "../lib/lcm-dates";
import { keepFocus } from "../lib/lcm-focus";
import { displayName } from "../lib/lcm-people";
import LcmEvidence from "./lcm-evidence";
import LcmSparkline from "./lcm-sparkline";
import LcmUser from "./lcm-user";
import LcmReason from "./modal/lcm-reason";
import LcmUntil from "./modal/lcm-until";

const SNOOZE_DAYS = [7, 14, 28];
const SNOOZE_MAX_DAYS = 90;

/**
 * One learner's row: how they take part, whether they need a hand, and what can be done about it.
 *
 * @extends {Component<{ Args: { desk: any, learner: any } }>}
 */
export default class LcmPerson extends Component {
  @service composer;
  @service modal;

  get learner() {
    return this.args.learner;
  }

  get name() {
    return displayName(this.learner.user);
  }

  get seen() {
    const { last_seen_at: at } = this.learner;
    return at ? relative(at) : i18n("discourse_lcm.desk.people.never");
  }

  get seenExactly() {
    const { last_seen_at: at } = this.learner;
    return at ? dayAndTime(at) : null;
  }

  get given() {
    const { replies_given: replies, likes_given: likes } = this.learner;
    return this.#counts(replies, likes);
  }

  get received() {
    const { replies_received: replies, likes_received: likes } = this.learner;
    return this.#counts(replies, likes);
  }

  get attention() {
    const { attention } = this.learner;
    if (!attention) {
      return null;
    }
    return i18n(`discourse_lcm.desk.people.attention.${attention.action}`, {
      by: attention.by,
      reason: attention.reason,
      day: attention.until ? shortDay(dayOf(attention.until)) : "",
    });
  }

  #counts(replies, likes) {
    const counts = [
      ["replies", replies],
      ["likes", likes],
    ]
      .filter(([, count]) => count > 0)
      .map(([kind, count]) =>
        i18n(`discourse_lcm.desk.people.${kind}`, { count })
      );
    return counts.length ? counts : [i18n("discourse_lcm.desk.people.nothing")];
  }

  #attend(payload, guess) {
    const { desk } = this.args;
    return desk.change("learners", this.learner, guess, () =>
      attendLearner(desk.key, this.learner.user.id, payload)
    );
  }

  #done(key) {
    this.args.desk.announce(
      i18n(`discourse_lcm.desk.people.done.${key}`, { name: this.name })
    );
    keepFocus("people");
  }

  @action
  message() {
    this.composer.openNewMessage({
      recipients: this.learner.user.username,
      hasGroups: false,
    });
  }

  @action
  async snooze() {
    await this.modal.show(LcmUntil, {
      model: {
        title: i18n("discourse_lcm.desk.people.snooze_title", {
          name: this.name,
        }),
        help: i18n("discourse_lcm.desk.people.snooze_help"),
        submitLabel: "discourse_lcm.desk.people.snooze",
        presets: SNOOZE_DAYS,
        maxDays: SNOOZE_MAX_DAYS,
        submit: async (until) => {
          await this.#attend({ action: "snooze", until }, {});
          this.#done("snooze");
        },
      },
    });
  }

  @action
  async dismiss() {
    await this.modal.show(LcmReason, {
      model: {
        title: i18n("discourse_lcm.desk.people.dismiss_title", {
          name: this.name,
        }),
        help: i18n("discourse_lcm.desk.people.dismiss_help"),
        submitLabel: "discourse_lcm.desk.people.dismiss",
        required: true,
        submit: async (reason) => {
          await this.#attend({ action: "dismiss", reason }, {});
          this.#done("dismiss");
        },
      },
    });
  }

  @action
  async restore() {
    const { desk } = this.args;
    await desk.decide(
      "learners",
      this.learner,
      { attention: null, needs_hand: this.learner.reasons.length > 0 },
      () =>
        attendLearner(desk.key, this.learner.user.id, { action: "restore" }),
      i18n("discourse_lcm.desk.people.done.restore", { name: this.name })
    );
    keepFocus("people");
  }

  <template>
    {{! The roles keep the table a table where narrow screens lay its rows out as cards. }}
    {{! template-lint-disable no-redundant-role }}
    <tr
      role="row"
      class="lcm-person {{if this.learner.needs_hand 'lcm-person--hand'}}"
      data-user-id={{this.learner.user.id}}
    >
      <th scope="row" role="rowheader" class="lcm-person__who">
        <LcmUser @user={{this.learner.user}} @withAvatar={{true}} />
        {{#if this.learner.needs_hand}}
          <span class="lcm-chip lcm-chip--hand">
            {{icon "hand-holding-heart"}}
            {{i18n "discourse_lcm.desk.people.needs_hand"}}
          </span>
          <LcmEvidence @evidence={{this.learner.reasons}} />
        {{/if}}
        {{#if this.attention}}
          <span class="lcm-person__attention">{{this.attention}}</span>
        {{/if}}
        {{#if this.learner.partners.length}}
          <span class="lcm-person__partners">
            {{i18n "discourse_lcm.desk.people.partners"}}
            {{#each this.learner.partners key="id" as |partner|}}
              <LcmUser @user={{partner}} />
            {{/each}}
          </span>
        {{/if}}
      </th>
      <td
        role="cell"
        class="lcm-person__seen"
        data-label={{i18n "discourse_lcm.desk.people.seen"}}
      >
        <span title={{this.seenExactly}}>{{this.seen}}</span>
      </td>
      <td
        role="cell"
        class="lcm-person__weeks"
        data-label={{i18n "discourse_lcm.desk.people.weeks"}}
      >
        <LcmSparkline @weeks={{this.learner.weeks}} />
      </td>
      <td
        role="cell"
        class="lcm-person__given"
        data-label={{i18n "discourse_lcm.desk.people.given"}}
      >
        {{#each this.given as |count|}}<span>{{count}}</span>{{/each}}
      </td>
      <td
        role="cell"
        class="lcm-person__received"
        data-label={{i18n "discourse_lcm.desk.people.received"}}
      >
        {{#each this.received as |count|}}<span>{{count}}</span>{{/each}}
      </td>
      <td role="cell" class="lcm-person__actions">
        <DButton
          @action={{this.message}}
          @icon="envelope"
          @translatedTitle={{i18n
            "discourse_lcm.desk.people.message_to"
            name=this.name
          }}
          class="btn-default btn-small lcm-person__message"
        />
        {{#if this.learner.needs_hand}}
          <DButton
            @action={{this.snooze}}
            @icon="far-clock"
            @translatedTitle={{i18n
              "discourse_lcm.desk.people.snooze_title"
              name=this.name
            }}
            class="btn-default btn-small lcm-person__snooze"
          />
          <DButton
            @action={{this.dismiss}}
            @icon="xmark"
            @translatedTitle={{i18n
              "discourse_lcm.desk.people.dismiss_title"
              name=this.name
            }}
            class="btn-default btn-small lcm-person__dismiss"
          />
        {{/if}}
        {{#if this.learner.attention}}
          <DButton
            @action={{this.restore}}
            @icon="arrow-rotate-left"
            @translatedTitle={{i18n
              "discourse_lcm.desk.people.restore_title"
              name=this.name
            }}
            class="btn-default btn-small lcm-person__restore"
          />
        {{/if}}
      </td>
    </tr>
  </template>
}
