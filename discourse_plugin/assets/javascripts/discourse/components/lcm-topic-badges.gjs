import Component from "@glimmer/component";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";
import { dayAndTime } from "../lib/lcm-dates";

/**
 * What a topic is to the cohort, for its LCMs.
 *
 * @extends {Component<{ Args: { state: any } }>}
 */
export default class LcmTopicBadges extends Component {
  get badges() {
    const {
      pinned_until: until,
      blocker,
      story,
      practice,
      timer,
    } = this.args.state;
    const badges = [];
    if (until) {
      badges.push({ name: "pinned", icon: "thumbtack", when: until });
    }
    if (blocker) {
      badges.push({
        name: `blocker_${blocker}`,
        icon: blocker === "open" ? "road-barrier" : "circle-check",
      });
    }
    if (story) {
      badges.push({ name: "story", icon: "star" });
    }
    if (practice) {
      badges.push({ name: "practice", icon: "lightbulb" });
    }
    if (timer) {
      badges.push({
        name: `timer_${timer.kind}`,
        icon: "far-clock",
        when: timer.at,
      });
    }
    return badges.map((badge) => ({
      ...badge,
      label: i18n(`discourse_lcm.topic.badge.${badge.name}`, {
        when: badge.when ? dayAndTime(badge.when) : "",
      }),
    }));
  }

  <template>
    {{#if this.badges.length}}
      <ul
        class="lcm-topic-badges"
        aria-label={{i18n "discourse_lcm.topic.badges"}}
      >
        {{#each this.badges key="name" as |badge|}}
          <li class="lcm-chip lcm-topic-badges__badge--{{badge.name}}">
            {{icon badge.icon}}
            {{badge.label}}
          </li>
        {{/each}}
      </ul>
    {{/if}}
  </template>
}
