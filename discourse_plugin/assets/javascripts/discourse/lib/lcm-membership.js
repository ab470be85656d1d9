/** @returns {boolean} whether the reader sees any cohort's category; only its members and staff do */
export function seesCohort(site) {
  return (site.categories ?? []).some((category) => category.lcm_cohort_key);
}
