"""Several sources become one roster: people are joined by what they have in common, and nothing is guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.config import load_settings
from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.errors import ConfigError, RosterError
from sync_worker.model import Person, Role, Roster, RosterKind
from sync_worker.rosters import Part, join_rosters, read_roster
from sync_worker.rosters.enrolments import Ledger, PackedEnrolments
from sync_worker.rosters.row import RowError
from sync_worker.rosters.row_reader import Seat
from sync_worker.rosters.seen_rows import SeenRows

NOW = datetime.now(UTC)
LMS = "external_id,email,name,cohort,role\n1,ana@x.org,Ana,spring,learner\n2,ben@x.org,Ben,spring,lcm\n"
HR = "email,name,username,manager_email\nANA@x.org,Silva Ana,ana,boss@x.org\nzoe@x.org,Zoe,zoe,boss@x.org\n"


def lcm_yaml(folder: Path, *sources: str, more: str = "") -> Path:
    path = folder / "lcm.yaml"
    lines = "\n".join(f"  - {source}" for source in sources)
    path.write_text(
        f"""\
forum: {{url: "https://forum.example.org"}}
rosters:
{lines}
{more}
cohorts:
  - {{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}}
  - {{key: autumn, name: Autumn, start: 2027-09-01, end: 2027-11-30, timezone: Europe/Paris}}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads the sources named in a list, from files given by their text."""

    def read_it(*sources: str, more: str = "", **files: str) -> Roster:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_roster(load_settings(lcm_yaml(tmp_path, *sources, more=more)), now=NOW)

    return read_it


def reasons(roster: Roster) -> list[str]:
    return [f"{row.where}: {row.reason}" for row in roster.rejected]


def test_who_turns_out_to_be_their_own_manager_has_none(read: Any) -> None:
    lms = "external_id,name,cohort,role,manager_email\n1,Ana,spring,learner,boss@x.org\n"
    hr = "{csv: hr.csv, people_only: true}"
    roster = read("csv: lms.csv", hr, lms=lms, hr="external_id,email\n1,Boss@x.org\n")
    assert [one.person.manager_email for one in roster.enrolments] == [None]
    assert roster.remarks == (
        "hr.csv:2: the manager's address is the person's own; it is ignored there. Correct it in the source.",
    )


def test_a_personnel_file_completes_what_the_lms_says(read: Any) -> None:
    roster = read("csv: lms.csv", "{csv: hr.csv, people_only: true}", lms=LMS, hr=HR)
    ana, ben = (enrolment.person for enrolment in roster.enrolments)
    assert ana == Person("1", "ana@x.org", "ana", "Ana", "boss@x.org")
    assert ben == Person("2", "ben@x.org", None, "Ben", None)
    assert roster.kind is RosterKind.SNAPSHOT
    assert roster.remarks == ("Ana: name is 'Ana' by lms.csv:2, not 'Silva Ana' by hr.csv:2.",)


def test_the_first_source_has_the_last_word(read: Any) -> None:
    roster = read("{csv: hr.csv, people_only: true}", "csv: lms.csv", lms=LMS, hr=HR)
    assert roster.enrolments[0].person == Person("1", "ANA@x.org", "ana", "Silva Ana", "boss@x.org")


def test_a_cohort_may_be_fed_by_two_sources(read: Any) -> None:
    guests = "email,cohort,role,end_date\nana@x.org,spring,lcm,2027-05-01\nzoe@x.org,spring,learner,\n"
    roster = read("csv: lms.csv", "csv: guests.csv", lms=LMS, guests=guests)
    assert [enrolment.person.email for enrolment in roster.enrolments] == ["ana@x.org", "ben@x.org", "zoe@x.org"]
    assert roster.enrolments[0].role is Role.LEARNER
    assert str(roster.enrolments[0].end) == "2027-05-01"
    assert roster.remarks == ("Ana in spring: role is learner by lms.csv:2, not lcm by guests.csv:2.",)


def test_one_identifier_in_common_and_another_that_differs_is_a_rejected_row(read: Any) -> None:
    other = "external_id,email,cohort,role\n9,ana@x.org,autumn,learner\n"
    roster = read("csv: lms.csv", "csv: other.csv", lms=LMS, other=other)
    assert reasons(roster) == ["other.csv:2: ana@x.org is Ana of lms.csv:2 with another external_id ('9', there '1')."]
    assert len(roster.enrolments) == 2
    joined = read("csv: lms.csv", "csv: other.csv", lms=LMS, other=other, more="join_by: [email]")
    assert joined.rejected == ()
    assert joined.enrolments[2].person.external_id == "1"


def test_somebody_who_may_be_two_people_is_a_rejected_row(read: Any) -> None:
    other = "external_id,email,cohort,role\n1,ben@x.org,autumn,learner\n"
    roster = read("csv: lms.csv", "csv: other.csv", lms=LMS, other=other)
    assert reasons(roster) == ["other.csv:2: ben@x.org may be Ana (lms.csv:2) and Ben (lms.csv:3)."]


PLACES = "external_id,email,name,cohort,role,status,end_date\n"
BEN = "2,ben@x.org,Ben,spring,learner,,\n"
BAD_ROLE = f"{PLACES}1,ana@x.org,Ana,spring,lmc,,\n{BEN}"


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ("1,ana@x.org,Ana,spring,learner,withdrawn,\n", "left"),
        (",ANA@x.org,Ana,spring,learner,withdrawn,\n", "left"),
        ("1,ana@x.org,Ana,spring,learner,,2026-03-04\n", "left"),
        (",ana@x.org,Ana,spring,learner,,\n", "is learner"),
    ],
)
def test_while_a_row_of_the_first_source_is_rejected_no_other_speaks_in_its_place(
    read: Any, later: str, said: str
) -> None:
    roster = read("csv: lms.csv", "csv: other.csv", lms=BAD_ROLE, other=PLACES + later)
    assert [enrolment.person.name for enrolment in roster.enrolments] == ["Ben"]
    assert f"other.csv:2: that Ana {said} does not count while" in roster.remarks[0]
    assert "lms.csv:2 is rejected" in roster.remarks[0]


def test_a_rejected_row_of_a_later_source_takes_nothing_from_the_first(read: Any) -> None:
    ana = "1,ana@x.org,Ana,spring,learner,,\n"
    roster = read("csv: lms.csv", "csv: other.csv", lms=PLACES + ana + BEN, other=BAD_ROLE)
    assert [enrolment.person.name for enrolment in roster.enrolments] == ["Ana", "Ben"]
    people = "{csv: hr.csv, people_only: true}"
    hr = "email,manager_email\nana@x.org,nobody\nben@x.org,boss@x.org\n"
    gone = read(people, "csv: lms.csv", hr=hr, lms=f"{PLACES}1,ana@x.org,Ana,spring,learner,withdrawn,\n{BEN}")
    assert [enrolment.withdrawn for enrolment in gone.enrolments] == [True, False]


def test_that_somebody_left_does_not_count_while_it_is_not_clear_who_a_row_before_is_about(read: Any) -> None:
    lms = f"{PLACES}1,ana@x.org,Ana,autumn,learner,,\n{BEN}"
    guests = f"{PLACES}9,ana@x.org,Ana,spring,learner,,\n"
    hr = f"{PLACES}1,ana@x.org,Ana,spring,learner,withdrawn,\n"
    roster = read("csv: lms.csv", "csv: guests.csv", "csv: hr.csv", lms=lms, guests=guests, hr=hr)
    assert [(one.person.name, one.cohort) for one in roster.enrolments] == [("Ana", "autumn"), ("Ben", "spring")]
    assert len(roster.rejected) == 1


def test_a_source_that_fails_fails_the_whole(read: Any) -> None:
    with pytest.raises(RosterError, match=r"hr\.csv:1: the file is empty"):
        read("csv: lms.csv", "{csv: hr.csv, people_only: true}", lms=LMS, hr="")


def test_what_a_delta_may_have_fed_is_a_delta(read: Any) -> None:
    guests = "email,cohort,role\n"
    whole = read("csv: lms.csv", "{csv: guests.csv, kind: delta}", lms=LMS, guests=guests)
    assert whole.kind is RosterKind.DELTA
    part = read("csv: lms.csv", "{csv: guests.csv, kind: delta, feeds: [autumn]}", lms=LMS, guests=guests)
    assert (part.kind_of("spring"), part.kind_of("autumn")) == (RosterKind.SNAPSHOT, RosterKind.DELTA)


def test_a_source_may_be_held_to_its_cohorts(read: Any) -> None:
    guests = "email,cohort,role\nzoe@x.org,spring,lcm\nzoe@x.org,autumn,lcm\n"
    roster = read("csv: lms.csv", "{csv: guests.csv, feeds: [autumn]}", lms=LMS, guests=guests)
    assert "guests.csv:2: this source may not enrol into 'spring'." in reasons(roster)[0]


@pytest.mark.parametrize(
    ("source", "place", "says"),
    [
        ("cvs: a.csv", "3:5", "say what kind of source this is by one of csv, xlsx, oneroster, sql"),
        ("{csv: a.csv, kid: delta}", "3:18", "unknown key 'kid'. Did you mean 'kind'?"),
        ("{csv: a.csv, sql: URL}", "3:18", "unknown key 'sql'"),
        ("{csv: a.csv, kind: half}", "3:18", "kind: 'half' is not valid here; allowed: snapshot, delta."),
        ("{csv: a.csv, default_cohort: sprong}", "3:18", "'sprong' is not declared. Did you mean 'spring'?"),
        ("{csv: a.csv, cohorts: {x: sprong}}", "3:28", "'sprong' is not declared. Did you mean 'spring'?"),
        ("{csv: a.csv, feeds: [spring, autum]}", "3:34", "'autum' is not declared. Did you mean 'autumn'?"),
        ("{sql: 'sqlite:///x', enrolments_query: q}", "3:6", "name the environment variable"),
        ("{oneroster: a, identifiers: {email: mail}}", "3:20", "'mail' identifies nobody in users.csv"),
        ("{oneroster: a, date_format: '%d/%m'}", "3:20", "'%d/%m' does not say year, month and day"),
        ("{oneroster: a, manifest: lost}", "3:20", "manifest: 'lost' is not valid here; allowed: needed, none."),
        ("{csv: a.csv, date_format: '%d/%m'}", "3:18", "'%d/%m' does not say year, month and day"),
        ("{csv: a.csv, date_format: '%d/%m/%Q'}", "3:18", "'%d/%m/%Q' does not say year, month and day"),
        (
            "{csv: a.csv, roles: {tutor: boss}}",
            "3:26",
            "tutor: 'boss' is not valid here; allowed: learner, lcm, facilitator, ignore.",
        ),
        ("[]", "3:5", "say what kind of source this is"),
    ],
)
def test_a_source_that_is_written_wrongly_is_told_with_its_place(
    tmp_path: Path, source: str, place: str, says: str
) -> None:
    path = lcm_yaml(tmp_path, source)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert f"{path}:{place}" in str(caught.value)
    assert says in str(caught.value)


def test_one_and_several_sources_are_not_given_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one source stands under 'roster', several under 'rosters'"):
        load_settings(lcm_yaml(tmp_path, "csv: a.csv", more="roster: {csv: b.csv}"))


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(["", "a", "b", "c"])
PEOPLE = st.builds(lambda one, two, three: Person(one or None, two or None, three or None), NAMES, NAMES, NAMES).filter(
    lambda person: person.external_id or person.email or person.username
)
ROSTERS = st.lists(
    st.lists(st.tuples(PEOPLE, st.sampled_from(["spring", "autumn"])), max_size=5), min_size=1, max_size=4
)


def consistent(rows: list[tuple[Person, str]], source: str) -> Roster:
    """Return the roster of one source, of whose rows those that contradict each other were rejected."""
    ledger = Ledger()
    seen = SeenRows(ledger)
    for line, (person, cohort) in enumerate(rows):
        who = (person.external_id or "", person.email or "", person.username or "", "", "")
        with suppress(RowError):
            if seen.earlier(who, cohort) is None:
                ledger.add(who, Seat(cohort, Role.LEARNER, None, None, withdrawn=False), f"{source}:{line}")
    return Roster(source, RosterKind.SNAPSHOT, PackedEnrolments(ledger, range(len(ledger))))


@UNHURRIED
@given(ROSTERS)
def test_no_row_is_lost_and_nobody_is_in_a_cohort_twice(rosters: list[list[tuple[Person, str]]]) -> None:
    parts = [
        Part(CsvRosterSettings(csv=Path(f"{number}.csv")), consistent(rows, str(number)))
        for number, rows in enumerate(rosters)
    ]
    joined = join_rosters(parts, ("external_id", "email", "username"), today=lambda _: NOW.date())
    pairs = [(enrolment.cohort, enrolment.person) for enrolment in joined.enrolments]
    assert len(set(pairs)) == len(pairs)
    rejected = {row.where for row in joined.rejected}
    for part in parts:
        for enrolment in part.roster.enrolments:
            told = [
                person for cohort, person in pairs if cohort == enrolment.cohort and _agrees(person, enrolment.person)
            ]
            doubtful = any(
                remark.startswith(f"{enrolment.where}: ") or "more rows do not count" in remark
                for remark in joined.remarks
            )
            assert told or enrolment.where in rejected or doubtful


def _agrees(whole: Person, part: Person) -> bool:
    return all(
        getattr(whole, kind) == getattr(part, kind)
        for kind in ("external_id", "email", "username")
        if getattr(part, kind)
    )
