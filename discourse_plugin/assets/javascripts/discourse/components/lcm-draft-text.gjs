import Component from "@glimmer/component";
import { on } from "@ember/modifier";
import { i18n } from "discourse-i18n";
import { rendered } from "../lib/lcm-html";

/**
 * A draft's text as it will look: open to changes, in full where it waits, folded away once it was decided on.
 *
 * @extends {Component<{ Args: { draft: any, edit: any, headingId: string } }>}
 */
export default class LcmDraftText extends Component {
  get isPending() {
    return this.args.draft.state === "pending";
  }

  get cooked() {
    return this.args.edit?.preview ?? rendered(this.args.draft.cooked);
  }

  <template>
    {{#if @edit}}
      <div class="lcm-draft__editor">
        <div class="lcm-draft__fields">
          {{#if @draft.title}}
            <label class="lcm-form__label" for="{{@headingId}}-title">
              {{i18n "discourse_lcm.desk.drafts.title"}}
            </label>
            <input
              id="{{@headingId}}-title"
              class="lcm-draft__title-field"
              type="text"
              maxlength="255"
              value={{@edit.title}}
              {{on "input" @edit.setTitle}}
            />
          {{/if}}
          <label class="lcm-form__label" for="{{@headingId}}-raw">
            {{i18n "discourse_lcm.desk.drafts.text"}}
          </label>
          <textarea
            id="{{@headingId}}-raw"
            class="lcm-draft__raw"
            maxlength="32000"
            rows="12"
            value={{@edit.raw}}
            {{on "input" @edit.setRaw}}
          ></textarea>
        </div>
        <div class="lcm-draft__preview">
          <p class="lcm-form__label">
            {{i18n "discourse_lcm.desk.drafts.preview"}}
          </p>
          <div class="cooked lcm-draft__cooked">{{this.cooked}}</div>
        </div>
      </div>
    {{else if this.isPending}}
      <div class="cooked lcm-draft__cooked">{{this.cooked}}</div>
    {{else}}
      <details class="lcm-draft__more">
        <summary>{{i18n "discourse_lcm.desk.drafts.show_text"}}</summary>
        <div class="cooked lcm-draft__cooked">{{this.cooked}}</div>
      </details>
    {{/if}}
  </template>
}
