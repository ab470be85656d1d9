"""The table of a year that was played."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.soak.year import Trouble

if TYPE_CHECKING:
    from tests.soak.play import Played
    from tests.soak.stage import Stage
    from tests.soak.year import Year

KINDS = ("lost", "doubled", "leaked", "broken")
NAMES = {
    Trouble.KILL: "the worker was killed in the middle of a run",
    Trouble.RESTART: "the worker was restarted",
    Trouble.FAULTS: "days on which a tenth of the calls fail",
    Trouble.OUTAGE: "the forum was away, up to 40 hours",
    Trouble.CLOCK: "the machine's clock was wrong, up to a year",
    Trouble.DATABASE: "the database failed in the middle of a run",
    Trouble.RESTORE_STORE: "the store came back from a backup",
    Trouble.LOSE_STORE: "the store was lost",
    Trouble.RESTORE_FORUM: "the forum came back from a backup",
    Trouble.ROSTER: "the roster was empty, cut off, shuffled, of strangers, ...",
    Trouble.HAND: "moderators deleted, moved, edited; people were added and removed",
    Trouble.RACE: "two workers worked at the same time",
}


BEGIN, END = "<!-- make soak ARGS=--write -->", "<!-- end of what is generated -->"


def write_table(page: Path, made: str) -> None:
    """Put a table into a page, in the place of the one that is there."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}", encoding="utf-8")


def rows(year: Year, played: Played, stage: Stage) -> list[tuple[str, int]]:
    """Return what is counted, in order."""
    counts, problems, said = played.counts, played.oracle.problems, played.oracle.figures()
    return [
        ("cohorts", year.number),
        ("days", year.days),
        ("people", len(stage.ids)),
        ("posts by people", stage.posts_of_people),
        ("people who said no to messages, quotes or pairs", counts["refusals"]),
        ("runs of the worker", counts["ticks"]),
        ("calls to the forum", counts["calls"]),
        ("steps that came due", counts["occurrences"]),
        ("topics and replies by the worker", said["topics"] + said["replies"]),
        ("messages by the worker", said["messages"]),
        ("mails to managers", counts["mails"]),
        ("calls that failed by a fault", counts["faults"]),
        *((name, counts[what]) for what, name in NAMES.items()),
        *((f"**{kind}**", len(problems[kind])) for kind in KINDS),
    ]


def table(year: Year, played: Played, stage: Stage) -> str:
    """Return it as Markdown."""
    lines = [f"| {name} | {number:,} |" for name, number in rows(year, played, stage)]
    return "\n".join(["| what happened | how often |", "|---|---|", *lines])
