"""Several rows of one person in one cohort are one place; a row that is rejected takes nobody out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.errors import RosterError
from sync_worker.model import Enrolment, Role, Roster
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import read_csv_roster
from tests.rosters.syncing import Desk

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
HEADER = "external_id,email,name,cohort,role,status,start_date,end_date\n"
BEN = "E2,ben@x.org,Ben,spring,learner,,,\n"


class Read(Protocol):
    def __call__(self, rows: str, now: datetime = NOW, **zones: str) -> Roster: ...


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads rows below the header, with the cohorts `spring` and `autumn`."""

    def read_it(rows: str, now: datetime = NOW, **zones: str) -> Roster:
        path = tmp_path / "r.csv"
        path.write_text(HEADER + rows, encoding="utf-8")
        known = KnownCohorts(("spring", "autumn"), zones=zones)
        return read_csv_roster(CsvRosterSettings(csv=path), known, now, {})

    return read_it


def ana(roster: Roster) -> Enrolment:
    (found,) = [enrolment for enrolment in roster.enrolments if enrolment.person.email == "ana@x.org"]
    return found


def ana_row(status: str = "", start: str = "", end: str = "", role: str = "learner", cohort: str = "spring") -> str:
    return f"E1,ana@x.org,Ana,{cohort},{role},{status},{start},{end}\n"


@pytest.mark.parametrize("rows", [["withdrawn", "active"], ["active", "withdrawn"], ["withdrawn", "deleted", ""]])
def test_who_withdrew_and_came_back_is_in(read: Read, rows: list[str]) -> None:
    roster = read("".join(map(ana_row, rows)) + BEN)
    assert not ana(roster).withdrawn
    assert roster.rejected == ()


def test_who_is_withdrawn_in_every_row_is_withdrawn(read: Read) -> None:
    assert ana(read(ana_row("withdrawn") + ana_row("deleted", "2027-03-01") + BEN)).withdrawn


FIRST, SECOND = ("2027-03-01", "2027-03-04"), ("2027-03-08", "2027-05-31")


@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
@pytest.mark.parametrize(
    ("today", "counts"), [("02", FIRST), ("04", FIRST), ("05", SECOND), ("08", SECOND), ("30", SECOND)]
)
def test_of_two_terms_the_one_that_holds_today_counts_and_else_the_next(
    read: Read, order: tuple[tuple[str, str], ...], today: str, counts: tuple[str, str]
) -> None:
    roster = read("".join(ana_row("", *days) for days in order) + BEN, datetime(2027, 3, int(today), 12, tzinfo=UTC))
    assert (str(ana(roster).start), str(ana(roster).end)) == counts


def test_when_both_terms_are_over_the_last_one_counts(read: Read) -> None:
    roster = read(ana_row("", *SECOND) + ana_row("", *FIRST) + BEN, datetime(2027, 7, 1, tzinfo=UTC))
    assert ana(roster).end == date(2027, 5, 31)


def test_terms_that_overlap_are_one_from_the_first_day_to_the_last(read: Read) -> None:
    rows = ana_row("", "2027-03-01", "2027-03-20") + ana_row("", "2027-03-09", "2027-04-30")
    assert (ana(read(rows + BEN)).start, ana(read(rows + BEN)).end) == (date(2027, 3, 1), date(2027, 4, 30))
    assert ana(read(rows + ana_row("", "2027-03-10") + BEN)).end is None


def test_today_is_the_day_on_the_cohorts_own_clock(read: Read) -> None:
    rows = ana_row("", "2027-03-01", "2027-03-09") + ana_row("", "2027-03-11", "2027-03-20") + BEN
    late = datetime(2027, 3, 9, 23, 30, tzinfo=UTC)
    assert ana(read(rows, late)).end == date(2027, 3, 9)
    assert ana(read(rows, late, spring="Asia/Tokyo")).start == date(2027, 3, 11)


def test_two_roles_at_the_same_time_contradict_each_other_and_neither_counts(read: Read) -> None:
    roster = read(ana_row() + BEN + ana_row(role="lcm"))
    assert [enrolment.person.name for enrolment in roster.enrolments] == ["Ben"]
    assert [(row.where, row.reason) for row in roster.rejected] == [
        ("r.csv:2", "Ana is in cohort 'spring' as learner here and as lcm in r.csv:4; neither counts."),
        ("r.csv:4", "Ana is in cohort 'spring' as lcm here and as learner in r.csv:2; neither counts."),
    ]


def test_roles_one_after_the_other_do_not_contradict_each_other(read: Read) -> None:
    roster = read(ana_row("", *FIRST) + ana_row("", *SECOND, role="lcm") + BEN)
    assert ana(roster).role is Role.LCM
    assert roster.rejected == ()


@pytest.mark.parametrize(
    "bad",
    [
        ana_row(role="lmc"),
        ana_row(cohort="sprng"),
        ana_row(start="soon"),
        "E1,ana@x.org,Ana,spring,learner,,,,one,two\n",
        "E1,ana@x.org,Ana\n",
        "E9,ANA@x.org,Ana,spring,learner,,,\n",
    ],
)
@pytest.mark.parametrize("over", [ana_row("withdrawn"), ana_row("", "", "2027-03-04")])
def test_that_somebody_left_does_not_count_while_another_row_about_them_is_rejected(
    read: Read, over: str, bad: str
) -> None:
    for rows in (over + bad, bad + over):
        if bad.startswith("E9") and rows.startswith("E9"):
            continue  # then it is the row that says that she left which is rejected
        roster = read(rows + BEN)
        assert [enrolment.person.name for enrolment in roster.enrolments] == ["Ben"]
        assert len(roster.rejected) == 1
        assert "that Ana left does not count while" in roster.remarks[0]


