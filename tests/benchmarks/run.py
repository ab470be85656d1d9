"""Benchmarks as ratios against a stated baseline that is measured in the same run: `make bench`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

import budget
import clustering
import people
import planning
import reading
import rehearsing
import rosters
import scheduling
import starting
import syncing

BEGIN, END = "<!-- make bench ARGS=--write -->", "<!-- end of what is generated -->"
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


@dataclass(frozen=True)
class Result:
    """What was measured: ours and the baseline in the same unit, smaller is better."""

    name: str
    unit: str
    baseline_name: str
    baseline: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours in multiples of the baseline."""
        return self.ours / self.baseline


BOUNDS = (
    (
        "plan # enrolments, # % changed: memory",
        "one set of the enrolments of each side, and nothing for those that agree",
    ),
    (
        "plan # enrolments, # % changed, sets ready",
        "making the keys of both sides; the differences themselves are a few percent",
    ),
    ("plan #", "making a key for each enrolment of both sides, once"),
    ("read a CSV roster of # rows: memory", "the people that are kept; rows are read one after the other"),
    ("read a CSV roster", "checking each cell, and making a person and an enrolment of each row"),
    ("read a workbook", "unpacking the XML; we read it as a stream, without cells as objects"),
    ("read a topic", "the forum's answer, and JSON; then each field is checked"),
    ("take # posts into the store", "a call for each topic that changed; counting anew what its people did"),
    ("write a roundup of # posts out of #", "the posts of topics in which somebody wrote lately; no others are read"),
    ("write a roundup", "reading each post once; choosing compares only the posts that may be shown"),
    ("start `lcm --help`: memory", "click and the summaries of commands; no command is imported"),
    ("start `lcm --help`", "starting Python, importing click"),
    ("start the service: memory", "SQLAlchemy, pydantic and their classes for our tables and settings"),
    ("start the service", "importing SQLAlchemy and pydantic and building their classes, once in its life"),
    ("first sync", "the calls that make groups and a category, and one call for a hundred people to add"),
    ("sync with nothing to do", "a call for each group and category that may have changed (docs/costs.md)"),
    ("sync of a", "the same, a call for each group in which something changes, and looking up who is new"),
    ("schedule # occurrences", "arithmetic of dates in each cohort's zone, daylight saving included"),
    ("a tick of # cohorts with nothing due: calls", "nothing: a tick with nothing due calls nobody"),
    ("a tick", "a few queries a cohort, and working out its dates"),
    ("signals of one week", "the people and the weeks that are looked at, not the posts: counts are kept by day"),
    ("count one new post", "the counts that one post changes"),
    ("pair # people", "comparing everybody with everybody who may be a partner"),
    ("# weeks of pairs", "how unequal the teams are; people who met before are left out first"),
    ("rehearse", "a call for each text that is posted, and the pages of the practice forum that answer"),
    ("three processes", "the forum's limit of calls"),
    ("# topics on each of # forums", "the forums' answers: one process at a time works on a forum"),
)
"""What bounds each figure, by how its name begins, with `#` for numbers; the first that fits counts."""


def bound_of(name: str) -> str:
    """Return what bounds a figure, "" where nobody has said so."""
    plain = re.sub(r"\d[\d,.]*", "#", name)
    return next((bound for begins, bound in BOUNDS if plain.startswith(begins)), "")


