"""`lcm participation`, `network`, `pairs`, `nudges`: how learners take part, with whom, and whether messages help."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.participation import Counts, dismiss, restore
from sync_worker.cli.workspace import Workspace, print_json, print_rows, reading_topics
from sync_worker.desk.words import words_for
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.languages.parts import REPORT
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Role
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.pair import groups_of
from sync_worker.signals.network import network_by_week, network_of
from sync_worker.store.database import scratch_copy
from sync_worker.store.tables import LedgerRow
from sync_worker.wording import nearest
from sync_worker.worker.history import LedgerHistory
from sync_worker.worker.surroundings import look_around, refresh
from sync_worker.worker.taking_part import Learner, taking_part
from sync_worker.worker.trials import effect_in_words, effect_over, trials_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import ChosenPerson
    from sync_worker.plays.context import PastDraft
    from sync_worker.signals.effect import Effect, Sides
    from sync_worker.store.database import Store
    from sync_worker.worker.taking_part import TakingPart
    from sync_worker.worker.trials import StepTrial

PROOF_SHOWN = 10
AN_HOUR = timedelta(hours=1)
NETWORK_PLAY, PEOPLE_PLAY = "roundup", "assignment"  # what they read is what these two commands read


@dataclass(frozen=True, slots=True)
class _Seen:
    """A cohort as it was just read, into a copy of the store."""

    store: Store
    forum_name: str
    forum_url: str
    cohort: Cohort
    categories: Sequence[int]
    people: Mapping[int, ChosenPerson]
    playbook: Playbook | None
    now: datetime

    def part(self) -> TakingPart:
        learners = [Learner(one.user_id, one.joined_at, one.seen_at) for one in self.people.values()]
        with self.store.begin() as session:
            return taking_part(
                session, self.forum_name, self.cohort, self.categories, learners, self.playbook, self.now
            )

    def posts_of(self, user_id: int) -> list[str]:
        """Return the addresses of the last posts of somebody."""
        with self.store.begin() as session:
            found = Counts(session, self.forum_name, self.cohort.key, self.categories, self.now).posts_of(
                user_id, PROOF_SHOWN
            )
        return [f"{self.forum_url}/t/{topic}/{number}" for _, topic, number, _ in found]

    def person(self, username: str) -> ChosenPerson:
        """Return a learner by username.

        Raises:
            UsageError: nobody in the cohort has it.

        """
        known = {one.username.casefold(): one for one in self.people.values()}
        found = known.get(username.removeprefix("@").casefold())
        if found is None:
            hint = nearest(username, [one.username for one in self.people.values()])
            raise UsageError(f"no learner of cohort '{self.cohort.key}' has the username '{username}'.{hint}")
        return found


@contextmanager
def looking_at(workspace: Workspace, key: str, now: datetime) -> Iterator[_Seen]:
    """Read a cohort's members and posts; what is read is kept in a copy of the store alone."""
    cohort = workspace.cohort(key)
    forum = workspace.connect(Priority.PERSON, read_only=True)
    playbook = load_named(cohort.playbook, workspace.settings.playbooks, REGISTRY) if cohort.playbook else None
    with scratch_copy(workspace.store, forum.name) as copy:
        around = look_around(forum, copy, cohort, [REGISTRY[PEOPLE_PLAY]])
        with reading_topics() as progress:
            refresh(forum, copy, cohort, around, [REGISTRY[NETWORK_PLAY]], now, progress=progress)
        people = {one.user_id: one for one in around.people if one.role is Role.LEARNER}
        yield _Seen(copy, forum.name, forum.url, cohort, around.categories.readable, people, playbook, now)


def participation(
    *,
    cohort: str,
    user: str | None,
    reason: str | None,
    until: date | None,
    show_again: bool,
    by: str,
    now: datetime,
    config_file: Path,
    as_json: bool,
) -> None:
    """Show how each learner of a cohort takes part, and who may need a hand; or put such a sign aside."""
    if (reason is not None or show_again) and user is None:
        raise UsageError("say whose sign with --user.")
    if reason is not None and (show_again or not reason.strip()):
        raise UsageError("--set-aside takes a reason, for the LCMs who read it later, and excludes --show-again.")
    if until is not None and reason is None:
        raise UsageError("--until belongs to --set-aside.")
    with Workspace(config_file) as workspace, looking_at(workspace, cohort, now) as seen:
        if user is not None and (reason is not None or show_again):
            _put_aside(workspace, seen, user, reason, until, by)
            return
        part = seen.part()
        chosen = [seen.person(user).user_id] if user else sorted(part.activity, key=lambda n: seen.people[n].username)
        rows = [_row(seen, part, number, in_full=user is not None) for number in chosen]
    if as_json:
        print_json(rows[0] if user else rows)
    elif user:
        _print_one(rows[0])
    else:
        _print_all(seen.cohort.key, rows)


