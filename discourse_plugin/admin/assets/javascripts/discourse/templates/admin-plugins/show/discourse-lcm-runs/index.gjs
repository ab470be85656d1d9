import RouteTemplate from "ember-route-template";
import DBreadcrumbsItem from "discourse/components/d-breadcrumbs-item";
import { i18n } from "discourse-i18n";
import LcmRuns from "discourse/plugins/discourse-lcm/admin/components/lcm-runs";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const RunsPage = <template>
  <DBreadcrumbsItem
    @path="/admin/plugins/discourse-lcm/runs"
    @label={{i18n "discourse_lcm.admin.tab.runs"}}
  />
  <LcmRuns />
</template>;

export default RouteTemplate(RunsPage);
