import { module, test } from "qunit";
import {
  cohortLinks,
  cohortOfCategory,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-membership";

const SPRING = { key: "spring-27", category_id: 7 };

module("Discourse LCM | Unit | lcm-membership", function () {
  test("a category belongs to the cohort in whose category it lies", function (assert) {
    const site = { lcm_cohorts: [SPRING] };
    const category = { id: 7 };
    const below = { id: 9, parentCategory: category };

    assert.strictEqual(cohortOfCategory(site, category), SPRING);
    assert.strictEqual(cohortOfCategory(site, below), SPRING);
    assert.strictEqual(cohortOfCategory(site, { id: 8 }), undefined);
    assert.strictEqual(cohortOfCategory(site, undefined), undefined);
    assert.strictEqual(cohortOfCategory({}, category), undefined);
  });

  test("the sidebar leads members to the category, and LCMs to the desk too", function (assert) {
    const mine = { ...SPRING, name: "Spring 27" };
    const led = {
      ...mine,
      key: "autumn-27",
      category_id: 8,
      desk_group_name: "autumn-27-lcm",
    };
    const names = (site) =>
      cohortLinks(
        site,
        (id) => (id < 9 ? `slug/${id}` : undefined),
        (cohort) => `Desk: ${cohort}`
      ).map((link) => [link.text, link.route, link.model]);

    assert.deepEqual(names({ lcm_cohorts: [mine, led] }), [
      ["Spring 27", "discovery.category", "slug/7"],
      ["Spring 27", "discovery.category", "slug/8"],
      ["Desk: Spring 27", "group.lcm", "autumn-27-lcm"],
    ]);
    assert.deepEqual(names({ lcm_cohorts: [{ ...mine, category_id: 9 }] }), []);
    assert.deepEqual(names({}), []);
  });
});
