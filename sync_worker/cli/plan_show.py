"""Show a plan as a table or as JSON, similar lines by example, and what became of it; the exit code of that."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sync_worker import membership
from sync_worker.cli.workspace import in_columns, print_json
from sync_worker.errors import ForumError, PartialError
from sync_worker.model import ChangeKind
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sync_worker.forum import Forum
    from sync_worker.membership import ApplyReport
    from sync_worker.model import Change, Plan


@dataclass(frozen=True, slots=True)
class Show:
    """How to print plans.

    Args:
        as_json: print JSON.
        everything: show who stays as they are as well.
        every_line: show each of many lines that are alike.
        to_do: the command that carries a plan out.
        may_invite: whether people without an account may be invited.

    """

    as_json: bool
    everything: bool
    every_line: bool
    to_do: str
    may_invite: bool = True

    def planned(self, plan: Plan, forum: Forum, saved: Path | None = None) -> None:
        """Print a plan that is not carried out, and where it was `saved`."""
        if self.as_json:
            print_json(self._summary(plan, forum))
            return
        self._show(plan)
        if saved:
            click.echo(f"Saved for review: {saved} ({counted(len(plan.effective), 'change')}, every line and reason).")
        if plan.effective:
            what = "carry out exactly this plan" if saved else "carry this out"
            looked = counted(forum.calls.total, "call")
            click.echo(f"Nothing was changed ({looked} to look). To {what}: {self.to_do}")
        else:
            click.echo(f"Nothing to do ({counted(forum.calls.total, 'call')} to look).")

    def about_to_apply(self, plan: Plan) -> None:
        """Print a plan before it is carried out."""
        if not self.as_json:
            self._show(plan)

    def applied(self, plan: Plan, report: ApplyReport, forum: Forum) -> None:
        """Print what became of a plan."""
        if self.as_json:
            failed = [
                {
                    "kind": failure.change.kind,
                    "target": failure.change.target,
                    "username": failure.change.username,
                    "reason": failure.reason,
                }
                for failure in report.failed
            ]
            done = {"run": report.run, "done": len(report.done), "failed": failed}
            print_json({**self._summary(plan, forum), **done})
        elif plan.effective:
            show_report(report, forum.calls.total)
        else:
            click.echo(f"Nothing to do ({counted(forum.calls.total, 'call')} to look).")

    def _show(self, plan: Plan) -> None:
        show_plan(plan, everything=self.everything, every_line=self.every_line)
        unknown = len(plan.of(ChangeKind.UNKNOWN))
        if unknown and not self.may_invite:
            who = "1 person of the roster has" if unknown == 1 else f"{unknown:,} people of the roster have"
            click.echo(f"{who} no account that is certainly theirs. To invite them, allow 'invite' in limits.allow.")

    def _summary(self, plan: Plan, forum: Forum) -> dict[str, Any]:
        document = membership.plan_to_json(plan, forum.name, everything=self.everything)
        return {**document, "counts": counts(plan), "api_calls": forum.calls.total}


def fail_in_part(report: ApplyReport, forum: Forum) -> None:
    """Raise where something of a plan was not done.

    Raises:
        ForumError: the forum stopped answering before anything was done.
        PartialError: some lines were done, some not.

    """
    if report.failed and report.unreachable and not report.done:
        raise ForumError("the forum stopped answering; nothing was done.", url=forum.url, do="Run it again later.")
    if report.failed:
        raise PartialError(
            f"{len(report.done)} lines of the plan done, {len(report.failed)} not.",
            do="Fix the reasons above and run it again: what is done stays done.",
        )


# A membership plan as a table: colours on a terminal, plain lines elsewhere.


NOBODY = "-"
TITLES = ("", "who", "where", "why")
SHOWN_ROWS = 20
EVERY_LINE = "Of lines that are alike a few are shown. Every line: --all, --json or --out FILE."
WORDS = {
    ChangeKind.CREATE_GROUP: "make group",
    ChangeKind.ADOPT_GROUP: "adopt group",
    ChangeKind.UPDATE_GROUP: "change group",
    ChangeKind.CREATE_CATEGORY: "make category",
    ChangeKind.ADOPT_CATEGORY: "adopt category",
    ChangeKind.OPEN_CATEGORY: "open category",
    ChangeKind.UPDATE_CATEGORY: "change category",
    ChangeKind.ARCHIVE_CATEGORY: "archive",
    ChangeKind.ADD: "add",
    ChangeKind.ADD_BY_EMAIL: "add by e-mail",
    ChangeKind.ADD_OWNER: "make owner",
    ChangeKind.REMOVE_OWNER: "no longer owner",
    ChangeKind.REMOVE: "remove",
    ChangeKind.INVITE: "invite",
    ChangeKind.REMIND: "remind of invitation",
    ChangeKind.WITHDRAW: "withdraw invitation",
    ChangeKind.INVITED: "invited",
    ChangeKind.UNKNOWN: "unknown",
    ChangeKind.CONTRADICTION: "contradiction",
    ChangeKind.FOLLOWED: "followed",
    ChangeKind.GRACE: "waits",
    ChangeKind.WAITING: "not yet",
    ChangeKind.KEPT: "kept",
    ChangeKind.UNCHANGED: "unchanged",
}
COUNTED = {
    ChangeKind.CREATE_GROUP: ("group to make", "groups to make"),
    ChangeKind.UPDATE_GROUP: ("group to change", "groups to change"),
    ChangeKind.ADOPT_GROUP: ("group to adopt", "groups to adopt"),
    ChangeKind.CREATE_CATEGORY: ("category to make", "categories to make"),
    ChangeKind.ADOPT_CATEGORY: ("category to adopt", "categories to adopt"),
    ChangeKind.OPEN_CATEGORY: ("category to open", "categories to open"),
    ChangeKind.UPDATE_CATEGORY: ("category to change", "categories to change"),
    ChangeKind.ARCHIVE_CATEGORY: ("category to archive", "categories to archive"),
    ChangeKind.ADD: ("to add", "to add"),
    ChangeKind.ADD_BY_EMAIL: ("to add by e-mail", "to add by e-mail"),
    ChangeKind.ADD_OWNER: ("owner to make", "owners to make"),
    ChangeKind.REMOVE_OWNER: ("owner to demote", "owners to demote"),
    ChangeKind.REMOVE: ("to remove", "to remove"),
    ChangeKind.CONTRADICTION: ("contradiction", "contradictions"),
    ChangeKind.GRACE: ("waits for removal", "wait for removal"),
    ChangeKind.INVITE: ("to invite", "to invite"),
    ChangeKind.REMIND: ("to remind of an invitation", "to remind of invitations"),
    ChangeKind.WITHDRAW: ("invitation to withdraw", "invitations to withdraw"),
}
STYLES: dict[ChangeKind, dict[str, Any]] = {
    ChangeKind.REMOVE: {"fg": "red"},
    ChangeKind.REMOVE_OWNER: {"fg": "red"},
    ChangeKind.UNKNOWN: {"fg": "yellow"},
    ChangeKind.CONTRADICTION: {"fg": "red", "bold": True},
    ChangeKind.KEPT: {"fg": "cyan"},
    ChangeKind.GRACE: {"fg": "magenta"},
    ChangeKind.WAITING: {"dim": True},
    ChangeKind.UNCHANGED: {"dim": True},
}


def show_plan(plan: Plan, *, everything: bool = False, every_line: bool = False) -> None:
    """Print the plan cohort by cohort, then its counts.

    Who stays as they are is shown only with `everything`; of many lines that are alike a few, without `every_line`.
    """
    listed = plan.everything() if everything else plan.changes
    by_cohort: dict[str, list[Change]] = {}
    for change in listed:
        if everything or change.kind is not ChangeKind.UNCHANGED:
            by_cohort.setdefault(change.cohort, []).append(change)
    examples, left_out = examples_for(len(by_cohort)), False
    for cohort, lines in by_cohort.items():
        rows = all_of(lines) if every_line else condensed(lines, examples)
        left_out = left_out or any(row.more for row in rows)
        click.echo(f"Cohort {cohort}")
        _table(rows)
        click.echo()
    for row in plan.rejected if every_line else plan.rejected[:SHOWN_ROWS]:
        click.echo(f"rejected: {row.where}: {row.reason} {row.do}".rstrip())
    if len(plan.rejected) > SHOWN_ROWS and not every_line:
        left_out = True
        click.echo(f"rejected: and {len(plan.rejected) - SHOWN_ROWS:,} more.")
    click.echo(counts_line(plan))
    if left_out:
        click.echo(EVERY_LINE)


def counts_line(plan: Plan) -> str:
    """Return the number of lines of each kind; add, remove, unknown and unchanged are always there."""
    counted = counts(plan)
    always = {"add", "remove", "unknown", "unchanged"}
    parts = []
    for kind, word in WORDS.items():
        number = counted[kind.value]
        if number or kind.value in always:
            one, many = COUNTED.get(kind, (word, word))
            parts.append(f"{number} {one if number == 1 else many}")
    if plan.rejected:
        parts.append(f"{len(plan.rejected)} rejected")
    return f"{', '.join(parts)}."


def counts(plan: Plan) -> dict[str, int]:
    """Return the number of lines of each kind; groups and categories that stay as they are do not count."""
    people = (
        change for change in plan.changes if change.kind is not ChangeKind.UNCHANGED or change.username or change.person
    )
    counted = Counter(change.kind.value for change in people)
    counted[ChangeKind.UNCHANGED.value] += plan.unchanged
    return {kind.value: counted[kind.value] for kind in ChangeKind}


def kinds_in_words(numbers: Mapping[str, int]) -> str:
    """Return the number of lines done of each kind, in the words of the table."""
    return ", ".join(f"{numbers[kind.value]} {word}" for kind, word in WORDS.items() if numbers.get(kind.value)) or "-"


def show_report(report: ApplyReport, calls: int) -> None:
    """Print what became of the plan."""
    for failure in report.failed[:SHOWN_ROWS]:
        change = failure.change
        click.echo(f"not done: {_word(change)} {_whom(change)} in {change.target}: {failure.reason}", err=True)
    if len(report.failed) > SHOWN_ROWS:
        click.echo(f"not done: and {len(report.failed) - SHOWN_ROWS:,} more.", err=True)
    looked = f"{counted(calls, 'call')} to the forum"
    if not report.done:
        click.echo(f"Nothing of the plan was done, {looked}.")
        return
    lines = counted(len(report.done), "line")
    click.echo(f"Done: {lines} of the plan, {looked}. To take it back: lcm sync undo {report.run}")


def _table(shown: Sequence[Shown]) -> None:
    rows = [
        (
            line.change.kind,
            _word(line.change),
            f"and {line.more:,} more" if line.more else _whom(line.change),
            line.change.target,
            line.reason,
        )
        for line in shown
    ]
    if sys.stdout.isatty():
        title, *lines = in_columns([TITLES, *(cells for _, *cells in rows)], shutil.get_terminal_size().columns)
        click.secho(title, bold=True)
        for (kind, *_), line in zip(rows, lines, strict=True):
            click.secho(line, **STYLES.get(kind, {"fg": "green"}))
        return
    widths = [max(len(row[column]) for row in rows) for column in (1, 2, 3)]
    for _, word, whom, target, reason in rows:
        click.echo(f"  {word:<{widths[0]}}  {whom:<{widths[1]}}  {target:<{widths[2]}}  {reason}")


def _word(change: Change) -> str:
    return "close category" if change.closes else WORDS[change.kind]


def _whom(change: Change) -> str:
    if change.username and change.person and change.person != change.username:
        return f"{change.username} ({change.person})"
    return change.username or change.person or NOBODY


# A plan of thousands of lines in a few: those that are alike are shown by example, and counted. Pure.


MANY = 8
"""Up to this many lines that are alike are all shown."""
EXAMPLES, FEW_EXAMPLES, MANY_COHORTS = 3, 1, 20
_PLACE = re.compile(r"\s*\([^()]*:[^()]*\d[^()]*\)")
_ADDRESS = re.compile(r"\S+@[^\s;,)]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a plan as it is shown; `more` is 0, or how many others it stands for."""

    change: Change
    reason: str
    more: int = 0


