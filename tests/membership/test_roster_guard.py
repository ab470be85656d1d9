"""A roster that is very different from those of the last weeks waits for a person, however it came to differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.config.settings import LimitSettings
from sync_worker.errors import UnsafePlanError
from sync_worker.membership.accepted import AcceptedRosters
from sync_worker.membership.roster_guard import NOTHING_ACCEPTED, Acceptance, RosterGuard
from sync_worker.model import Change, ChangeKind, Cohort, Enrolment, Person, Plan, Role, Roster, RosterKind
from tests.membership.conftest import COHORT, NOW, Site

PEOPLE = range(1, 41)
LCMS = (1, 2)


def person(number: int, school: str = "x") -> Person:
    return Person(external_id=f"{school}{number}", email=f"u{number}@{school}.org", name=f"Person {number}")


@dataclass
class School:
    """One school's rosters, day after day, and what the guard remembers of them."""

    limits: LimitSettings = field(default_factory=LimitSettings)
    cohorts: Sequence[Cohort] = (COHORT,)
    rosters: AcceptedRosters = field(default_factory=lambda: AcceptedRosters(b"key"))
    kind: RosterKind = RosterKind.SNAPSHOT
    day: int = 0

    def guard(self, roster: Roster, accept: Acceptance) -> RosterGuard:
        return RosterGuard.of(
            roster, self.cohorts, self.rosters, self.limits, now=NOW + timedelta(days=self.day), acceptance=accept
        )

    def take(
        self, rows: Iterable[Enrolment], *, days: int = 1, accept: Acceptance = NOTHING_ACCEPTED, members: int = 0
    ) -> None:
        """Take another day's roster, with a plan that adds everybody in it; what is refused is not remembered."""
        self.day += days
        roster = Roster("r.csv", self.kind, tuple(rows))
        guard = self.guard(roster, accept)
        guard.check(roster, self.limits)
        lines = tuple(
            Change(ChangeKind.ADD, row.cohort, row.cohort, "", row.person.name, detail={"key": row.person.key})
            for row in roster.enrolments
        )
        guard.check_additions(Plan(lines), {cohort.key: members for cohort in self.cohorts}, self.limits)
        accepted = guard.accepted([cohort.key for cohort in self.cohorts])
        self.rosters = replace(self.rosters, cohorts={**self.rosters.cohorts, **accepted})


def rows(
    numbers: Iterable[int] = PEOPLE, lcms: Iterable[int] = LCMS, school: str = "x", cohort: str = "spring"
) -> list[Enrolment]:
    leading = set(lcms)
    return [
        Enrolment(person(n, school), cohort, Role.LCM if n in leading else Role.LEARNER, where=f"r.csv:{n}")
        for n in numbers
    ]


def test_a_roster_that_loses_a_fifth_each_day_is_refused_when_a_quarter_of_the_weeks_is_gone() -> None:
    school = School()
    school.take(rows())
    school.take(rows(range(1, 32)))
    with pytest.raises(UnsafePlanError, match="had 40 people in the roster and has 24 now") as caught:
        school.take(rows(range(1, 25)))
    assert caught.value.numbers == {"before": 40, "now": 24, "allowed": 10}
    assert "lcm sync --apply --accept-roster" in str(caught.value)
    assert caught.value.exit_code == 3


def test_the_window_is_a_setting_and_what_is_older_does_not_count() -> None:
    school = School(LimitSettings.model_validate({"shrink_window": "2d"}))
    for left in (40, 31, 24, 19):
        school.take(rows(range(1, left + 1)), days=3)
    with pytest.raises(UnsafePlanError, match="had 19 people"):
        school.take(rows(range(1, 14)), days=2)


def test_another_schools_file_with_as_many_rows_is_refused() -> None:
    school = School()
    school.take(rows())
    with pytest.raises(
        UnsafePlanError, match="has 40 people in the roster, but 40 of those of the last 28 days"
    ) as caught:
        school.take(rows(school="other"))
    assert caught.value.numbers == {"before": 40, "gone": 40, "allowed": 10}


def test_an_exchange_of_a_fifth_each_day_is_counted_over_the_weeks() -> None:
    school = School()
    school.take(rows())
    school.take(rows(range(9, 49)))
    with pytest.raises(UnsafePlanError, match="16 of those of the last 28 days"):
        school.take(rows(range(17, 57)))


def test_ids_or_addresses_that_are_given_anew_make_no_strangers() -> None:
    school = School()
    school.take(rows())
    renumbered = [replace(row, person=replace(row.person, external_id=f"new{n}")) for n, row in enumerate(rows())]
    school.take(renumbered)
    school.take([replace(row, person=replace(row.person, email=f"n{n}@y.org")) for n, row in enumerate(renumbered)])


