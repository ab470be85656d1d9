/**
 * The cohorts of whoever reads: each with `key`, `name`, `category_id`, `group_name`, and `leader` for its LCMs.
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