def _put_aside(  # noqa: PLR0917
    workspace: Workspace, seen: _Seen, user: str, reason: str | None, until: date | None, by: str
) -> None:
    """Put somebody's sign aside, to the end of a day or of the cohort; without a reason, show it again."""
    found, cohort = seen.person(user), seen.cohort
    with workspace.store.begin() as session:
        if reason is None:
            restore(session, seen.forum_name, cohort.key, found.user_id)
        else:
            ends = datetime.combine(until + timedelta(days=1), time(), cohort.zone) if until else None
            dismiss(session, seen.forum_name, cohort.key, found.user_id, reason, by, seen.now, ends)
    if reason is None:
        click.echo(f"@{found.username}: shown again when there is a sign.")
    else:
        click.echo(f"@{found.username}: put aside {f'until {until}' if until else 'for the rest of the cohort'}.")


def _row(seen: _Seen, part: TakingPart, number: int, *, in_full: bool) -> dict[str, Any]:
    """Return what is known of a learner's part; what the forum does not tell is None."""
    one, words = part.activity[number], words_for(seen.cohort.locale)
    aside = part.dismissed.get(number)
    row: dict[str, Any] = {
        "username": seen.people[number].username,
        "weeks": list(one.weeks),
        "usual": one.usual(part.around.weeks_in_cohort(number)),
        "posts": one.posts,
        "replies_given": one.replies_given,
        "replies_received": one.replies_received,
        "likes_given": one.likes_given,
        "likes_received": one.likes_received,
        "days_active": one.days_active,
        "answered": None if not one.settled_posts else one.answered / one.settled_posts,
        "first_reply_after_hours": None if one.wait is None else round(one.wait / AN_HOUR, 1),
        "last_posted_at": one.last_posted_at,
        "seen_on": one.seen_on,
        "posts_read": one.posts_read,
        "open_tasks": [
            {"title": task.title, "due": task.due, "url": f"{seen.forum_url}/t/{task.topic_id}"}
            for task in part.open_tasks(number)
        ],
        "open_plans": [
            {"day": plan.day, "url": f"{seen.forum_url}/t/{plan.topic_id}/{plan.post_number}"}
            for plan in part.open_plans.get(number, ())
        ],
        "attended": None,
        "on_leave": part.around.is_away(number),
        "needs_hand": [
            {"sign": need.sign.value, "why": words.why(need, one, part), "proof": _proof(seen, need.topic, need.posts)}
            for need in part.needs.get(number, ())
        ],
        "put_aside": None
        if aside is None
        else {"by": aside.by, "reason": aside.reason, "until": _last_day(aside.until, seen.cohort)},
    }
    if number in part.attendance:
        there, held = part.attendance[number]
        row["attended"] = {"sessions": held, "attended": there}
    if in_full:
        row["last_posts"] = seen.posts_of(number)
    return row


def _proof(seen: _Seen, topic: int | None, posts: Sequence[int]) -> list[str]:
    return [f"{seen.forum_url}/t/{topic}"] if topic is not None else [f"{seen.forum_url}/p/{one}" for one in posts]


