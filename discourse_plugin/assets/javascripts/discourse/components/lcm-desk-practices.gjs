import getURL from "discourse/lib/get-url";
import { i18n } from "discourse-i18n";
import LcmEvidence from "./lcm-evidence";
import LcmSection from "./lcm-section";
import LcmUser from "./lcm-user";

function markedBy(practice) {
  return i18n("discourse_lcm.marked_by", { username: practice.marked_by });
}

/** @type {import("@ember/component/template-only").TOC<{ Args: { desk: any } }>} */
const LcmDeskPractices = <template>
  <LcmSection
    @name="practices"
    @title={{i18n "discourse_lcm.desk.section.practices"}}
    @help={{i18n "discourse_lcm.desk.practices.help"}}
  >
    {{#if @desk.data.practices.length}}
      <ul class="lcm-cards">
        {{#each @desk.data.practices key="post_id" as |practice|}}
          <li>
            <article class="lcm-practice lcm-card">
              <header class="lcm-card__header">
                <h3 class="lcm-card__title">
                  <a href={{getURL practice.url}}>{{practice.title}}</a>
                </h3>
              </header>
              {{#if practice.author}}
                <LcmUser @user={{practice.author}} @withAvatar={{true}} />
              {{/if}}
              <LcmEvidence @evidence={{practice.evidence}} />
              {{#if practice.marked_by}}
                <p class="lcm-card__when">{{markedBy practice}}</p>
              {{/if}}
            </article>
          </li>
        {{/each}}
      </ul>
    {{else}}
      <p class="lcm-empty">{{i18n "discourse_lcm.desk.practices.empty"}}</p>
    {{/if}}
  </LcmSection>
</template>;

export default LcmDeskPractices;
