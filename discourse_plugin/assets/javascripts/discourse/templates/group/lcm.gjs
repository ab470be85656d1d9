import RouteTemplate from "ember-route-template";
import bodyClass from "discourse/helpers/body-class";
import LcmDesk from "../../components/lcm-desk";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const GroupLcm = <template>
  {{bodyClass "lcm-desk-page"}}
  {{#each (keyOf @controller.model) key="@identity" as |cohortKey|}}
    <LcmDesk
      @cohortKey={{cohortKey}}
      @section={{@controller.section}}
      @onSection={{@controller.setSection}}
    />
  {{/each}}
</template>;

/** The cohort's key, as a list, so that another cohort gets a desk of its own. */
function keyOf(group) {
  return group.can_see_lcm_desk ? [group.lcm_cohort] : [];
}

export default RouteTemplate(GroupLcm);
