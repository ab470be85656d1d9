"""What a step would post and for whom it would be, with the real code on a copy of the store: nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.errors import UsageError
from sync_worker.plays import REGISTRY
from sync_worker.publish.last_look import LastLook
from sync_worker.store.database import scratch_copy
from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.wording import nearest
from sync_worker.worker.drafting import Drafter, look_around, look_further, refresh, to_read
from sync_worker.worker.due import plan
from sync_worker.worker.writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned
    from sync_worker.worker.who_and_when import Weighed


@dataclass(frozen=True, slots=True)
class Preview:
    """What an occurrence would post, and where its topics would stand."""

    planned: Planned
    drafted: Drafted
    category_id: int


def preview(  # noqa: PLR0917
    forum: Forum, store: Store, playbook: Playbook, cohort: Cohort, step: str, on: date | None, now: datetime
) -> Preview:
    """Return what a step would post on a day, or on its next date; as far as can be known now.

    Calls: those of `look_around`, and of `refresh` where the step reads posts or answers; none of them writes.

    Raises:
        UsageError: no such step, or it does not happen on that day; names the nearest.

    """
    if playbook.file.step(step) is None:
        names = [found.id for found in playbook.file.steps]
        raise UsageError(f"playbook '{playbook.name}' has no step '{step}'.{nearest(step, names)}")
    with scratch_copy(store, forum.name) as copy:
        with copy.begin() as session:
            over = occurrences_over(session, forum.name, cohort.key, playbook.name)
            cohort = read_clock(session, forum.name, cohort.key).shifted(cohort)
        dates = [found for found in plan(forum.name, playbook.file, cohort, over) if found.step.id == step]
        planned = choose_date(dates, step, on, now)
        play = REGISTRY[planned.step.play]
        read = to_read(playbook, cohort, [(planned.step, play)])
        surroundings = look_around(forum, store, cohort, read)
        look = LastLook(forum, copy, now)
        refresh(forum, copy, cohort, surroundings, read, now)
        steps = [(play, playbook.options_of(planned.step.id, cohort))]
        surroundings = look_further(forum, copy, cohort, surroundings, playbook, steps)

        def once() -> Drafted:
            with copy.begin() as session:
                return Drafter(forum, session, playbook, surroundings, now, look).draft(planned, play)

        drafted = write(once, look, surroundings.categories.own, cohort.key)
        return Preview(planned, drafted, surroundings.categories.own)


def choose_date(dates: Sequence[Planned], step: str, on: date | None, now: datetime) -> Planned:
    """Return the step's occurrence on a day, or the next to come, or its last one where all are over.

    Raises:
        UsageError: it has no dates, or none on that day.

    """
    if not dates:
        raise UsageError(f"step '{step}' never happens in this cohort's dates.")
    if on is None:
        coming = [found for found in dates if found.over is None and not found.is_missed(now)]
        return coming[0] if coming else dates[-1]
    for found in dates:
        if found.occurrence.local_at.date() == on:
            return found
    days = sorted((found.occurrence.local_at.date() for found in dates), key=lambda day: abs((day - on).days))
    near = " and ".join(day.isoformat() for day in sorted(days[:2]))
    raise UsageError(f"step '{step}' does not happen on {on}.", do=f"The nearest dates are {near}.")


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice run of a step: whether it is time for it, for whom it is, and what each of them would read.

    `drafted` is what it would post if it were time; `follow_ups` are the names of what the step does again.
    """

    planned: Planned
    weighed: Weighed
    drafted: Drafted
    follow_ups: tuple[str, ...]


def practise(  # noqa: PLR0917
    forum: Forum, store: Store, playbook: Playbook, cohort: Cohort, step: str, follow_up: str, now: datetime
) -> Practice:
    """Return what a step, or a follow-up of it, would do at a moment.

    It is taken for its date before that moment, or for its first one. What happens until a moment to come is not known:
    people are taken to write nothing until then.

    Calls: as `preview`, and those of `Forum.members` where the step is for single people.

    Raises:
        UsageError: no such step or follow-up; names the nearest.

    """
    names = [found.id for found in playbook.file.steps]
    if step not in names:
        raise UsageError(f"playbook '{playbook.name}' has no step '{step}'.{nearest(step, names)}")
    with scratch_copy(store, forum.name) as copy:
        with copy.begin() as session:
            over = occurrences_over(session, forum.name, cohort.key, playbook.name)
            cohort = read_clock(session, forum.name, cohort.key).shifted(cohort)
        planned, follow_ups = _practised(plan(forum.name, playbook.file, cohort, over), step, follow_up, now)
        play = REGISTRY[planned.step.play]
        read = to_read(playbook, cohort, [(planned.step, play)])
        surroundings = look_around(forum, store, cohort, read)
        look = LastLook(forum, copy, now)
        refresh(forum, copy, cohort, surroundings, read, now)
        steps = [(play, playbook.options_of(planned.step.id, cohort))]
        surroundings = look_further(forum, copy, cohort, surroundings, playbook, steps)

        def once() -> Drafted:
            with copy.begin() as session:
                return Drafter(forum, session, playbook, surroundings, now, look).draft(
                    replace(planned, latest=None), play
                )

        drafted = write(once, look, surroundings.categories.own, cohort.key)
        with copy.begin() as session:
            drafter = Drafter(forum, session, playbook, surroundings, now, look)
            weighed = drafter.weigh(planned.occurrence, planned.step, play)
        return Practice(planned, weighed, drafted, follow_ups)


def _practised(dates: Sequence[Planned], step: str, follow_up: str, now: datetime) -> tuple[Planned, tuple[str, ...]]:
    """Return the date that is meant, and the names of the step's follow-ups."""
    of_step = [found for found in dates if found.step.id == step]
    if not of_step:
        raise UsageError(f"step '{step}' never happens in this cohort's dates.")
    names = tuple(one.name for one in of_step[0].step.follow_ups)
    if follow_up and follow_up not in names:
        raise UsageError(f"step '{step}' has no follow-up '{follow_up}'.{nearest(follow_up, names)}")
    found = [one for one in of_step if one.occurrence.follow_up == follow_up]
    if not found:
        raise UsageError(f"'{step}/{follow_up}' never happens in this cohort's dates.")
    past = [one for one in found if one.occurrence.at <= now]
    return (past[-1] if past else found[0]), names
