import DButton from "discourse/components/d-button";
import icon from "discourse/helpers/d-icon";

/** @type {import("@ember/component/template-only").TOC<{ Args: { loader: any } }>} */
const LcmLoadError = <template>
  {{#if @loader.error}}
    <div class="lcm-load-error alert alert-error" role="alert">
      {{icon "triangle-exclamation"}}
      <span class="lcm-load-error__text">{{@loader.error}}</span>
      <DButton
        @action={{@loader.reload}}
        @icon="arrows-rotate"
        @label="discourse_lcm.retry"
        class="btn-default btn-small lcm-load-error__retry"
      />
    </div>
  {{/if}}
</template>;

export default LcmLoadError;
