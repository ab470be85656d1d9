import Component from "@glimmer/component";
import { action } from "@ember/object";
import { service } from "@ember/service";
import DButton from "discourse/components/d-button";
import LcmTopicActions from "../lib/lcm-topic-actions";

const REGULAR = 1;

// Core asks this of every post on the forum, also of those that are in no topic of a cohort.
function isMarked(post) {
  const practices = post.topic?.get("lcm")?.practices;
  return !!practices?.includes(post.post_number);
}

/**
 * An entry of a post's menu, for those who lead the cohort: it marks the post as practice, or takes the mark away.
 *
 * A marked post shows it; else it waits behind the menu's "show more".
 *
 * @extends {Component<{ Args: { post: any, showLabel?: boolean }, Element: HTMLElement }>}
 */
export default class LcmPracticeButton extends Component {
  static shouldRender({ post }) {
    const shown =
      post.post_type === REGULAR && !post.hidden && !post.deleted_at;
    return shown && !!post.topic?.get("lcm");
  }

  static hidden({ post }) {
    return !isMarked(post);
  }

  @service modal;
  @service toasts;

  get isMarked() {
    return isMarked(this.args.post);
  }

  get label() {
    const name = this.isMarked ? "unmark_practice" : "mark_practice";
    return `discourse_lcm.topic.${name}`;
  }

  @action
  toggle() {
    const { topic, post_number: number } = this.args.post;
    const actions = new LcmTopicActions(topic, {
      modal: this.modal,
      toasts: this.toasts,
    });
    return this.isMarked
      ? actions.unmarkPractice(number)
      : actions.markPractice(number);
  }

  <template>
    <DButton
      class="lcm-practice-button {{if this.isMarked '--marked'}}"
      ...attributes
      @action={{this.toggle}}
      @icon="lightbulb"
      @label={{if @showLabel this.label}}
      @title={{this.label}}
    />
  </template>
}
