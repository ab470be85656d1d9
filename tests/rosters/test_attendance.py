"""Lists of who was at a session, as Zoom, Teams and Meet export them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_worker.errors import RosterError
from sync_worker.rosters.tabular.people_files import read_attendance

if TYPE_CHECKING:
    from pathlib import Path

ZOOM = """\
Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
123 4567 8901,Leading teams,03/08/2027 04:00:00 PM,03/08/2027 05:32:10 PM,marta@example.org,93,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Ana Alves,Ana@Example.org,03/08/2027 04:00:12 PM,03/08/2027 04:40:00 PM,40,No
Ana Alves,ana@example.org,03/08/2027 04:45:00 PM,03/08/2027 05:30:00 PM,45,No
iPad de Ben,,03/08/2027 04:02:00 PM,03/08/2027 05:30:00 PM,88,Yes
"""
TEAMS = """\
1. Summary
Meeting title\tLeading teams
Attended participants\t2

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Ana Alves\t3/8/27, 4:00:12 PM\t3/8/27, 5:02:00 PM\t1h 2m 30s\tana@example.org\tana@corp.example.org\tPresenter
Ben Costa\t3/8/27, 4:10:00 PM\t3/8/27, 4:18:00 PM\t8m 1s\tben@example.org\tben@corp.example.org\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Ana Alves\t3/8/27, 4:00:12 PM\t3/8/27, 5:02:00 PM\t1h 2m 30s\tana@example.org\tPresenter
"""
MEET = (
    "Prénom;Nom de famille;Adresse e-mail;Durée\nAna;Alves;ana@example.org;52 min\nBen;Costa;ben@example.org;1:02:10\n"
)


def read(folder: Path, text: str, encoding: str = "utf-8", key: str = "email") -> list[tuple[str, str, float | None]]:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return [(one.key, one.name, one.minutes) for one in read_attendance(path, key)]


def test_zoom_has_a_row_for_each_time_somebody_came_in_and_guests_without_an_address(tmp_path: Path) -> None:
    assert read(tmp_path, ZOOM.split("\n\n")[1]) == [
        ("ana@example.org", "Ana Alves", 40),
        ("ana@example.org", "Ana Alves", 45),
        ("", "iPad de Ben", 88),
    ]


def test_what_stands_above_the_table_of_zoom_is_no_participant(tmp_path: Path) -> None:
    assert [key for key, *_ in read(tmp_path, ZOOM)] == ["ana@example.org", "ana@example.org", ""]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_teams_has_a_summary_above_and_other_tables_below(tmp_path: Path, encoding: str) -> None:
    found = read(tmp_path, TEAMS, encoding)
    assert [(key, round(minutes or 0, 1)) for key, _, minutes in found] == [
        ("ana@example.org", 62.5),
        ("ben@example.org", 8.0),
    ]
    assert [key for key, *_ in read(tmp_path, TEAMS, encoding, "external_id")] == [
        "ana@corp.example.org",
        "ben@corp.example.org",
    ]


def test_meet_in_french_with_semicolons(tmp_path: Path) -> None:
    found = read(tmp_path, MEET, "cp1252")
    assert [(key, name, round(minutes or 0)) for key, name, minutes in found] == [
        ("ana@example.org", "Ana Alves", 52),
        ("ben@example.org", "Ben Costa", 62),
    ]


def test_a_bare_table_with_addresses_is_enough(tmp_path: Path) -> None:
    assert read(tmp_path, "email\nana@example.org\n") == [("ana@example.org", "", None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [("Name,Phone\nAna,1\n", "no column says the email"), ("email\n", "nobody is on the list"), ("", "no column")],
)
def test_a_list_that_names_nobody_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RosterError, match=says):
        read(tmp_path, text)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="cannot be read"):
        read_attendance(tmp_path / "none.csv", "email")
