import Component from "@glimmer/component";
import { on } from "@ember/modifier";
import { i18n } from "discourse-i18n";

const truth = (value) => (value === undefined ? undefined : String(value));

export default class DButton extends Component {
  click = () => this.args.action();

  get label() {
    return this.args.label ? i18n(this.args.label) : this.args.translatedLabel;
  }

  get title() {
    return this.args.title ? i18n(this.args.title) : this.args.translatedTitle;
  }

  get disabled() {
    return this.args.disabled || this.args.isLoading;
  }

  <template>
    <button
      type="button"
      class="btn"
      title={{this.title}}
      disabled={{this.disabled}}
      aria-expanded={{truth @ariaExpanded}}
      aria-pressed={{truth @ariaPressed}}
      aria-controls={{@ariaControls}}
      ...attributes
      {{on "click" this.click}}
    >{{this.label}}{{yield}}</button>
  </template>
}