def all_of(lines: Iterable[Change]) -> list[Shown]:
    """Return every line."""
    return [Shown(line, line.reason) for line in lines]


def condensed(lines: Sequence[Change], examples: int = EXAMPLES) -> list[Shown]:
    """Return the lines of one cohort; of many that are alike a few, and then how many more there are."""
    alike: dict[tuple[str, ...], list[Change]] = {}
    for line in lines:
        alike.setdefault((line.kind.value, line.target, general(line.reason)), []).append(line)
    return [shown for (_, _, reason), some in alike.items() for shown in _examples(some, reason, examples)]


def examples_for(cohorts: int) -> int:
    """Return how many examples of each kind of line are shown, the fewer the more cohorts there are."""
    return EXAMPLES if cohorts <= MANY_COHORTS else FEW_EXAMPLES


def general(reason: str) -> str:
    """Return a reason without what names a person: no places in the roster and no addresses."""
    return _ADDRESS.sub("…", _PLACE.sub("", reason)).strip()


def _examples(lines: Sequence[Change], reason: str, examples: int) -> Iterator[Shown]:
    shown = lines if len(lines) <= MANY else lines[:examples]
    yield from all_of(shown)
    if len(shown) < len(lines):
        yield Shown(lines[0], reason, len(lines) - len(shown))