def test_an_id_of_one_person_that_is_the_username_of_another_makes_them_no_acquaintances() -> None:
    school = School()
    school.take([Enrolment(Person(external_id=f"u{n}"), "spring") for n in PEOPLE])
    with pytest.raises(UnsafePlanError, match="40 of those"):
        school.take([Enrolment(Person(username=f"u{n}"), "spring") for n in PEOPLE])


def test_a_person_may_accept_the_roster_once_and_it_is_what_the_next_is_compared_with() -> None:
    school = School()
    school.take(rows())
    smaller = rows(range(1, 21))
    with pytest.raises(UnsafePlanError):
        school.take(smaller)
    school.take(smaller, accept=Acceptance(roster=True))
    school.take(smaller)
    with pytest.raises(UnsafePlanError, match="had 20 people in the roster and has 10 now"):
        school.take(rows(range(1, 11)))


def test_a_refused_roster_is_not_remembered() -> None:
    school = School()
    school.take(rows())
    with pytest.raises(UnsafePlanError):
        school.take(rows(range(1, 21)))
    with pytest.raises(UnsafePlanError, match="had 40 people"):
        school.take(rows(range(1, 21)))


def test_strangers_beyond_a_quarter_wait_once_a_cohort_is_under_way() -> None:
    school = School()
    school.take(rows())
    with pytest.raises(UnsafePlanError, match="brings 20 people into 'spring'") as caught:
        school.take(rows(range(1, 61)))
    assert caught.value.numbers == {"additions": 20, "members": 40, "allowed": 10}
    school.take(rows(range(1, 51)))
    school.take(rows(range(1, 90)), accept=Acceptance(roster=True))


def test_a_small_cohort_takes_a_few_whatever_the_fraction() -> None:
    school = School()
    school.take(rows((1, 2)))
    school.take(rows(range(1, 13)))
    with pytest.raises(UnsafePlanError, match="allows 10 at once"):
        school.take(rows(range(1, 24)))


def test_the_first_roster_of_a_cohort_may_be_of_any_size_and_so_may_one_before_its_start() -> None:
    School().take(rows(range(1, 500)))
    early = School(cohorts=(replace(COHORT, start=date(2027, 4, 1)),))
    early.take(rows((1,)))
    early.take(rows(range(1, 500)))


def test_whoever_was_known_without_an_account_is_no_stranger_when_they_get_one() -> None:
    school = School()
    school.take(rows())
    school.take(rows(), members=1)


def test_a_delta_is_held_to_the_additions_and_not_to_the_losses() -> None:
    school = School(kind=RosterKind.DELTA)
    school.take(rows())
    school.take(rows((1,)), members=40)
    with pytest.raises(UnsafePlanError, match="brings 30 people"):
        school.take(rows(range(101, 131)), members=40)


def test_an_empty_role_column_is_no_demotion_and_names_the_places() -> None:
    cohorts = [replace(COHORT, key=f"c{n}", group=f"c{n}") for n in range(10)]
    school = School(cohorts=cohorts)

    def everybody(lcms: Iterable[int]) -> list[Enrolment]:
        leading = set(lcms)
        return [row for each in cohorts for row in rows(range(1, 9), leading, school=each.key, cohort=each.key)]

    school.take(everybody((1, 2)))
    with pytest.raises(UnsafePlanError, match="20 of 20 LCMs are not LCMs in this roster any more") as caught:
        school.take(everybody(()))
    assert "Person 1 in c0 (r.csv:1)" in str(caught.value)
    assert "Is the column 'role' empty" in str(caught.value)
    assert caught.value.numbers == {"demoted": 20, "lcms": 20, "allowed": 5}
    school.take(everybody(()), accept=Acceptance(roster=True))


def test_a_word_that_makes_lcms_of_many_learners_is_refused_too() -> None:
    school = School()
    school.take(rows())
    with pytest.raises(UnsafePlanError, match="38 people are LCMs in this roster who were not before"):
        school.take(rows(lcms=PEOPLE))


def test_an_lcm_who_hands_over_to_another_is_nothing_to_wait_for() -> None:
    school = School()
    school.take(rows())
    school.take(rows(lcms=(1, 3)))
    school.take(rows(lcms=(3, 4)))


def test_lcms_who_withdraw_or_join_are_no_change_of_roles() -> None:
    school = School()
    school.take(rows(range(1, 31), lcms=(1, 2)))
    left = [replace(row, withdrawn=row.role is Role.LCM) for row in rows(range(1, 31), lcms=(1, 2))]
    school.take([*left, *rows(range(31, 35), lcms=range(31, 35))])


