/**
 * The cohorts of the reader: each with `key`, `name`, `category_id`, `group_name`; for its LCMs `leader`, and
 * `desk_group_name`, on whose page the desk is.
 *
 * @returns {any[]}
 */
export function myCohorts(site) {
  return site.lcm_cohorts ?? [];
}

/** @returns {any} the reader's cohort whose category it is, or in whose category it lies, if any */
export function cohortOfCategory(site, category) {
  for (let each = category; each; each = each.parentCategory) {
    const found = myCohorts(site).find(
      (cohort) => cohort.category_id === each.id
    );
    if (found) {
      return found;
    }
  }
}

/**
 * What the sidebar shows of the reader's cohorts.
 *
 * @param {(id: number) => string | undefined} categoryName how the routes name a category that the reader has
 * @param {(cohort: string) => string} deskText what a desk's link is called
 * @returns {{ name: string, text: string, icon: string, route: string, model: string }[]}
 */
export function cohortLinks(site, categoryName, deskText) {
  return myCohorts(site).flatMap(
    ({ key, name, category_id, desk_group_name }) => {
      const category = categoryName(category_id);
      const links = [];
      if (category) {
        links.push({
          name: `lcm-cohort-${key}`,
          text: name,
          icon: "users",
          route: "discovery.category",
          model: category,
        });
      }
      if (desk_group_name) {
        links.push({
          name: `lcm-desk-${key}`,
          text: deskText(name),
          icon: "hand-holding-heart",
          route: "group.lcm",
          model: desk_group_name,
        });
      }
      return links;
    }
  );
}
