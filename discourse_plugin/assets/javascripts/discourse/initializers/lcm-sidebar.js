import { withPluginApi } from "discourse/lib/plugin-api";
import Category from "discourse/models/category";
import { i18n } from "discourse-i18n";
import { cohortLinks } from "../lib/lcm-membership";

/** @returns {string} how Discourse's routes name a category, undefined where the reader has none of that number */
function categoryName(id) {
  const category = Category.findById(id);
  return category && `${Category.slugFor(category)}/${id}`;
}

/**
 * One's cohorts in the sidebar: their categories, and the desks of those that one leads. Discourse itself puts only what
 * a person chose there, or what the site chose for everybody.
 */
function addSection(api, links) {
  api.addSidebarSection((Section, SectionLink) => {
    const SidebarLink = class extends SectionLink {
      constructor(link) {
        super();
        this.link = link;
      }

      get name() {
        return this.link.name;
      }

      get route() {
        return this.link.route;
      }

      get model() {
        return this.link.model;
      }

      get title() {
        return this.link.text;
      }

      get text() {
        return this.link.text;
      }

      get prefixType() {
        return "icon";
      }

      get prefixValue() {
        return this.link.icon;
      }
    };

    return class extends Section {
      get name() {
        return "lcm-cohorts";
      }

      get title() {
        return i18n("discourse_lcm.sidebar.title");
      }

      get text() {
        return i18n("discourse_lcm.sidebar.title");
      }

      get links() {
        return links.map((link) => new SidebarLink(link));
      }
    };
  });
}

export default {
  name: "lcm-sidebar",

  initialize(container) {
    if (!container.lookup("service:site-settings").lcm_enabled) {
      return;
    }
    const site = container.lookup("service:site");
    const links = cohortLinks(site, categoryName, (cohort) =>
      i18n("discourse_lcm.sidebar.desk", { cohort })
    );
    if (links.length > 0) {
      withPluginApi((api) => addSection(api, links));
    }
  },
};