@pytest.mark.parametrize(
    "bad", [ana_row(role="lmc"), ana_row(role="lcm", start="soon"), ana_row("perhaps", role="lcm")]
)
def test_nobody_loses_a_role_because_the_row_that_gives_it_was_rejected(read: Read, bad: str) -> None:
    for rows in (ana_row() + bad, bad + ana_row()):
        roster = read(rows + BEN)
        assert [enrolment.person.name for enrolment in roster.enrolments] == ["Ben"]
        assert "that Ana is learner does not count while" in roster.remarks[0]


def test_a_rejected_row_of_somebody_else_with_one_of_the_identifiers_takes_no_place(read: Read) -> None:
    assert ana(read(ana_row() + "E1,other@x.org,Other,spring,lmc,,,\n" + BEN)).role is Role.LEARNER


def test_a_rejected_row_of_another_cohort_is_no_doubt(read: Read) -> None:
    roster = read(ana_row("withdrawn") + ana_row(cohort="autumn", role="lmc") + BEN)
    assert ana(roster).withdrawn
    assert ana(read(ana_row() + ana_row(cohort="autumn", role="lmc") + BEN)).role is Role.LEARNER


@pytest.mark.parametrize(("cohort", "left"), [("spring", ["Ben"]), ("autumn", ["Ana", "Ben"])])
def test_two_people_whose_ids_differ_in_case_alone_are_not_taken_for_one(
    read: Read, cohort: str, left: list[str]
) -> None:
    roster = read(f"003xyzAb,,Ana,spring,learner,,,\n003xyzaB,,Zoe,{cohort},learner,,,\n" + BEN)
    assert [enrolment.person.name for enrolment in roster.enrolments] == left
    assert "'003xyzaB' of Zoe differs from that of Ana" in roster.rejected[0].reason
    again = read("e1,ana@x.org,Ana,spring,learner,,,\nE1,ana@x.org,Ana B,spring,learner,,,\n" + BEN)
    assert again.rejected == ()


def test_contradicting_rows_that_leave_nobody_are_refused_as_a_whole(read: Read) -> None:
    with pytest.raises(RosterError, match=r"no usable rows \(2 rejected\)"):
        read(ana_row() + ana_row(role="lcm"))


def test_nobody_is_removed_because_the_row_that_says_that_they_are_in_was_rejected(desk: Desk) -> None:
    file = desk.folder / "r.csv"
    desk.write({"csv": "r.csv"}, limits={"allow": ["add", "remove", "create"], "grace_days": 0, "max_rejected_rows": 1})
    good = "email,name,cohort,role,status\nana@example.org,Ana,spring,learner,\nben@example.org,Ben,spring,learner,\n"
    file.write_text(good, encoding="utf-8")
    assert desk.lcm("sync", "--apply", "--now", "2027-03-02T09:00Z").exit_code == 0
    assert set(desk.members("spring")) == {"ana", "ben"}
    file.write_text(good.replace("Ana,spring,learner,", "Ana,spring,learner,withdrawn")
                    + "ana@example.org,Ana,spring,lerner,active\n", encoding="utf-8")  # fmt: skip
    for day in (10, 11, 12):
        assert desk.lcm("sync", "--apply", "--now", f"2027-03-{day}T09:00Z").exit_code == 0
    assert set(desk.members("spring")) == {"ana", "ben"}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2"]),
        st.sampled_from(["spring", "autumn"]),
        st.sampled_from(["", "withdrawn"]),
        st.sampled_from(["", "2027-03-01", "2027-03-09", "2027-03-15"]),
        st.sampled_from(["", "2027-03-05", "2027-03-12", "2027-04-01"]),
    ).filter(lambda row: not row[3] or not row[4] or row[3] <= row[4]),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, data=st.data())
def test_who_is_in_does_not_depend_on_the_order_of_rows(
    read: Read, rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    def held(given_rows: list[tuple[str, ...]]) -> dict[tuple[str, str], tuple[Any, ...]]:
        text = "".join(
            f"{who},p{who}@x.org,P,{cohort},learner,{status},{start},{end}\n"
            for who, cohort, status, start, end in given_rows
        )
        day = NOW.date()
        return {
            (str(e.person.external_id), e.cohort): (
                e.withdrawn,
                e.active_on(day),
                e.active_on(day) and (e.start, e.end),
            )
            for e in read(text).enrolments
        }

    found = held(rows)
    assert found == held(data.draw(st.permutations(rows)))
    for (who, cohort), (withdrawn, active, _) in found.items():
        seats = [row for row in rows if row[:2] == (who, cohort)]
        in_now = [row for row in seats if not row[2] and row[3] <= "2027-03-10" and (row[4] or "9") >= "2027-03-10"]
        assert active is bool(in_now)
        assert withdrawn is all(row[2] for row in seats)
