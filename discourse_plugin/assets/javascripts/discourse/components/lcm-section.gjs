/**
 * A part of a page with its heading, which can be given the focus when what had it is gone.
 *
 * @type {import("@ember/component/template-only").TOC<{
 *   Args: { name: string, title: string, help?: string },
 *   Blocks: { default: [] },
 * }>}
 */
const LcmSection = <template>
  <section
    class="lcm-section lcm-section--{{@name}}"
    aria-labelledby="lcm-{{@name}}-title"
  >
    <h2
      id="lcm-{{@name}}-title"
      class="lcm-section__title"
      tabindex="-1"
    >{{@title}}</h2>
    {{#if @help}}<p class="lcm-section__help">{{@help}}</p>{{/if}}
    {{yield}}
  </section>
</template>;

export default LcmSection;
