"""Drafts that hold: looked up on the forum, written anew where something does not hold; or only previewed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import ConfigError, UsageError
from sync_worker.model import DraftKind, Occurrence
from sync_worker.playbook.schedule import following, tailored
from sync_worker.plays import REGISTRY, Drafted
from sync_worker.publish.entries import Place, build_entries
from sync_worker.publish.gate import learners_of
from sync_worker.publish.last_check import ROUNDS
from sync_worker.publish.last_look import LastLook
from sync_worker.store.database import scratch_copy
from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.store.tables import DraftRow
from sync_worker.wording import nearest
from sync_worker.worker.drafting import Drafter
from sync_worker.worker.due import plan
from sync_worker.worker.history import LedgerHistory
from sync_worker.worker.surroundings import look_around, look_further, refresh, to_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Reach
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.store.database import Store
    from sync_worker.store.tables import LedgerRow
    from sync_worker.worker.due import Planned
    from sync_worker.worker.surroundings import Site
    from sync_worker.worker.who_and_when import Weighed


def write(draft: Callable[[], Drafted], look: LastLook, target: int, cohort: str) -> Drafted:
    """Draft until all that the drafts show holds on the forum, a few times at most.

    What `look` has seen must reach the drafting. What still does not hold in the end is found again before it is sent.

    Args:
        draft: writes the drafts from the store and from what was seen.
        look: looks up what they show.
        target: the category whose readers count.
        cohort: the cohort's key.

    """
    for _ in range(ROUNDS):
        drafted = draft()
        if not any(look.findings(one, target, cohort) for one in drafted.drafts):
            break
    return drafted


def read_topic(store: Store, forum: str, planned: Planned, play: Play, look: LastLook) -> None:
    """Read the topic of a date anew, where this follow-up goes by what it says.

    Without the plugin nothing tells that the first post of a topic was edited. Calls: 1; none for any other date.
    """
    occurrence, step = planned.occurrence, planned.step
    if not play.goes_by_topic or not occurrence.follow_up:
        return
    with store.begin() as session:
        past = LedgerHistory(session, forum, occurrence).drafts()
    own = occurrence.follows or occurrence.slot
    mine = (one for one in past if one.step == step.id and (step.at or one.is_of(own, occurrence.own_day)))
    look.read_topics({one.topic_id for one in mine if one.draft.kind is DraftKind.TOPIC and one.topic_id is not None})


@dataclass(frozen=True, slots=True)
class WorkerWriter:
    """Writes entries of the ledger anew with the play that wrote them."""

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    plays: Mapping[str, Play]
    now: datetime
    site: Site | None = None
    matching: dict[tuple[str, str, datetime, str], frozenset[int]] = field(default_factory=dict)
    there: dict[tuple[str, str, datetime, str], frozenset[int]] = field(default_factory=dict)

    def cohort(self, key: str) -> Cohort | None:
        """Return a cohort; None where it is not among the settings any more."""
        return next((complete_cohort(one) for one in self.settings.cohorts if one.key == key), None)

    def reach(self, key: str) -> Reach:
        """Return how often and when a learner of a cohort may be written to."""
        return self.settings.reach_of(key)

    def left_out(self, cohort: str, step: str) -> tuple[str, ...]:
        """Return whom a cohort left out of a step, by username or by the key of the roster."""
        found = self.cohort(cohort)
        changes = found.step_changes if found is not None else ()
        return next((change.without for change in changes if change.id == step), ())

    def anew(self, row: LedgerRow, look: LastLook) -> Drafted:
        """Draft an entry's occurrence once more. Calls: those of `look_around` and of `look_further`."""
        found = self._of(row)
        if found is None:
            return Drafted((), "neither the cohort nor the step is there any more")
        cohort, playbook, step = found
        play = self.plays[step.play]
        options = playbook.options_of(row.step, cohort)
        surroundings = look_around(self.forum, self.store, cohort, to_read(playbook, cohort, [(step, play)]))
        surroundings = look_further(
            self.forum, self.store, cohort, surroundings, playbook, [(play, options)], self.site
        )
        with self.store.begin() as session:
            occurrence = self._occurrence(session, row, cohort)
            drafter = Drafter(self.forum, session, playbook, surroundings, self.now, look)
            return drafter.anew(occurrence, step, play)

    def people_now(self, row: LedgerRow) -> frozenset[int] | None:
        """Return whom the step of an entry is for now; None where its cohort, its step or a text cannot be read.

        Calls: those of `look_around` and `refresh` for the first text of a step in a run, else none.
        """
        found = self._of(row)
        if found is None:
            return None
        series = (row.cohort, row.step, row.slot, row.payload.get("follow_up", ""))
        if series not in self.there:
            try:
                self.there[series] = frozenset(
                    one.person.user_id for one in self._weighed(row, *found).decision.choices if one.matches
                )
            except ConfigError:
                return None
        return self.there[series]

    def is_still_for(self, row: LedgerRow) -> bool:
        """Whether a text that was written earlier, by a step with a rule on people, still goes to whom it matches.

        A text that brings people together must be for each of them. One that an LCM asked for is for whom they chose.
        What the forum and the store tell is read once a run for all texts of a step.

        Calls: none for a text of this run, or of a step without such a rule; else those of `look_around` and `refresh`
        for the first text of a step.
        """
        learners = learners_of(row.payload)
        if not learners or row.payload.get("asked_for"):
            return True
        with self.store.begin() as session:
            waited = session.get(DraftRow, row.key)
        if (waited.created_at if waited is not None else row.created_at) >= self.now:
            return True
        found = self._of(row)
        if found is None or found[2].for_ is None:
            return True
        series = (row.cohort, row.step, row.slot, row.payload.get("follow_up", ""))
        if series not in self.matching:
            try:
                self.matching[series] = self._matching(row, *found)
            except ConfigError:  # a text of the step cannot be read any more; this one was written before
                return True
        return self.matching[series].issuperset(learners)

    def _matching(self, row: LedgerRow, cohort: Cohort, playbook: Playbook, step: Step) -> frozenset[int]:
        return self._weighed(row, cohort, playbook, step).chosen() or frozenset()

    def _weighed(self, row: LedgerRow, cohort: Cohort, playbook: Playbook, step: Step) -> Weighed:
        play = self.plays[step.play]
        read = to_read(playbook, cohort, [(step, play)])
        surroundings = look_around(self.forum, self.store, cohort, read)
        refresh(self.forum, self.store, cohort, surroundings, read, self.now)
        with self.store.begin() as session:
            drafter = Drafter(self.forum, session, playbook, surroundings, self.now)
            return drafter.weigh(self._occurrence(session, row, cohort), step, play)

    def _of(self, row: LedgerRow) -> tuple[Cohort, Playbook, Step] | None:
        """Return the cohort, the playbook and the step of an entry; None where one of them is not there any more."""
        cohort, playbook = self.cohort(row.cohort), self.playbooks.get(row.playbook)
        if cohort is None or playbook is None:
            return None
        cohort = following(cohort, row.playbook)
        try:
            step = tailored(playbook.file, cohort).step(row.step)
        except ConfigError:  # the cohort's changes leave no plan, which is reported where its steps are looked after
            return None
        return (cohort, playbook, step) if step is not None else None

    def _occurrence(self, session: Session, row: LedgerRow, cohort: Cohort) -> Occurrence:
        return Occurrence(
            read_clock(session, self.forum.name, cohort.key).shifted(cohort),
            row.playbook,
            row.step,
            row.slot,
            follow_up=row.payload.get("follow_up", ""),
            follows=_moment(row, "follows"),
            follows_moved=_moment(row, "follows_moved"),
        )


