"""Names of cohorts in any writing become groups and categories that Discourse takes, and a second sync is at rest."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.rosters.syncing import Desk

NAMES = [
    "春のリーダー研修",
    "مرحبا بالجميع",
    "👩‍💻 Coding",
    "Müller & Söhne <b>GmbH</b>",
    'Équipe «A», "été" – Orléans',
    "x" * 130,
    "  Two   blanks  ",
    "--",
    "Team: a|b",
    "staff",
    "2027",
    "[b]bold[/b] @everybody #general",
    "İstanbul ıŞık",
    "ΑΒΓ Ελλάδα",
    "Uncategorized",
    "e\u0301te\u0301",  # decomposed
    "été",  # the same, composed
    "Spring / Summer \\ 'Fall'",
]
FROM = {"timezone": "Europe/Lisbon", "start": date(2027, 3, 1), "end": date(2027, 5, 31)}


def test_names_in_any_writing_are_made_and_at_rest(desk: Desk) -> None:
    with (desk.folder / "r.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "name", "cohort", "cohort_name", "role"])
        rows.writerows(["ana@example.org", "Ana", f"K {number}", name, "learner"] for number, name in enumerate(NAMES))
    desk.write({"csv": "r.csv"}, cohorts=[], cohorts_from=FROM)
    result = desk.lcm("sync", "--apply", "--now", "2027-03-10T09:00+00:00")
    assert result.exit_code == 0, result.output
    made: list[dict[str, Any]] = desk.forum.get("/categories.json")["category_list"]["categories"]
    assert len({category["name"] for category in made}) >= len(NAMES)
    again = desk.lcm("sync", "--now", "2027-03-11T09:00+00:00")
    assert (again.exit_code, "Nothing to do" in again.output) == (0, True), again.output
