import getURL from "discourse/lib/get-url";

/** @type {import("@ember/component/template-only").TOC<{ Args: { evidence: any[] } }>} */
const LcmEvidence = <template>
  {{#if @evidence.length}}
    <ul class="lcm-evidence">
      {{#each @evidence as |fact|}}
        <li class="lcm-evidence__fact">
          {{#if fact.url}}
            <a href={{getURL fact.url}}>{{fact.text}}</a>
          {{else}}
            {{fact.text}}
          {{/if}}
        </li>
      {{/each}}
    </ul>
  {{/if}}
</template>;

export default LcmEvidence;
