import Component from "@glimmer/component";
import { tracked } from "@glimmer/tracking";
import { action } from "@ember/object";
import { service } from "@ember/service";
import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";
import { popupAjaxError } from "discourse/lib/ajax-error";
import getURL from "discourse/lib/get-url";
import { userPath } from "discourse/lib/url";
import { i18n } from "discourse-i18n";
import { decideDraft } from "../lib/lcm-api";
import { relative } from "../lib/lcm-dates";
import LcmEdit from "../lib/lcm-edit";
import { keepFocus } from "../lib/lcm-focus";
import LcmDraftText from "./lcm-draft-text";
import LcmEvidence from "./lcm-evidence";
import LcmReason from "./modal/lcm-reason";

const ICONS = {
  topic: "far-comments",
  reply: "reply",
  message: "envelope",
  mail: "envelope",
};
const CONFLICT = 409;

/**
 * A text that waits for a decision, or that was decided on: as it will look, to whom it goes, and why.
 *
 * @extends {Component<{ Args: { desk: any, draft: any } }>}
 */
export default class LcmDraft extends Component {
  @service modal;

  /** @type {LcmEdit | null} */
  @tracked edit = null;
  @tracked saving = false;

  get draft() {
    return this.args.draft;
  }

  get isPending() {
    return this.draft.state === "pending";
  }

  get icon() {
    return ICONS[this.draft.kind];
  }

  get kind() {
    return i18n(`discourse_lcm.desk.drafts.kind.${this.draft.kind}`);
  }

  get heading() {
    return this.draft.title || this.draft.topic?.title || this.kind;
  }

  get headingId() {
    return `lcm-draft-${this.draft.key}`;
  }

  get recipients() {
    return (this.draft.recipients ?? []).map((username) => ({
      username,
      path: userPath(username),
    }));
  }

  get created() {
    return i18n("discourse_lcm.desk.drafts.written", {
      when: relative(this.draft.created_at),
    });
  }

  get state() {
    return i18n(`discourse_lcm.desk.drafts.state.${this.draft.state}`);
  }

  get decision() {
    const { decided_by: by, decided_at: at } = this.draft;
    return by && at
      ? i18n("discourse_lcm.desk.drafts.decided_by", {
          by,
          when: relative(at),
        })
      : null;
  }

  get cannotApprove() {
    return this.saving || !!this.edit?.empty;
  }

  get cannotSave() {
    return this.cannotApprove || !this.edit?.changed;
  }