@pytest.mark.parametrize(
    ("end", "today", "waits"),
    [
        (date(2026, 5, 31), NOW, True),  # a year too early
        (date(2027, 3, 10), NOW, True),  # five days ago
        (date(2027, 3, 20), NOW, True),  # 72 days brought forward
        (date(2027, 4, 30), NOW, False),  # a month brought forward
        (date(2028, 5, 31), NOW, False),
        (date(2026, 5, 31), datetime(2027, 7, 1, tzinfo=UTC), False),  # over by both
    ],
)
def test_an_end_that_moved_into_the_past_or_far_forward_waits(end: date, today: datetime, *, waits: bool) -> None:
    school = School()
    school.take(rows())
    school.cohorts = (replace(COHORT, start=date(2026, 1, 1), end=end),)
    school.day = (today - NOW).days - 1
    guard = school.guard(Roster("r.csv", RosterKind.SNAPSHOT, tuple(rows())), Acceptance())
    assert bool(guard.held) is waits
    allowed = school.guard(Roster("r.csv", RosterKind.SNAPSHOT, tuple(rows())), Acceptance(dates=True))
    assert allowed.held == {}


def test_an_end_that_waits_goes_on_waiting_until_it_is_allowed() -> None:
    school = School()
    school.take(rows())
    school.cohorts = (replace(COHORT, start=date(2026, 1, 1), end=date(2027, 3, 10)),)
    for _ in range(30):
        school.take(rows())
    guard = school.guard(Roster("r.csv", RosterKind.SNAPSHOT, tuple(rows())), Acceptance())
    assert guard.held == {
        "spring": "end date moved from 2027-05-31 to 2027-03-10; allow it once with: lcm sync --apply --accept-dates"
    }
    school.take(rows(), accept=Acceptance(dates=True))
    assert school.guard(Roster("r.csv", RosterKind.SNAPSHOT, tuple(rows())), Acceptance()).held == {}


def test_what_is_kept_of_people_names_nobody() -> None:
    school = School()
    school.take(rows())
    kept = repr(school.rosters.cohorts)
    assert "u1@x.org" not in kept
    other = School(rosters=AcceptedRosters(b"another key"))
    other.take(rows())
    assert set(other.rosters.cohorts["spring"].people).isdisjoint(school.rosters.cohorts["spring"].people)


@given(
    st.lists(st.sets(st.integers(1, 60), min_size=1), min_size=1, max_size=12),
    st.floats(0, 1),
)
def test_whatever_comes_day_after_day_no_more_vanish_than_the_weeks_allow(
    days: list[set[int]], fraction: float
) -> None:
    limits = LimitSettings(max_shrink_fraction=fraction, small_group=0, max_addition_fraction=100)
    school, accepted = School(limits), []
    for people in days:
        try:
            school.take(rows(sorted(people), lcms=()))
        except UnsafePlanError:
            continue
        accepted.append(people)
    seen: set[int] = set().union(*accepted) if accepted else set()
    most = max((len(people) for people in accepted), default=0)
    assert len(seen - accepted[-1]) <= max(most * fraction, 0) or fraction == 1


# On a practice forum, with a store


def test_four_days_of_a_fifth_less_take_nobody_out_of_the_forum(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, PEOPLE)
    site.sync(only=a)
    for day, left in enumerate((31, 24, 19, 15), start=1):
        for n in range(left + 1, 41):
            site.rows.pop((a, n), None)
        if day == 1:
            site.sync(only=a, now=NOW + timedelta(days=day))
        else:
            with pytest.raises(UnsafePlanError, match="had 40 people"):
                site.sync(only=a, now=NOW + timedelta(days=day))
    assert len(site.members(a)) == 31


def test_fifteen_runs_of_one_cohort_each_are_held_to_what_a_day_may_take(site: Site) -> None:
    a, b = site.keys
    site.limits = {"max_removals": 6, "max_shrink_fraction": 1, "max_overall_shrink_fraction": 1}
    for key in (a, b):
        site.enrol(key, range(1, 21))
    site.sync()
    for n in range(1, 5):
        del site.rows[a, n], site.rows[b, n]
    site.sync(only=a, now=NOW + timedelta(hours=1))
    with pytest.raises(UnsafePlanError, match="takes 4 people out of groups, after 4 in the last 24 hours") as caught:
        site.sync(only=b, now=NOW + timedelta(hours=2))
    assert caught.value.numbers == {"removals": 8, "max_removals": 6}
    assert len(site.members(b)) == 20
    site.sync(only=b, now=NOW + timedelta(hours=26))
    assert len(site.members(b)) == 16