def _moment(row: LedgerRow, name: str) -> datetime | None:
    written = row.payload.get(name)
    return datetime.fromisoformat(written) if written else None


# What a step would post and for whom it would be, with the real code on a copy of the store: nothing is kept.


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

    Prompts and resources of the dates before it that are still to come are taken as posted by then.

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
        all_dates = plan(forum.name, playbook.file, cohort, over)
        planned = choose_date([found for found in all_dates if found.step.id == step], step, on, now)
        play = REGISTRY[planned.step.play]
        read = to_read(playbook, cohort, [(planned.step, play)])
        surroundings = look_around(forum, store, cohort, read)
        look = LastLook(forum, copy, now)
        refresh(forum, copy, cohort, surroundings, read, now)
        steps = [(play, playbook.options_of(planned.step.id, cohort))]
        surroundings = look_further(forum, copy, cohort, surroundings, playbook, steps)

        own = surroundings.categories.own
        for earlier in before(all_dates, planned, now):
            with copy.begin() as session:
                drafter = Drafter(forum, session, playbook, surroundings, now, look)
                drafts = drafter.draft(replace(earlier, latest=None), play).drafts
                place = Place(forum.name, own, earlier.step.play)
                entries = build_entries(place, earlier.occurrence, drafts, "", now)
                session.add_all([*entries.ledger, *entries.waiting])

        def once() -> Drafted:
            with copy.begin() as session:
                return Drafter(forum, session, playbook, surroundings, now, look).draft(planned, play)

        read_topic(copy, forum.name, planned, play, look)
        drafted = write(once, look, own, cohort.key)
        return Preview(planned, drafted, own)


COMES_ONCE = frozenset({"prompt", "resource"})
"""Plays that take the next entry of a list: what a date of theirs gets depends on the dates before it."""


def before(dates: Iterable[Planned], planned: Planned, now: datetime) -> list[Planned]:
    """Return the dates of the same play that are still to come before one, where they decide what is left for it."""
    if planned.step.play not in COMES_ONCE or planned.over is not None:
        return []
    coming = (one for one in dates if one.over is None and not one.is_missed(now) and not one.occurrence.follow_up)
    return [one for one in coming if one.step.play == planned.step.play and one.occurrence.at < planned.occurrence.at]


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

    Calls: as `preview`, and those of `Forum.members` where the step is for individual people.

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

        read_topic(copy, forum.name, planned, play, look)
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