  async #decide(payload, guess, done) {
    const { desk } = this.args;
    this.saving = true;
    try {
      await desk.change("drafts", this.draft, guess, () =>
        decideDraft(desk.key, this.draft.key, payload)
      );
      this.edit = null;
      desk.announce(
        i18n(`discourse_lcm.desk.drafts.done.${done}`, { title: this.heading })
      );
      keepFocus("drafts");
    } catch (error) {
      if (error?.jqXHR?.status === CONFLICT) {
        desk.loader.reload();
      }
      throw error;
    } finally {
      this.saving = false;
    }
  }

  @action
  startEditing() {
    this.edit = new LcmEdit(this.draft);
    requestAnimationFrame(() => {
      const text = document.getElementById(`${this.headingId}-raw`);
      if (text instanceof HTMLTextAreaElement) {
        text.focus();
        text.setSelectionRange(0, 0); // else a long draft opens at its end
      }
    });
  }

  @action
  stopEditing() {
    this.edit = null;
    requestAnimationFrame(() =>
      document.getElementById(this.headingId)?.focus()
    );
  }

  @action
  async save() {
    const payload = { decision: "edit", ...this.edit.payload };
    try {
      await this.#decide(payload, { edited: true }, "edit");
    } catch (error) {
      popupAjaxError(error);
    }
  }

  @action
  async approve() {
    const text = this.edit?.changed ? this.edit.payload : {};
    try {
      await this.#decide(
        { decision: "approve", ...text },
        { state: "approved" },
        "approve"
      );
    } catch (error) {
      popupAjaxError(error);
    }
  }

  @action
  async reject() {
    await this.modal.show(LcmReason, {
      model: {
        title: i18n("discourse_lcm.desk.drafts.reject_title"),
        help: i18n("discourse_lcm.desk.drafts.reject_help"),
        submitLabel: "discourse_lcm.desk.drafts.reject",
        required: true,
        submit: (reason) =>
          this.#decide({ decision: "reject", reason }, {}, "reject"),
      },
    });
  }

  <template>
    <article
      class="lcm-draft lcm-card lcm-draft--{{this.draft.state}}"
      aria-labelledby={{this.headingId}}
      data-draft-key={{this.draft.key}}
    >
      <header class="lcm-card__header">
        <h3 id={{this.headingId}} class="lcm-card__title" tabindex="-1">
          {{icon this.icon}}
          {{this.heading}}
        </h3>
        <span class="lcm-chip lcm-chip--{{this.draft.state}}">
          {{this.state}}
        </span>
        {{#if this.draft.edited}}
          <span class="lcm-chip">{{i18n
              "discourse_lcm.desk.drafts.edited"
            }}</span>
        {{/if}}
      </header>

      <dl class="lcm-facts">
        <div>
          <dt>{{i18n "discourse_lcm.desk.drafts.what"}}</dt>
          <dd>
            {{this.kind}}
            {{#if this.draft.topic}}
              <a
                href={{getURL this.draft.topic.url}}
              >{{this.draft.topic.title}}</a>
            {{/if}}
          </dd>
        </div>
        {{#if this.recipients.length}}
          <div>
            <dt>{{i18n "discourse_lcm.desk.drafts.to"}}</dt>
            <dd class="lcm-draft__recipients">
              {{#each this.recipients as |recipient|}}
                <a
                  href={{recipient.path}}
                  data-user-card={{recipient.username}}
                >@{{recipient.username}}</a>
              {{/each}}
            </dd>
          </div>
        {{/if}}
        <div>
          <dt>{{i18n "discourse_lcm.desk.drafts.why"}}</dt>
          <dd>
            {{this.draft.reason}}
            <LcmEvidence @evidence={{this.draft.evidence}} />
          </dd>
        </div>
        {{#if this.decision}}
          <div>
            <dt>{{i18n "discourse_lcm.desk.drafts.decision"}}</dt>
            <dd>
              {{this.decision}}
              {{#if this.draft.decision_reason}}
                <q>{{this.draft.decision_reason}}</q>
              {{/if}}
            </dd>
          </div>
        {{/if}}
        {{#if this.draft.outcome}}
          <div>
            <dt>{{i18n "discourse_lcm.desk.drafts.outcome"}}</dt>
            <dd>{{this.draft.outcome}}</dd>
          </div>
        {{/if}}
      </dl>

      <LcmDraftText
        @draft={{this.draft}}
        @edit={{this.edit}}
        @headingId={{this.headingId}}
      />

      {{#if this.isPending}}
        <footer class="lcm-card__footer">
          <DButton
            @action={{this.approve}}
            @icon="check"
            @label={{if
              this.edit.changed
              "discourse_lcm.desk.drafts.approve_edited"
              "discourse_lcm.desk.drafts.approve"
            }}
            @disabled={{this.cannotApprove}}
            aria-describedby={{this.headingId}}
            class="btn-primary btn-small lcm-draft__approve"
          />
          {{#if this.edit}}
            <DButton
              @action={{this.save}}
              @label="discourse_lcm.desk.drafts.save"
              @disabled={{this.cannotSave}}
              class="btn-default btn-small lcm-draft__save"
            />
            <DButton
              @action={{this.stopEditing}}
              @translatedLabel={{i18n "cancel"}}
              class="btn-transparent btn-small lcm-draft__cancel"
            />
          {{else}}
            <DButton
              @action={{this.startEditing}}
              @icon="pencil"
              @label="discourse_lcm.desk.drafts.edit"
              @disabled={{this.saving}}
              aria-describedby={{this.headingId}}
              class="btn-default btn-small lcm-draft__edit"
            />
            <DButton
              @action={{this.reject}}
              @icon="xmark"
              @label="discourse_lcm.desk.drafts.reject"
              @disabled={{this.saving}}
              aria-describedby={{this.headingId}}
              class="btn-default btn-small lcm-draft__reject"
            />
          {{/if}}
          <span class="lcm-card__when">{{this.created}}</span>
        </footer>
      {{/if}}
    </article>
  </template>
}
