import { withPluginApi } from "discourse/lib/plugin-api";

const PLUGIN = "discourse-lcm";
const TABS = ["playbooks", "runs", "health"];

export default {
  name: "lcm-admin-nav",

  initialize(container) {
    if (!container.lookup("service:current-user")?.admin) {
      return;
    }
    withPluginApi((api) => {
      api.setAdminPluginIcon?.(PLUGIN, "users");
      api.addAdminPluginConfigurationNav(
        PLUGIN,
        TABS.map((tab) => ({
          label: `discourse_lcm.admin.tab.${tab}`,
          route: `adminPlugins.show.${PLUGIN}-${tab}`,
        }))
      );
    });
  },
};
