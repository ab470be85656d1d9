import Component from "@glimmer/component";
import { action } from "@ember/object";
import { service } from "@ember/service";
import DButton from "discourse/components/d-button";
import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import { decideBlocker } from "../lib/lcm-api";
import { keepFocus } from "../lib/lcm-focus";
import { displayName } from "../lib/lcm-people";
import LcmEvidence from "./lcm-evidence";
import LcmUser from "./lcm-user";
import LcmOwner from "./modal/lcm-owner";

/** @extends {Component<{ Args: { desk: any, blocker: any, people: any[] } }>} */
export default class LcmBlocker extends Component {
  @service currentUser;
  @service modal;

  get blocker() {
    return this.args.blocker;
  }

  get isOpen() {
    return this.blocker.state === "open";
  }

  get age() {
    const { days_open: count } = this.blocker;
    return count
      ? i18n("discourse_lcm.desk.blockers.days_open", { count })
      : i18n("discourse_lcm.desk.blockers.new_today");
  }

  /** The question, where it says more than the title. */
  get question() {
    const { question, topic } = this.blocker;
    return question.trim() === topic.title.trim() ? null : question;
  }

  get headingId() {
    return `lcm-blocker-${this.blocker.topic.id}`;
  }

  get markedBy() {
    return this.blocker.marked_by
      ? i18n("discourse_lcm.marked_by", { username: this.blocker.marked_by })
      : null;
  }

  /** The person behind a username, where they may have the blocker. */
  #person(username) {
    return this.args.people.find((user) => user.username === username) ?? null;
  }

  get canTakeIt() {
    const { username } = this.currentUser;
    const mayOwn = this.args.people.some((user) => user.username === username);
    return mayOwn && this.isOpen && this.blocker.owner?.username !== username;
  }

  async #setOwner(username) {
    const { desk } = this.args;
    const owner = this.#person(username);
    await desk.change("blockers", this.blocker, { owner }, () =>
      decideBlocker(desk.key, this.blocker.topic.id, { owner: username })
    );
    desk.announce(
      owner
        ? i18n("discourse_lcm.desk.blockers.done.given", {
            name: displayName(owner),
          })
        : i18n("discourse_lcm.desk.blockers.done.no_owner")
    );
  }

  async #setState(state) {
    const { desk } = this.args;
    await desk.decide(
      "blockers",
      this.blocker,
      { state },
      () => decideBlocker(desk.key, this.blocker.topic.id, { state }),
      i18n(`discourse_lcm.desk.blockers.done.${state}`)
    );
    keepFocus("blockers");
  }

  @action
  async chooseOwner() {
    await this.modal.show(LcmOwner, {
      model: {
        topic: this.blocker.topic,
        owner: this.blocker.owner,
        users: this.args.people,
        submit: (username) => this.#setOwner(username),
      },
    });
  }

  @action
  async takeIt() {
    const { desk } = this.args;
    const { username } = this.currentUser;
    await desk.decide(
      "blockers",
      this.blocker,
      { owner: this.#person(username) },
      () => decideBlocker(desk.key, this.blocker.topic.id, { owner: username }),
      i18n("discourse_lcm.desk.blockers.done.taken")
    );
    keepFocus("blockers");
  }

  @action
  async solve() {
    await this.#setState("solved");
  }

  @action
  async reopen() {
    await this.#setState("open");
  }

  <template>
    <article
      class="lcm-blocker lcm-card"
      aria-labelledby={{this.headingId}}
      data-topic-id={{this.blocker.topic.id}}
    >
      <header class="lcm-card__header">
        <h3 id={{this.headingId}} class="lcm-card__title">
          <a href={{getURL this.blocker.topic.url}}>
            {{this.blocker.topic.title}}
          </a>
        </h3>
        {{#if this.isOpen}}
          <span class="lcm-chip lcm-chip--age">{{this.age}}</span>
        {{else}}
          <span class="lcm-chip lcm-chip--done">
            {{i18n "discourse_lcm.desk.blockers.state.solved"}}
          </span>
        {{/if}}
      </header>
      {{#if this.question}}
        <blockquote class="lcm-card__quote">{{this.question}}</blockquote>
      {{/if}}
      <dl class="lcm-facts">
        {{#if this.blocker.author}}
          <div>
            <dt>{{i18n "discourse_lcm.desk.blockers.asked_by"}}</dt>
            <dd><LcmUser @user={{this.blocker.author}} /></dd>
          </div>
        {{/if}}
        <div>
          <dt>{{i18n "discourse_lcm.desk.blockers.owner"}}</dt>
          <dd class="lcm-blocker__owner">
            {{#if this.blocker.owner}}
              <LcmUser @user={{this.blocker.owner}} />
            {{else}}
              {{i18n "discourse_lcm.desk.blockers.nobody"}}
            {{/if}}
          </dd>
        </div>
      </dl>
      <LcmEvidence @evidence={{this.blocker.evidence}} />
      {{#if this.markedBy}}
        <p class="lcm-card__when">{{this.markedBy}}</p>
      {{/if}}
      <footer class="lcm-card__footer">
        {{#if this.isOpen}}
          <DButton
            @action={{this.solve}}
            @icon="check"
            @label="discourse_lcm.desk.blockers.solve"
            aria-describedby={{this.headingId}}
            class="btn-primary btn-small lcm-blocker__solve"
          />
          {{#if this.canTakeIt}}
            <DButton
              @action={{this.takeIt}}
              @icon="hand-point-right"
              @label="discourse_lcm.desk.blockers.take"
              aria-describedby={{this.headingId}}
              class="btn-default btn-small lcm-blocker__take"
            />
          {{/if}}
          <DButton
            @action={{this.chooseOwner}}
            @icon="user"
            @label="discourse_lcm.desk.blockers.choose_owner"
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-blocker__choose-owner"
          />
        {{else}}
          <DButton
            @action={{this.reopen}}
            @icon="arrow-rotate-left"
            @label="discourse_lcm.desk.blockers.reopen"
            aria-describedby={{this.headingId}}
            class="btn-default btn-small lcm-blocker__reopen"
          />
        {{/if}}
      </footer>
    </article>
  </template>
}