def test_a_quarter_of_a_group_is_a_quarter_a_day_whatever_the_number_of_runs(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"max_shrink_fraction": 1}
    site.enrol(a, range(1, 41))
    site.sync(only=a)
    site.enrol(a, range(1, 11), withdrawn=True)
    site.sync(only=a, now=NOW + timedelta(hours=1))
    site.enrol(a, range(11, 13), withdrawn=True)
    with pytest.raises(
        UnsafePlanError, match=r"takes 2 of 40 people out of the group .*, after 10 in the last 24 hours"
    ):
        site.sync(only=a, now=NOW + timedelta(hours=2))


def test_an_lcm_whom_the_roster_demotes_waits_like_one_who_leaves(site: Site) -> None:
    a, _ = site.keys
    lcms = f"{a}-lcm"
    site.limits = {"grace_days": 7, "grace_runs": 2}
    site.enrol(a, range(1, 9))
    site.enrol(a, (9, 10), Role.LCM)
    site.sync(only=a)
    site.enrol(a, (9,))
    plan = site.sync(only=a, now=NOW + timedelta(hours=1))[0].plan
    waiting = {(line.target, line.username): line.reason for line in plan.of(ChangeKind.GRACE)}
    assert waiting == {
        (
            a,
            "bulk0009",
        ): "no longer owner from 2027-03-22, if 1 more run finds them gone: not an LCM any more: learner in"
        " the roster (r.csv:9)",
        (
            lcms,
            "bulk0009",
        ): "to be removed on 2027-03-22, if 1 more run finds them gone: not an LCM any more: learner in"
        " the roster (r.csv:9)",
    }
    assert site.members(a)["bulk0009"]
    site.enrol(a, (9,), Role.LCM)
    called_off = site.sync(only=a, now=NOW + timedelta(days=1))[0].plan.of(ChangeKind.KEPT)
    assert {line.reason for line in called_off} == {
        "in the roster again: the removal is called off",
        "an LCM in the roster again: the demotion is called off",
    }
    site.enrol(a, (9,))
    site.sync(only=a, now=NOW + timedelta(days=2))
    site.sync(only=a, now=NOW + timedelta(days=8))
    assert site.members(a)["bulk0009"]
    done = site.sync(only=a, now=NOW + timedelta(days=9, hours=1))[1].done
    assert {(line.kind, line.target) for line in done} == {(ChangeKind.REMOVE_OWNER, a), (ChangeKind.REMOVE, lcms)}
    assert not site.members(a)["bulk0009"]
    assert set(site.members(lcms)) == {"bulk0010"}


def test_demotions_are_held_to_a_number_over_a_day(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"small_group_removals": 20, "max_role_change_fraction": 0.25}
    site.enrol(a, range(1, 21))
    site.enrol(a, range(21, 29), Role.LCM)
    site.sync(only=a)
    for number, hour in ((21, 1), (22, 2)):
        site.enrol(a, (number,))
        site.sync(only=a, now=NOW + timedelta(hours=hour))
    site.enrol(a, (23,))
    with pytest.raises(
        UnsafePlanError, match=r"leaves cohort .* with 1 LCMs fewer, of .*, after 2 in the last 24 hours"
    ):
        site.sync(only=a, now=NOW + timedelta(hours=3))
    site.sync(only=a, now=NOW + timedelta(hours=28))


def test_who_is_protected_is_not_demoted(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"protected": ["bulk0009@example.org"]}
    site.enrol(a, range(1, 9))
    site.enrol(a, (9,), Role.LCM)
    site.sync(only=a)
    site.enrol(a, (9,))
    plan = site.sync(only=a, now=NOW + timedelta(hours=1))[0].plan
    assert plan.effective == ()
    assert {line.reason for line in plan.of(ChangeKind.KEPT)} == {"protected (limits.protected)"}


def test_an_end_typed_with_the_year_before_archives_nothing_and_says_so(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"start": date(2026, 1, 1)}
    site.enrol(a, range(1, 9))
    site.sync(only=a)
    before = site.state()
    site.cohort = {"start": date(2026, 1, 1), "end": date(2026, 5, 31), "alumni_group": f"{site.prefix}-old"}
    del site.rows[a, 1]
    prepared, _, _ = site.sync(only=a, now=NOW + timedelta(days=1))
    assert prepared.plan.effective == ()
    reason = "end date moved from 2027-05-31 to 2026-05-31; allow it once with: lcm sync --apply --accept-dates"
    assert {line.reason for line in prepared.plan.of(ChangeKind.KEPT)} == {reason}
    assert site.state() == before
    prepared, _, _ = site.sync(only=a, now=NOW + timedelta(days=2), accept=Acceptance(dates=True))
    assert ChangeKind.ARCHIVE_CATEGORY in {line.kind for line in prepared.plan.effective}
