import { module, test } from "qunit";
import { cohortOfCategory } from "discourse/plugins/discourse-lcm/discourse/lib/lcm-membership";

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
});