def _print_all(key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        click.echo(f"Cohort '{key}' has no learners.")
        return
    print_rows(
        ("learner", "posts by week", "replied", "answered by", "liked", "days", "last wrote", "seen"),
        [
            (
                *(row["username"], " ".join(map(str, row["weeks"])), row["replies_given"], row["replies_received"]),
                *(row["likes_received"], row["days_active"], _day(row["last_posted_at"]), _day(row["seen_on"], "?")),
            )
            for row in rows
        ],
    )
    pointed = [row for row in rows if row["needs_hand"]]
    click.echo("\nMay need a hand:" if pointed else "\nNobody stands out.")
    for row in pointed:
        for need in row["needs_hand"]:
            click.echo(f"  @{row['username']}: {' '.join(need['why'])}")
            for place in need["proof"]:
                click.echo(f"    {place}")
    for row in rows:
        if row["put_aside"]:
            click.echo(f"  @{row['username']}: {_aside(row['put_aside'])}")


def _last_day(until: datetime | None, cohort: Cohort) -> date | None:
    """Return the last day on which something counts that ends at a moment."""
    return None if until is None else (until - timedelta(microseconds=1)).astimezone(cohort.zone).date()


def _aside(said: Mapping[str, Any]) -> str:
    until = f" until {_day(said['until'])}" if said["until"] else ""
    return f"put aside{until} by {said['by']}" + (f": {said['reason']}" if said["reason"] else "")


def _print_one(row: Mapping[str, Any]) -> None:
    named = {
        "posts in the last four weeks": " ".join(map(str, row["weeks"])),
        "usual in a week": "unknown" if row["usual"] is None else f"{row['usual']:g}",
        "posts in all": row["posts"],
        "replies to others": row["replies_given"],
        "replies of others": row["replies_received"],
        "likes given": "unknown" if row["likes_given"] is None else row["likes_given"],
        "likes received": row["likes_received"],
        "days active in four weeks": row["days_active"],
        "of recent posts answered": "none to answer" if row["answered"] is None else f"{row['answered']:.0%}",
        "first reply after": "-" if row["first_reply_after_hours"] is None else f"{row['first_reply_after_hours']} h",
        "last wrote": _day(row["last_posted_at"]),
        "last seen": _day(row["seen_on"], "unknown"),
        "posts read in four weeks": "unknown" if row["posts_read"] is None else row["posts_read"],
        "sessions attended": "unknown" if not row["attended"] else "{attended} of {sessions}".format(**row["attended"]),
        "on leave": "yes" if row["on_leave"] else "no",
    }
    click.echo(f"@{row['username']}")
    print_rows(("", ""), [(f"  {name}", value) for name, value in named.items()])
    for task in row["open_tasks"]:
        click.echo(f"  open task: {task['title']}, due {task['due']:%Y-%m-%d %H:%M}, {task['url']}")
    for plan in row["open_plans"]:
        click.echo(f"  open plan: for {plan['day']:%Y-%m-%d}, {plan['url']}")
    for need in row["needs_hand"]:
        click.echo(f"  may need a hand: {' '.join(need['why'])}")
    if row["put_aside"]:
        click.echo(f"  {_aside(row['put_aside'])}")
    for place in row["last_posts"]:
        click.echo(f"  {place}")


def _day(moment: datetime | date | None, unknown: str = "-") -> str:
    return unknown if moment is None else f"{moment:%Y-%m-%d}"


def pairs(cohort: str, config_file: Path, *, as_json: bool) -> None:
    """Show who was brought together in a cohort, and who was not and why, newest first."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        names = {one.id: one.username for one in members_of(forum, workspace.store.sessions, target, target.group)}
        with workspace.store.begin() as session:
            history = LedgerHistory(session, forum.name, None, target.key)
            going = [(past, users, _state_of(past)) for past, users in groups_of(history.drafts())]
            left_out = [(past, users, "left out") for past, users in groups_of(history.left_out()) if users]
            found = sorted([*going, *left_out], key=lambda one: one[0].slot, reverse=True)
            entries = {past.key: session.get(LedgerRow, past.key) for past, _, state in found if state != "sent"}
            reasons = {key: entry.reason for key, entry in entries.items() if entry is not None}
        rows: list[dict[str, Any]] = [
            {
                "day": past.slot.astimezone(target.zone).date(),
                "step": past.step,
                "people": _named(users, past.draft.recipients, names),
                "state": state,
                "reason": reasons.get(past.key, ""),
                "url": f"{forum.url}/t/{past.topic_id}" if past.topic_id is not None else None,
            }
            for past, users, state in found
        ]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo(f"Nobody was brought together in cohort '{target.key}' so far.")
    else:
        listed = [", ".join(f"@{one}" for one in row["people"]) for row in rows]
        print_rows(
            ("day", "step", "state", "people", "reason"),
            [
                (row["day"], row["step"], row["state"], people, row["reason"])
                for row, people in zip(rows, listed, strict=True)
            ],
        )


def _state_of(past: PastDraft) -> str:
    return "waits" if past.topic_id is None else "sent"


def _named(users: Sequence[int], recipients: Sequence[str], names: Mapping[int, str]) -> list[str]:
    """Return how people are called now, else then; of messages with a person who was forgotten, by the others alone."""
    if len(users) != len(recipients):
        return [names.get(number, "?") for number in users]
    return [names.get(number, was) for number, was in zip(users, recipients, strict=True)]


def network(cohort: str, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show who answers whom in a cohort: density, reciprocity, isolates, bridges, and how they change by week."""
    with Workspace(config_file) as workspace, looking_at(workspace, cohort, now) as seen:
        with seen.store.begin() as session:
            counts = Counts(session, seen.forum_name, seen.cohort.key, seen.categories, now)
            answers = counts.answers(since=seen.cohort.start)
        people, today = sorted(seen.people), now.astimezone(UTC).date()
        found = network_of(people, answers)
        weeks = network_by_week(people, answers, seen.cohort.start, min(today, seen.cohort.end))
        names = {number: one.username for number, one in seen.people.items()}
    if as_json:
        isolates, bridges = [names[one] for one in found.isolates], [[names[a], names[b]] for a, b in found.bridges]
        print_json({**asdict(found), "isolates": isolates, "bridges": bridges, "weeks": [asdict(one) for one in weeks]})
        return
    click.echo(
        f"{found.people} learners, {found.ties} pairs answered each other; density {found.density:.2f},"
        f" reciprocity {_share(found.reciprocity)}, {found.parts} separate parts."
    )
    if found.isolates:
        click.echo(f"Not connected to anybody yet: {', '.join('@' + names[one] for one in found.isolates)}")
    for first, second in found.bridges:
        click.echo(f"Only tie between two parts: @{names[first]} and @{names[second]}")
    if weeks:
        click.echo()
        print_rows(
            ("week of", "pairs", "new pairs", "not connected so far", "density so far", "reciprocity so far"),
            [
                (one.week, one.ties, one.first_ties, one.isolates, f"{one.density:.2f}", _share(one.reciprocity))
                for one in weeks
            ],
        )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def nudges(*, cohort: str, programme: bool, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show who came back of those who were written to for their silence, and of those whom the lot left out.

    Calls: for each cohort those of `look_around` and `refresh`.

    Raises:
        UsageError: the cohort is in no programme.

    """
    with Workspace(config_file) as workspace:
        chosen = workspace.cohort(cohort)
        if programme and not chosen.programme:
            raise UsageError(f"cohort '{cohort}' is in no programme.", do="Name one in lcm.yaml, or ask without it.")
        named = [one for one in workspace.settings.cohorts if one.programme == chosen.programme]
        keys = [one.key for one in named] if programme else [chosen.key]
        found: list[StepTrial] = []
        for key in keys:
            with looking_at(workspace, key, now) as seen, seen.store.begin() as session:
                found += trials_of(session, seen.forum_name, key, now)
    effect = effect_over(found)
    said = effect_in_words(effect, frozenset().union(*(one.days for one in found)), REPORT.of("en").words)
    if as_json:
        print_json({"trials": [_trial(one) for one in found], **_effect(effect), "said": said})
        return
    if not found:
        click.echo("Nobody was held out of a nudge so far. A step of the play nudge does that with `holdout`.")
        return
    print_rows(
        ("cohort", "step", "held out", "came back, to be written to", "came back, held out", "sent", "still running"),
        [
            (
                *(one.cohort, one.step, f"{one.share:.0%}"),
                *(f"{side.back} of {side.people}" for side in one.sides),
                *(one.written_to, one.running),
            )
            for one in found
        ],
    )
    click.echo(f"\n{said}")


def _trial(one: StepTrial) -> dict[str, Any]:
    return {
        "cohort": one.cohort,
        "step": one.step,
        "holdout": one.share,
        "days": sorted(one.days),
        **_sides(one.sides),
        "sent": one.written_to,
        "running": one.running,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    difference = effect.difference._asdict() if effect.difference is not None else None
    return {"together": _sides(effect.sides), "difference": difference, "finding": effect.finding.value}


def _sides(sides: Sides) -> dict[str, Any]:
    return {"nudged": sides.nudged._asdict(), "held_out": sides.held_out._asdict()}
