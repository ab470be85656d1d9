"""Whether it is time for a step, and for whom it is: its rules over what the store, the forum and the facts tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.participation import Counts
from sync_worker.languages.language import capital
from sync_worker.model import TOGETHER, FactType, Role, fold
from sync_worker.playbook.checks import templates_of
from sync_worker.plays.assignment import ASSIGNMENT, answered_by
from sync_worker.publish.gate import accounts_named, learners_of
from sync_worker.rules.rule import EVERYBODY, Unknown, Verdict, evaluate, words_of
from sync_worker.rules.saying import sayings_for
from sync_worker.rules.terms import CohortSeen, PersonSeen, cohort_values, person_values
from sync_worker.store.ledger import OF_THE_WORKER, drafts
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.activity.reader import ActivityReader
    from sync_worker.config.base import Strict
    from sync_worker.model import Cohort, Draft, Fact, Occurrence, Topic
    from sync_worker.playbook.format import Allowance, PlaybookFile, Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import ChosenPerson, Drafted, History, Play
    from sync_worker.rules.rule import Rule, Value
    from sync_worker.signals.participation import LearnerActivity

WEEK = timedelta(days=7)
Values = dict[str, "Value | Unknown"]


@dataclass(frozen=True, slots=True)
class StepRules:
    """All rules of a step: on the cohort, on people, and those of its texts by the name of the condition."""

    step: Step
    conditions: Mapping[str, Rule] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Rule]:
        yield from (rule for rule in (self.step.when, self.step.for_, *self.conditions.values()) if rule is not None)


def rules_of(playbook: Playbook, step: Step, play: Play, options: Strict, languages: Iterable[str]) -> StepRules:
    """Return the rules of a step and of the templates that it uses in these languages.

    Raises:
        ConfigError: a template is missing, or wrong.

    """
    conditions: dict[str, Rule] = {}
    for language in languages:
        texts = playbook.texts(language)
        for name, _ in templates_of(play, options):
            if texts.path(name).is_file():
                conditions |= texts.conditions(name)
    return StepRules(step, conditions)


def reading_for(play: Play, rules: StepRules, playbook: PlaybookFile) -> Play:
    """Return a play that is given, and for which is read, what the rules of a step need beside what it needs itself."""
    people, activity = playbook.vocabulary(of_person=True).reads(*rules)
    chooses = rules.step.for_ is not None or bool(rules.step.excluded and play.addresses_people)
    return replace(
        play,
        for_people=play.for_people or people or chooses,
        reads_activity=play.reads_activity or activity,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """The value of every word, of the cohort and of each of its people; those of a person hold the cohort's too."""

    cohort: Values = field(default_factory=dict)
    people: Mapping[int, Values] = field(default_factory=dict)
    facts: Mapping[int, Mapping[str, Fact]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What values are computed from: the store as it is now, and the cohort's people as the forum has them."""

    session: Session
    forum: str
    playbook: PlaybookFile
    activity: ActivityReader
    history: History
    people: Sequence[ChosenPerson]
    lcms: int
    facts: Mapping[int, Mapping[str, Fact]]
    reads_activity: bool
    categories: Sequence[int] = ()

    def known(self, cohort: Cohort, now: datetime) -> Known:
        """Return the values of all words at a moment; what was not read is unknown."""
        steps = [step.id for step in self.playbook.steps]
        topics = self.activity.topics(until=now) if self.reads_activity else []
        learners = [one.user_id for one in self.people if one.role is Role.LEARNER] if self.people else None
        seen = CohortSeen(
            cohort=cohort,
            now=now,
            learners=learners,
            lcms=self.lcms,
            writers=self._writers(topics, learners or (), now) if self.reads_activity and learners else None,
            done=self._done(cohort),
            answers=self._answers(topics) if self.reads_activity else {},
        )
        about_cohort: Values = cohort_values(seen, steps)
        found = {one.user_id: person_values(one, self._facts(one.user_id)) for one in self._people(seen, topics)}
        return Known(about_cohort, {number: {**about_cohort, **own} for number, own in found.items()}, self.facts)

    @staticmethod
    def _writers(topics: Sequence[Topic], learners: Collection[int], now: datetime) -> frozenset[int]:
        written = (post for topic in topics for post in topic.posts if now - WEEK <= post.created_at <= now)
        return frozenset(post.user_id for post in written) & frozenset(learners)

    def _done(self, cohort: Cohort) -> frozenset[str]:
        """Return the steps that happened, whichever of their dates."""
        query = select(OccurrenceRow.step).where(
            OccurrenceRow.forum == self.forum,
            OccurrenceRow.cohort == cohort.key,
            OccurrenceRow.playbook == self.playbook.playbook,
            OccurrenceRow.outcome == "done",
            OccurrenceRow.follow_up == "",
        )
        posted = {past.step for past in self.history.drafts() if past.topic_id is not None and not past.follow_up}
        return frozenset({*self.session.scalars(query), *posted})

    def _answers(self, topics: Sequence[Topic]) -> dict[str, frozenset[int]]:
        """Return who replied in the topics that each step opened; a step that opened none is missing."""
        by_id = {topic.id: topic for topic in topics}
        found: dict[str, frozenset[int]] = {}
        for past in self.history.drafts():
            topic = by_id.get(past.topic_id or 0)
            if topic is not None and past.draft.to_learner is None and not past.follow_up:
                found[past.step] = found.get(past.step, frozenset()) | answered_by(topic)
        return found

    def _people(self, seen: CohortSeen, topics: Sequence[Topic]) -> Iterator[PersonSeen]:
        members = [one.user_id for one in self.people]
        did: Mapping[int, LearnerActivity] = {}
        if self.reads_activity:
            did = Counts(self.session, self.forum, seen.cohort.key, self.categories, seen.now).learners(members)
        tasks = self._tasks(topics)
        for one in self.people:
            yield PersonSeen(
                seen=seen,
                user_id=one.user_id,
                username=one.username,
                role=one.role,
                joined_at=one.joined_at,
                last_seen_at=one.seen_at,
                activity=did.get(one.user_id),
                open_tasks=_open_tasks(one, tasks) if self.reads_activity else None,
            )

    def _tasks(self, topics: Sequence[Topic]) -> list[Topic]:
        """Return the topics of tasks that are there and not closed."""
        given = {past.topic_id for past in self.history.drafts() if ASSIGNMENT in past.draft.refs}
        return [topic for topic in topics if topic.id in given and not topic.closed]

    def _facts(self, user_id: int) -> dict[str, Value]:
        """Return the facts of a person that the playbook says it reads, as far as they are of the kind it says."""
        found = self.facts.get(user_id, {})
        kinds = self.playbook.facts
        return {name: found[name].value for name in kinds if name in found and _is_of(kinds[name], found[name])}


def _is_of(kind: FactType, fact: Fact) -> bool:
    return FactType.of(fact.value) is kind


def _open_tasks(one: ChosenPerson, tasks: Iterable[Topic]) -> int:
    mine = (topic for topic in tasks if one.joined_at is None or one.joined_at <= topic.created_at)
    return sum(one.user_id not in answered_by(topic) for topic in mine)


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a step is for somebody: what its rule says of them, and whether `lcm.yaml` leaves them out of it.

    `of_the_role`: the rule is about people of this role at all; without `role` in it, only learners are meant.
    `spent`: they got as many texts of the step as its limit allows.
    """

    person: ChosenPerson
    verdict: Verdict
    excluded: bool = False
    of_the_role: bool = True
    spent: bool = False

    @property
    def matches(self) -> bool:
        """Whether the step is for them."""
        return self.of_the_role and not self.excluded and self.verdict.matches


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is time for a step, and for whom it is.

    `limit_reached`: the step has happened as often as its limit for the cohort allows. `choices` is empty where nobody
    is chosen: the people were not read, as the step is for all learners or writes to nobody singly.
    """

    when: Verdict = EVERYBODY
    limit_reached: bool = False
    choices: tuple[Choice, ...] = ()

    @property
    def is_time(self) -> bool:
        """Whether the step happens now."""
        return self.when.matches and not self.limit_reached

    def why_not(self, step: Step, locale: str) -> str:
        """Return why the step does not happen now, as a sentence."""
        limit = step.limit.per_cohort if step.limit is not None else None
        if self.when.matches and limit is not None:
            return f"{capital(limit_in_words(limit, locale))}."
        return f"{capital(sayings_for(locale).verdict(self.when))}."

    def spent(self) -> frozenset[int]:
        """Return the accounts that got as many texts of the step as they may."""
        return frozenset(one.person.user_id for one in self.choices if one.spent)


def limit_in_words(allowance: Allowance, locale: str) -> str:
    """Return how often is enough, in words."""
    words = sayings_for(locale).words
    pattern = words.limit_in_days if allowance.days else words.limit
    return pattern.format(times=allowance.times, days=allowance.days)


def decide(
    rules: StepRules, known: Known, people: Sequence[ChosenPerson], excluded: Collection[int], used: Used
) -> Decision:
    """Return whether it is time for a step, and for whom it is. Pure."""
    step = rules.step
    when = evaluate(step.when, known.cohort) if step.when is not None else EVERYBODY
    limit = step.limit
    reached = limit is not None and limit.per_cohort is not None and used.cohort_spent(limit.per_cohort)
    spent = used.learners_spent(limit.per_learner) if limit is not None and limit.per_learner else frozenset()
    by_role = step.for_ is not None and "role" in words_of(step.for_)
    choices = tuple(
        Choice(
            one,
            evaluate(step.for_, known.people.get(one.user_id, {})) if step.for_ is not None else EVERYBODY,
            excluded=one.user_id in excluded,
            of_the_role=by_role or one.role is Role.LEARNER,
            spent=one.user_id in spent,
        )
        for one in people
    )
    return Decision(when, reached, choices)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a step wrote before: on which day of the cohort's clock, for which date of the step, to whom.

    `learners` are those whom it reached: one alone, or those whom it brought together.
    """

    day: date
    slot: datetime
    follow_up: str
    learners: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """What a step wrote and did before `today`, and on it: published, about to be, or waiting for an LCM."""

    today: date
    texts: tuple[Text, ...] = ()

    def cohort_spent(self, allowance: Allowance) -> bool:
        """Whether the step happened as often as it may."""
        recent = {one.slot for one in self._recent(allowance) if not one.follow_up}
        return len(recent) >= allowance.times

    def learners_spent(self, allowance: Allowance) -> frozenset[int]:
        """Return who got as many texts of the step as they may."""
        got = Counter(number for one in self._recent(allowance) for number in one.learners)
        return frozenset(number for number, times in got.items() if times >= allowance.times)

    def _recent(self, allowance: Allowance) -> list[Text]:
        days = allowance.days
        return [one for one in self.texts if days is None or (self.today - one.day).days < days]


def used_before(session: Session, forum: str, occurrence: Occurrence, now: datetime) -> Used:
    """Return what an occurrence's step wrote and did before, for all its other dates and follow-ups."""
    zone = occurrence.cohort.zone
    itself = (occurrence.slot, occurrence.follow_up)
    entries = session.scalars(
        select(LedgerRow).where(
            LedgerRow.forum == forum,
            LedgerRow.cohort == occurrence.cohort.key,
            LedgerRow.playbook == occurrence.playbook,
            LedgerRow.step == occurrence.step,
            LedgerRow.state.in_(("intended", "done")),
            LedgerRow.action.not_in(OF_THE_WORKER),
        )
    )
    found = [_of_ledger(row, zone) for row in entries]
    for row in drafts(session, forum, occurrence.cohort.key, ("pending", "approved")):
        if (row.body["playbook"], row.body["step"]) == (occurrence.playbook, occurrence.step):
            found.append(_of_draft(row, zone))
    others = (one for one in found if (one.slot, one.follow_up) != itself)
    return Used(now.astimezone(zone).date(), tuple(others))


def _of_ledger(row: LedgerRow, zone: Any) -> Text:
    day = (row.sent_at or row.created_at).astimezone(zone).date()
    return Text(day, row.slot.astimezone(UTC), row.payload.get("follow_up", ""), learners_of(row.payload))


def _of_draft(row: DraftRow, zone: Any) -> Text:
    slot = datetime.fromisoformat(row.body["slot"]).astimezone(UTC)
    day = row.created_at.astimezone(zone).date()
    return Text(day, slot, row.body.get("follow_up", ""), learners_of(row.body))


def excluded_accounts(session: Session, forum: str, step: Step, people: Iterable[ChosenPerson]) -> frozenset[int]:
    """Return the accounts of the people whom the cohort left out of a step."""
    return accounts_named(session, forum, step.excluded, {fold(one.username): one.user_id for one in people})


def evidence_for(
    draft: Draft, rules: StepRules, decision: Decision, known: Known, locale: str
) -> dict[str, Any] | None:
    """Return what was known when a text was written, as plain data; None where no rule had a say in it.

    Of a text that several people read it is not kept what each of them was like: it is kept for one person at a time,
    so that it can be forgotten with this person.
    """
    choice = next((one for one in decision.choices if one.person.user_id == draft.to_learner), None)
    about = known.people.get(draft.to_learner or 0, known.cohort)
    verdicts = {"when": decision.when if rules.step.when is not None else None}
    verdicts["for"] = choice.verdict if rules.step.for_ is not None and choice is not None else None
    if TOGETHER not in draft.refs:
        verdicts |= {f"text {name}": evaluate(rule, about) for name, rule in rules.conditions.items()}
    said = sayings_for(locale)
    told = {name: one for name, one in verdicts.items() if one is not None}
    if not told:
        return None
    rules_told = {
        name: {
            "said": said.verdict(one),
            "holds": one.truth,
            "read": {word: _plain(value) for word, value in one.read.items()},
        }
        for name, one in told.items()
    }
    read = {word for one in told.values() for word in one.read}
    facts = {
        name: {"value": _plain(fact.value), "source": fact.source, "at": fact.at.isoformat()}
        for name, fact in known.facts.get(draft.to_learner or 0, {}).items()
        if name in read
    }
    return {"rules": rules_told, "facts": facts}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a step's rules said, with the values that they said it of; `rules` None where no step's rules hold."""

    rules: StepRules | None
    known: Known
    decision: Decision

    def chosen(self) -> frozenset[int] | None:
        """Return the accounts whom the step is for; None where it does not say."""
        if self.rules is None or (self.rules.step.for_ is None and not self.rules.step.excluded):
            return None
        return frozenset(one.person.user_id for one in self.decision.choices if one.matches)

    def applied(self, drafted: Drafted, locale: str) -> Drafted:
        """Return what a play drafted, without texts to people who had enough, and with what was known.

        A text that brings people together goes to all of them or to none.
        """
        rules = self.rules
        if rules is None:
            return drafted
        spent = self.decision.spent()
        kept = tuple(one for one in drafted.drafts if spent.isdisjoint(one.learners))
        words, reason = sayings_for(locale).words, drafted.reason
        meant = [one.person.user_id for one in self.decision.choices if one.matches]
        if not kept and (drafted.drafts or (meant and spent.issuperset(meant))):
            reason = words.all_spent
        elif not kept and self.chosen() == frozenset() and rules.step.for_ is not None:
            reason = words.nobody
        told = {one.part: evidence_for(one, rules, self.decision, self.known, locale) for one in kept}
        evidence = {part: found for part, found in told.items() if found is not None}
        trials = tuple(one for one in drafted.trials if one.user_id not in spent)
        return replace(drafted, drafts=kept, reason=reason, evidence=evidence, trials=trials)


def _plain(value: Value | Unknown) -> str | float | bool | None:
    if isinstance(value, Unknown):
        return None
    return value.isoformat() if isinstance(value, date) else value
