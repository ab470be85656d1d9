import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { on } from "@ember/modifier";
import { action } from "@ember/object";
import DButton from "discourse/components/d-button";
import DModal from "discourse/components/d-modal";
import { extractError } from "discourse/lib/ajax-error";
import autoFocus from "discourse/modifiers/auto-focus";
import { i18n } from "discourse-i18n";
import { displayName, findUsers } from "../../lib/lcm-people";

const MOST_SHOWN = 50;

/**
 * Asks who takes care of a blocker.
 *
 * @extends {Component<{ Args: {
 *   model: { topic: any, owner: any, users: any[], submit: (username: string | null) => Promise<void> },
 *   closeModal: () => void, inline?: boolean,
 * } }>}
 */
export default class LcmOwner extends Component {
  @tracked search = "";
  @tracked username = this.args.model.owner?.username ?? "";
  @tracked error = null;
  @tracked saving = false;

  get choices() {
    return findUsers(this.args.model.users, this.search)
      .slice(0, MOST_SHOWN)
      .map((user) => ({
        username: user.username,
        label: `${displayName(user)} (@${user.username})`,
        selected: user.username === this.username,
      }));
  }

  get cannotSubmit() {
    return this.saving || !this.username;
  }

  async #give(username) {
    this.saving = true;
    try {
      await this.args.model.submit(username);
      this.args.closeModal();
    } catch (error) {
      this.error = extractError(error);
    } finally {
      this.saving = false;
    }
  }

  @action
  setSearch(event) {
    this.search = event.target.value;
    this.username = this.choices[0]?.username ?? "";
  }

  @action
  choose(event) {
    this.username = event.target.value;
  }

  @action
  async submit(event) {
    event?.preventDefault?.();
    if (!this.cannotSubmit) {
      await this.#give(this.username);
    }
  }

  @action
  async clear() {
    await this.#give(null);
  }

  <template>
    <DModal
      @title={{i18n "discourse_lcm.desk.blockers.owner_title"}}
      @closeModal={{@closeModal}}
      @inline={{@inline}}
      @flash={{this.error}}
      @flashType="error"
      class="lcm-owner-modal"
    >
      <:body>
        <form id="lcm-owner-form" {{on "submit" this.submit}}>
          <p class="lcm-form__help">{{@model.topic.title}}</p>
          <label class="lcm-form__label" for="lcm-owner-search">
            {{i18n "discourse_lcm.desk.people.search"}}
          </label>
          <input
            id="lcm-owner-search"
            class="lcm-owner-modal__search"
            type="search"
            value={{this.search}}
            {{on "input" this.setSearch}}
            {{autoFocus}}
          />
          <label class="lcm-form__label" for="lcm-owner-list">
            {{i18n "discourse_lcm.desk.blockers.owner_list"}}
          </label>
          <select
            id="lcm-owner-list"
            class="lcm-owner-modal__list"
            size="8"
            {{on "change" this.choose}}
          >
            {{#each this.choices key="username" as |choice|}}
              <option value={{choice.username}} selected={{choice.selected}}>
                {{choice.label}}
              </option>
            {{/each}}
          </select>
        </form>
      </:body>
      <:footer>
        <DButton
          @action={{this.submit}}
          @label="discourse_lcm.desk.blockers.give"
          @disabled={{this.cannotSubmit}}
          @isLoading={{this.saving}}
          class="btn-primary lcm-owner-modal__submit"
        />
        {{#if @model.owner}}
          <DButton
            @action={{this.clear}}
            @label="discourse_lcm.desk.blockers.no_owner"
            @disabled={{this.saving}}
            class="btn-default lcm-owner-modal__clear"
          />
        {{/if}}
        <DButton
          @action={{@closeModal}}
          @translatedLabel={{i18n "cancel"}}
          class="btn-transparent"
        />
      </:footer>
    </DModal>
  </template>
}
