import { module, test } from "qunit";
import {
  addDays,
  dayOf,
  daysOfWeek,
  forInput,
  mondayOf,
  relative,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";

module("Discourse LCM | Unit | lcm-dates", function () {
  test("an instant falls on the day of the cohort's clock", function (assert) {
    const instant = "2026-11-25T23:30:00Z";
    assert.strictEqual(dayOf(instant, "UTC"), "2026-11-25");
    assert.strictEqual(dayOf(instant, "Europe/Paris"), "2026-11-26");
    assert.strictEqual(dayOf(instant, "America/Lima"), "2026-11-25");
    assert.strictEqual(dayOf(instant, "No/Such_Zone"), "2026-11-25");
  });

  test("a week begins on Monday, over the ends of months and years", function (assert) {
    assert.strictEqual(mondayOf("2026-11-25"), "2026-11-23");
    assert.strictEqual(mondayOf("2026-11-23"), "2026-11-23");
    assert.strictEqual(mondayOf("2026-11-29"), "2026-11-23");
    assert.strictEqual(mondayOf("2027-01-01"), "2026-12-28");
    assert.deepEqual(daysOfWeek("2026-12-28").at(-1), "2027-01-03");
  });

  test("days are added over the change of the clocks", function (assert) {
    assert.strictEqual(addDays("2026-10-24", 2), "2026-10-26");
    assert.strictEqual(addDays("2028-03-01", -1), "2028-02-29");
  });

  test("distance in time is told in the largest unit that fits", function (assert) {
    const now = Date.parse("2026-11-25T12:00:00Z");
    assert.strictEqual(relative("2026-11-22T12:00:00Z", now), "3 days ago");
    assert.strictEqual(relative("2026-11-25T14:00:00Z", now), "in 2 hours");
    assert.strictEqual(relative("2026-11-25T12:00:00Z", now), "now");
  });

  test("a date is written as an input takes it", function (assert) {
    const date = new Date(2026, 2, 4, 9, 5);
    assert.strictEqual(forInput(date, false), "2026-03-04");
    assert.strictEqual(forInput(date, true), "2026-03-04T09:05");
  });
});
