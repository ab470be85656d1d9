import RouteTemplate from "ember-route-template";
import DBreadcrumbsItem from "discourse/components/d-breadcrumbs-item";
import { i18n } from "discourse-i18n";
import LcmRun from "discourse/plugins/discourse-lcm/admin/components/lcm-run";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const RunPage = <template>
  <DBreadcrumbsItem
    @path="/admin/plugins/discourse-lcm/runs"
    @label={{i18n "discourse_lcm.admin.tab.runs"}}
  />
  {{#each (runIds @controller.model) key="@identity" as |runId|}}
    <LcmRun @runId={{runId}} />
  {{/each}}
</template>;

/** The run's id, as a list, so that another run gets a page of its own. */
function runIds(model) {
  return [model.run_id];
}

export default RouteTemplate(RunPage);
