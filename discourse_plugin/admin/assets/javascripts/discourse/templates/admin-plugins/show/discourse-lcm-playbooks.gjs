import RouteTemplate from "ember-route-template";
import DBreadcrumbsItem from "discourse/components/d-breadcrumbs-item";
import { i18n } from "discourse-i18n";
import LcmPlaybooks from "discourse/plugins/discourse-lcm/admin/components/lcm-playbooks";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const PlaybooksPage = <template>
  <DBreadcrumbsItem
    @path="/admin/plugins/discourse-lcm/playbooks"
    @label={{i18n "discourse_lcm.admin.tab.playbooks"}}
  />
  <LcmPlaybooks />
</template>;

export default RouteTemplate(PlaybooksPage);
