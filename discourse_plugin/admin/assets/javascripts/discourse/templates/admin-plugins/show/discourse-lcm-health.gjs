import RouteTemplate from "ember-route-template";
import DBreadcrumbsItem from "discourse/components/d-breadcrumbs-item";
import { i18n } from "discourse-i18n";
import LcmHealth from "discourse/plugins/discourse-lcm/admin/components/lcm-health";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const HealthPage = <template>
  <DBreadcrumbsItem
    @path="/admin/plugins/discourse-lcm/health"
    @label={{i18n "discourse_lcm.admin.tab.health"}}
  />
  <LcmHealth />
</template>;

export default RouteTemplate(HealthPage);