def as_markdown(results: Sequence[Result]) -> str:
    """Return the table of docs/performance.md."""
    rows = [
        f"| {one.name} | {one.ours:.4g} {one.unit} | {one.ratio:.3g} | {one.baseline_name} ({one.baseline:.4g})"
        f" | {bound_of(one.name)} |"
        for one in results
    ]
    head = ["| what | ours | ratio | baseline | what bounds it |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def write_table(page: Path, results: Sequence[Result]) -> None:
    """Put the table into a page, in the place of the one that is there, with the day and the machine."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    where = f"with Python {platform.python_version()} on {os.cpu_count()} cores, at a load of {os.getloadavg()[0]:.0f}"
    made = f"Measured on {datetime.now(UTC):%Y-%m-%d} {where}: seconds are longer on a busy machine, ratios are not."
    page.write_text(f"{before}{BEGIN}\n\n{made}\n\n{as_markdown(results)}\n\n{END}{after}", encoding="utf-8")


def seconds_of(*works: Callable[[], object], repeats: int = 7) -> list[float]:
    """Return the shortest time of each piece of work; they take turns, so that what else the machine does hits all."""
    best = [float("inf")] * len(works)
    for _ in range(repeats):
        for place, work in enumerate(works):
            gc.collect()
            begun = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - begun)
    return best


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the median time of a piece of work, after one run that does not count."""
    work()
    taken = []
    for _ in range(repeats):
        gc.collect()
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def peak_megabytes(work: Callable[[], object]) -> float:
    """Return the most memory that a piece of work held at once."""
    gc.collect()
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def planning_results(people: int) -> list[Result]:
    """Plan a change of one in a hundred among `people` enrolments, against bare sets of the same."""
    case = planning.make_case(people)
    bare, plan, ready_made = seconds_of(case.bare, case.plan, case.ready_made)
    name, baseline = f"plan {people:,} enrolments, 1 % changed", "bare sets of the same enrolments"
    return [
        Result(name, "s", baseline, bare, plan),
        Result(f"{name}: memory", "MB", baseline, peak_megabytes(case.bare), peak_megabytes(case.plan)),
        Result(f"{name}, sets ready", "s", "differences of sets that are there already", ready_made, plan),
    ]


def reading_results() -> list[Result]:
    """Read topics through the client, and take them in, against a bare requests session on the same server."""
    with reading.case() as case:
        bare, ours = seconds_of(case.bare, case.ours)
        bare_ingest, ingest = seconds_of(case.bare_ingest, case.ingest, repeats=3)
        name = f"take {case.posts:,} posts into the store"
        return [
            Result("read a topic of 100 posts", "s", "requests.Session.get().json()", bare, ours),
            Result(name, "s", "the same answers, read bare and inserted", bare_ingest, ingest),
        ]


def roundup_results(posts: int, stored: int) -> list[Result]:
    """Write the roundup of a week, against making plain text of all its posts once; from a store and a tenth of it."""
    week = reading.Week.of(posts)
    bare, ours = seconds_of(week.bare, week.roundup, repeats=3)
    with reading.stored(stored, posts) as long, reading.stored(stored // 10, posts) as short:
        few, many = seconds_of(short.roundup, long.roundup, repeats=3)
        few_megabytes, megabytes = peak_megabytes(short.roundup), peak_megabytes(long.roundup)
    name = f"write a roundup of {posts:,} posts"
    from_store, baseline = f"{name} out of {stored:,} stored", f"out of {stored // 10:,}"
    return [
        Result(name, "s", "plain text of every post", bare, ours),
        Result(from_store, "s", baseline, few, many),
        Result(f"{from_store}: memory", "MB", baseline, few_megabytes, megabytes),
    ]


def starting_results() -> list[Result]:
    """Start the command, and all that the service imports, against a Python that does nothing."""
    bare, *others = starting.measure()
    found = []
    for name, one in zip(("start `lcm --help`", "start the service"), others, strict=True):
        found.append(Result(name, "s", "python -c pass", bare.seconds, one.seconds))
        if bare.megabytes and one.megabytes:
            found.append(Result(f"{name}: memory", "MB", "python -c pass", bare.megabytes, one.megabytes))
    return found


def roster_results(people: int) -> list[Result]:
    """Read a roster of `people` rows, and a workbook of a twentieth of them, against bare readers of the same files."""
    in_workbook = max(1, people // 20)
    with rosters.case(people, in_workbook) as case:
        bare, ours = seconds_of(case.bare, case.ours, repeats=3)
        bare_workbook, our_workbook = seconds_of(case.bare_workbook, case.our_workbook, repeats=3)
        name, baseline = f"read a CSV roster of {people:,} rows", "csv.reader and a dict a row"
        return [
            Result(name, "s", baseline, bare, ours),
            Result(f"{name}: memory", "MB", baseline, peak_megabytes(case.bare), peak_megabytes(case.ours)),
            Result(
                f"read a workbook of {in_workbook:,} rows",
                "s",
                "openpyxl and a dict a row",
                bare_workbook,
                our_workbook,
            ),
        ]


def syncing_results(people: int) -> list[Result]:
    """Count the calls of a first, an unchanged and a slightly changed sync, against one call a person."""
    counts = syncing.count_calls(people)
    return [
        Result(f"{name} of {people:,} people", "calls", "a call for each person concerned", concerned, calls)
        for name, concerned, calls in counts
    ]


def scheduling_results(wanted: int) -> list[Result]:
    """Work out the dates of all playbooks, and look for what is due where nothing is; no call may be made."""
    with scheduling.case(wanted) as case:
        bare, dates = seconds_of(case.bare_dates, case.dates, repeats=3)
        queries, tick = seconds_of(case.bare_tick, case.tick, repeats=3)
        cohorts = f"{scheduling.COHORTS} cohorts"
        name = f"a tick of {cohorts} with nothing due"
        return [
            Result(f"schedule {case.count:,} occurrences", "s", "the same moments, bare", bare, dates),
            Result(name, "s", "a query a cohort for what is done", queries, tick),
            Result(f"{name}: calls", "calls", "a call a cohort", scheduling.COHORTS, case.calls()),
        ]


def rehearsal_results(learners: int, weeks: int) -> list[Result]:
    """Rehearse a playbook with so many learners, once, against as many bare calls, and against what it may take."""
    found = rehearsing.measure(learners, weeks)
    name = f"rehearse {weeks} weeks with {learners} learners"
    return [
        Result(name, "s", f"{found.calls:,} bare calls", found.bare, found.seconds),
        Result(f"{name}: of what it may take", "s", "two minutes", rehearsing.AT_MOST, found.seconds),
    ]


def budget_results() -> list[Result]:
    """Count the calls that three processes get out of one budget in real time; a ratio of 1 uses it to the full."""
    return [
        Result(f"three processes on one budget ({database})", "calls", "the limit", limit, made)
        for database, made, limit in budget.measure()
    ]


def cluster_results(forums: int) -> list[Result]:
    """Do what is due on several forums with one process, with two and, for many forums, with four."""
    numbers = (1, 2, 4) if forums >= 4 else (1, 2)
    taken = dict(clustering.measure(forums, numbers))
    name, baseline = f"{clustering.TOPICS} topics on each of {forums} forums", "one process"
    return [
        Result(f"{name}, {number} processes", "s", baseline, taken[1], taken[number]) for number in taken if number > 1
    ]


def print_choices() -> None:
    """Print how our roundups choose beside human editors, and over a year of a real forum, where these are at hand."""
    shared = Path(os.environ.get("LCM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    for script, data in (("editors.py", "editors"), ("weeks.py", "real_forum/topics-2019.jsonl.gz")):
        if (shared / data).exists():
            print(f"\n{script} {data}", flush=True)
            subprocess.run([sys.executable, str(Path(__file__).parent / script), str(shared / data)], check=True)
        else:
            print(f"\n{script}: no {data} in {shared} (set LCM_SHARED)")


def people_results(posts: int) -> list[Result]:
    """Compute the signals of one week, and take in one post, over a history, against a tenth of it."""
    with people.history(posts) as long, people.history(posts // 10) as short:
        few, many = seconds_of(short.signals, long.signals)
        few_written, many_written = seconds_of(short.write, long.write)
        baseline = f"over {posts // 10:,}"
        return [
            Result(f"signals of one week over {posts:,} posts", "s", baseline, few, many),
            Result(f"count one new post over {posts:,} posts", "s", baseline, few_written, many_written),
        ]


def pairing_results(number: int) -> list[Result]:
    """Pair so many people week after week: the time for one week, and what random pairs would come to."""
    case = people.Pairing(number)
    taken = seconds(case.week, repeats=1)
    ours, chance = case.weeks(matched=True), case.weeks(matched=False)
    name = f"{people.PAIRED_WEEKS} weeks of pairs of {number:,} people"
    return [
        Result(f"pair {number:,} people", "s", "pairs at random", seconds(case.random_week, repeats=3), taken),
        Result(f"{name}: isolates with isolates", "pairs", "at random", chance.isolates, ours.isolates),
        Result(f"{name}: within one team", "pairs", "at random", chance.within, ours.within),
        Result(f"{name}: met before", "pairs", "at random", max(chance.repeats, 1e-9), ours.repeats),
    ]


def main() -> None:
    """Run all benchmarks and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="enrolments to plan")
    parser.add_argument("--occurrences", type=int, default=100_000, help="occurrences to schedule")
    parser.add_argument("--posts", type=int, default=1_000_000, help="posts of a history")
    parser.add_argument("--week", type=int, default=500, help="posts of a week to round up")
    parser.add_argument("--paired", type=int, default=5_000, help="people to be paired")
    parser.add_argument("--rehearsed", type=int, default=200, help="learners of a rehearsal")
    parser.add_argument("--forums", type=int, default=10, help="forums that processes share")
    parser.add_argument("--weeks", type=int, default=rehearsing.WEEKS, help="weeks of a rehearsal")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name} as well")
    options = parser.parse_args()
    results = [
        *planning_results(options.people),
        *roster_results(options.people),
        *starting_results(),
        *reading_results(),
        *roundup_results(options.week, options.posts),
        *syncing_results(1000),
        *scheduling_results(options.occurrences),
        *people_results(options.posts),
        *pairing_results(options.paired),
        *rehearsal_results(options.rehearsed, options.weeks),
        *budget_results(),
        *cluster_results(options.forums),
    ]
    if options.write:
        write_table(PAGE, results)
    if options.json:
        print(json.dumps([{**vars(one), "ratio": one.ratio, "bound": bound_of(one.name)} for one in results], indent=2))
        return
    for result in results:
        print(
            f"{result.name:48} {result.ours:10.4g} {result.unit:5} {result.ratio:8.3g} x"
            f" {result.baseline_name} ({result.baseline:.4g})"
        )
    print_choices()


if __name__ == "__main__":
    main()
