import { i18n } from "discourse-i18n";
import LcmEvidence from "./lcm-evidence";
import LcmSection from "./lcm-section";

/** @type {import("@ember/component/template-only").TOC<{ Args: { desk: any } }>} */
const LcmDeskCare = <template>
  <LcmSection
    @name="care"
    @title={{i18n "discourse_lcm.desk.section.care"}}
    @help={{i18n "discourse_lcm.desk.care.help"}}
  >
    {{#each @desk.data.notes key="title" as |note|}}
      <h3 class="lcm-section__subtitle">{{note.title}}</h3>
      <LcmEvidence @evidence={{note.lines}} />
    {{else}}
      <p class="lcm-empty">{{i18n "discourse_lcm.desk.care.empty"}}</p>
    {{/each}}
  </LcmSection>
</template>;

export default LcmDeskCare;
