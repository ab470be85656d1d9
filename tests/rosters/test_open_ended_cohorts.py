"""A cohort whose end never comes is looked after like any other."""

from __future__ import annotations

from tests.rosters.syncing import COHORTS, Desk

NOW = ("--now", "2027-03-10T09:00Z")


def test_a_cohort_of_the_source_without_an_end_gets_its_group_and_stays(desk: Desk) -> None:
    rows = "email,name,cohort,cohort_name,cohort_start,cohort_end,role\n"
    rows += "ana@example.org,Ana,k1,Academy,2027-03-01,9999-12-31,learner\n"
    (desk.folder / "r.csv").write_text(rows, encoding="utf-8")
    desk.write({"csv": "r.csv"}, cohorts=[], cohorts_from={"timezone": "Asia/Tokyo"})
    result = desk.lcm("sync", "--apply", *NOW)
    assert result.exit_code == 0, result.output
    again = desk.lcm("sync", "--now", "2031-01-01T00:00Z")
    assert again.exit_code == 0, again.output
    assert "Nothing to do" in again.stdout


def test_a_declared_cohort_without_an_end_gets_its_group_and_stays(desk: Desk) -> None:
    (desk.folder / "r.csv").write_text("email,name,cohort,role\nana@example.org,Ana,spring,learner\n", encoding="utf-8")
    desk.write({"csv": "r.csv"}, cohorts=[COHORTS[0] | {"end": "9999-12-31", "timezone": "Pacific/Kiritimati"}])
    assert desk.lcm("sync", "--apply", *NOW).exit_code == 0
    assert set(desk.members("spring")) == {"ana"}
    assert "Nothing to do" in desk.lcm("sync", *NOW).stdout
