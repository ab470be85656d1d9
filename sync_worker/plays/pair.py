"""Bring learners together: all of them in pairs, or newcomers with somebody who is connected; who with whom.

A matching of the greatest weight takes time in the third power of the number of people (Edmonds' blossom algorithm, as
in networkx), which is hours for 5,000. Here everybody in turn, isolates first, takes the best of those who are left;
then two pairs exchange partners wherever that is better (2-opt). Pure; chance is an argument.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, combinations
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

from pydantic import Field

from sync_worker.config.base import Strict
from sync_worker.content.decks import read_deck
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.content.reasons import reasons_for
from sync_worker.languages.language import shortened
from sync_worker.model import FACT_NAME, TOGETHER, Citation, Draft, DraftKind, Use
from sync_worker.plays.context import Days, Drafted, Later, LaterField, Name
from sync_worker.plays.frame import called, cohort_words, host_links, host_names, in_cohort, moment_in_words
from sync_worker.signals.needs_hand import leave_of
from sync_worker.signals.network import isolated
from sync_worker.timeline import read_clock_time

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sync_worker.content.decks import Prompt
    from sync_worker.model import Topic
    from sync_worker.plays.context import ChosenPerson, PastDraft, PlayContext


Pair = tuple[int, int]
SAMPLE = 48  # people that one chooses from, of those who are left
FEW = 80  # people up to whom all exchanges of partners are tried, from several beginnings
BEGINNINGS = 8
PASSES = 6
TRIES_A_PERSON = 40
ACROSS = 2
NEW_TIE = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be matched.

    `traits` are facts across which pairs should go, such as site and team, "" for what is not known. An `isolated`
    person is connected to nobody yet.
    """

    user_id: int
    traits: tuple[str, ...] = ()
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """Who was together before, and who has answered each other on the forum; both as pairs with the lower id first."""

    together: Collection[Pair] = frozenset()
    tied: Collection[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Matching:
    """Groups of two or three, and those for whom nobody is left whom they have not met. Ids in ascending order."""

    groups: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...] = ()


def pair_of(one: int, other: int) -> Pair:
    """Return two people as a pair."""
    return (one, other) if one < other else (other, one)


def match(people: Sequence[Candidate], past: Past, rng: random.Random) -> Matching:
    """Return groups of two, and of three for those who are over.

    Nobody is with somebody they were with before. An isolate is with somebody who is connected wherever that can be;
    then pairs go across as many traits as possible; then those who never answered each other come first. Up to 80
    people the best of several attempts is taken. Time: a constant number of steps for each person above that.

    Args:
        people: each once.
        past: what was before.
        rng: decides between what is equally good; the same one gives the same groups.

    """
    beginnings = BEGINNINGS if len(people) <= FEW else 1
    found = [_Attempt(people, past, rng).made() for _ in range(beginnings)]
    return max(found, key=lambda one: (-len(one[0].left_out), one[1]))[0]


def worth(one: Candidate, other: Candidate, past: Past) -> int | None:
    """Return how good it is that two people meet, 0 at least; None where they met before."""
    pair = pair_of(one.user_id, other.user_id)
    if pair in past.together:
        return None
    known = [(mine, theirs) for mine, theirs in zip(one.traits, other.traits, strict=True) if mine and theirs]
    across = ACROSS * sum(mine != theirs for mine, theirs in known)
    opens = (ACROSS * len(one.traits) + NEW_TIE + 1) if one.isolated != other.isolated else 0
    return opens + across + (NEW_TIE if pair not in past.tied else 0)


class _Attempt:
    """One matching from one beginning."""

    def __init__(self, people: Sequence[Candidate], past: Past, rng: random.Random) -> None:
        self._past, self._rng = past, rng
        self._pairs: list[tuple[Candidate, Candidate]] = []
        shuffled = sorted(people, key=lambda one: one.user_id)
        rng.shuffle(shuffled)
        self._waiting = sorted(shuffled, key=lambda one: not one.isolated)
        self._over: list[Candidate] = []

    def made(self) -> tuple[Matching, int]:
        """Return the matching, and what its groups are worth in all."""
        self._choose()
        self._free_the_blocked()
        if 2 * len(self._pairs) <= FEW:
            self._exchange_all()
        else:
            self._exchange_some()
        trios, left = self._join()
        groups = sorted(tuple(sorted(one.user_id for one in group)) for group in trios)
        total = sum(self._worth(a, b) or 0 for group in trios for a, b in combinations(group, 2))
        return Matching(tuple(groups), tuple(sorted(one.user_id for one in left))), total

    def _worth(self, one: Candidate, other: Candidate) -> int | None:
        return worth(one, other, self._past)

    def _choose(self) -> None:
        """Let everybody in turn take the best of some who are left; of all, where none of these can be taken."""
        waiting = list(reversed(self._waiting))  # taken from the end: isolates first
        while waiting:
            one = waiting.pop()
            few = self._rng.sample(range(len(waiting)), min(SAMPLE, len(waiting)))
            best = self._best(one, waiting, few)
            if best is None and len(few) < len(waiting):
                best = self._best(one, waiting, range(len(waiting)))
            if best is None:
                self._over.append(one)
                continue
            self._pairs.append((one, waiting[best]))
            del waiting[best]

    def _best(self, one: Candidate, waiting: Sequence[Candidate], places: Collection[int]) -> int | None:
        rated = [(worth, place) for place in places if (worth := self._worth(one, waiting[place])) is not None]
        return max(rated, key=lambda found: found[0])[1] if rated else None

    def _free_the_blocked(self) -> None:
        """Split a pair for two who are over and have met each other: each of them takes one of it."""
        while len(self._over) > 1:
            found = next(self._splits(), None)
            if found is None:
                return
            place, first, second = found
            a, b = self._pairs[place]
            self._pairs[place] = (a, first)
            self._pairs.append((b, second))
            self._over = [one for one in self._over if one not in (first, second)]

    def _splits(self) -> Iterator[tuple[int, Candidate, Candidate]]:
        for first, second in combinations(self._over, 2):
            for place, (a, b) in enumerate(self._pairs):
                for one, other in ((first, second), (second, first)):
                    if self._worth(a, one) is not None and self._worth(b, other) is not None:
                        yield place, one, other

    def _exchange_all(self) -> None:
        for _ in range(PASSES):
            better = [self._exchange(i, j) for i, j in combinations(range(len(self._pairs)), 2)]
            if not any(better):
                return

    def _exchange_some(self) -> None:
        count = len(self._pairs)
        for _ in range(TRIES_A_PERSON * count):
            i, j = self._rng.randrange(count), self._rng.randrange(count)
            if i != j:
                self._exchange(i, j)

    def _exchange(self, i: int, j: int) -> bool:
        """Let two pairs exchange partners, where that is better."""
        (a, b), (c, d) = self._pairs[i], self._pairs[j]
        now = (self._worth(a, b) or 0) + (self._worth(c, d) or 0)
        for first, second in (((a, c), (b, d)), ((a, d), (b, c))):
            one, other = self._worth(*first), self._worth(*second)
            if one is not None and other is not None and one + other > now:
                self._pairs[i], self._pairs[j] = first, second
                return True
        return False

    def _join(self) -> tuple[list[tuple[Candidate, ...]], list[Candidate]]:
        """Let each who is over join the pair that suits best, one a pair; return the groups, and who is left."""
        groups: list[tuple[Candidate, ...]] = list(self._pairs)
        left: list[Candidate] = []
        for one in self._over:
            rated = []
            for place, group in enumerate(groups):
                values = [self._worth(one, each) for each in group] if len(group) == 2 else [None]
                known = [value for value in values if value is not None]
                if len(known) == len(values):
                    rated.append((sum(known), place))
            if rated:
                place = max(rated)[1]
                groups[place] = (*groups[place], one)
            else:
                left.append(one)
        return groups, left


# Bring learners together: all of them in pairs (`pair`), or newcomers with somebody who is connected.


PAIR, INTRODUCTION = "pair", "introduction"
QUESTION = "question:"
TRAIT_LONGEST = 40
PART_LONGEST = 40
FactName = Annotated[str, Field(pattern=f"^{FACT_NAME.pattern}$")]


class Options(Strict):
    """`with:` of a `pair` step: where its questions come from, across which facts it goes, the date it suggests."""

    question_deck: Name
    across: Annotated[tuple[FactName, ...], Field(max_length=4)] = ()
    meet: LaterField = Later(3, read_clock_time("12:30"))
    template: Name = "pair"


class IntroductionOptions(Options):
    """`with:` of an `introductions` step: also for how long somebody is new."""

    new_for: Days = 14
    template: Name = "introduction"


@dataclass(frozen=True, slots=True)
class PersonWords:
    """Somebody in an opening message: what they are called, their full name as a link, and where they work, or ""."""

    name: Markdown
    who: Markdown
    place: Markdown


def draft(context: PlayContext) -> Drafted:
    """Return the opening messages of a date's pairs: each to the two, or three, alone."""
    scene = _Scene.of(context)
    found = match([scene.candidate(one) for one in scene.people], scene.past, context.rng)
    reasons = reasons_for(context.texts.locale)
    if not found.groups:
        return Drafted((), reasons.nobody_to_pair())
    by_id = {one.user_id: one for one in scene.people}
    drafts = tuple(scene.message([by_id[number] for number in group], PAIR) for group in found.groups)
    return Drafted(drafts, reasons.paired(len(drafts), len(found.left_out)))


def introduce(context: PlayContext) -> Drafted:
    """Return the messages that introduce newcomers, each to one person who is connected, or else who has written."""
    options, scene = cast("IntroductionOptions", context.options), _Scene.of(context)
    reasons, met = reasons_for(context.texts.locale), Counter(chain.from_iterable(scene.past.together))
    new = [one for one in scene.people if one.user_id not in met and _is_new(context, one, options.new_for)]
    numbers = {one.user_id for one in new}
    settled = [one for one in scene.people if one.user_id not in numbers and one.posted_at is not None]
    connected = [one for one in scene.people if one.user_id not in scene.alone | numbers]
    hosts = [scene.candidate(one) for one in connected or settled]  # in a group that is young nobody is connected yet
    context.rng.shuffle(hosts)
    hosts.sort(key=lambda one: met[one.user_id])  # those who were asked least often first
    newcomers = [replace(scene.candidate(one), isolated=True) for one in new[: len(hosts)]]
    by_id = {one.user_id: one for one in scene.people}
    drafts = []
    for group in match([*newcomers, *hosts[: len(newcomers)]], scene.past, context.rng).groups:
        if len(group) == 2 and len(numbers & set(group)) == 1:
            newcomer, host = sorted(group, key=lambda number: number not in numbers)
            drafts.append(scene.message([by_id[newcomer], by_id[host]], INTRODUCTION))
    return Drafted(tuple(drafts), reasons.introduced(len(drafts)) if drafts else reasons.nobody_new())


def groups_of(past: Iterable[PastDraft]) -> list[tuple[PastDraft, tuple[int, ...]]]:
    """Return who was brought together, by what, oldest first; also what is about to be sent or waits for an LCM."""
    return [(one, one.draft.about_users) for one in past if TOGETHER in one.draft.refs]


def part_with(users: Iterable[int]) -> str:
    """Return what a message that brings people together is called within its date, by their accounts."""
    return "-".join(("with", *map(str, users)))[:PART_LONGEST]


def _is_new(context: PlayContext, person: ChosenPerson, days: int) -> bool:
    """Whether somebody came when the cohort had begun, and not long ago."""
    if person.joined_at is None:
        return False
    joined = person.joined_at.astimezone(context.occurrence.cohort.zone).date()
    return joined > context.occurrence.cohort.start and person.joined_at >= context.now - timedelta(days=days)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all messages of one date share.

    `people` may be brought together, `alone` are those who are connected to nobody, `topics` are open ones with their
    authors, newest first.
    """

    context: PlayContext
    people: tuple[ChosenPerson, ...]
    past: Past
    alone: frozenset[int]
    topics: tuple[tuple[frozenset[int], Topic], ...]
    question: Prompt
    meet: datetime

    @classmethod
    def of(cls, context: PlayContext) -> _Scene:
        cohort, options = context.occurrence.cohort, cast("Options", context.options)
        history = context.history.drafts()
        answers = context.activity.answers(cohort.key, context.now)
        together = {pair_of(a, b) for _, users in groups_of(history) for a, b in combinations(users, 2)}
        tied = {pair_of(key.by, key.to) for key in answers}
        topics = sorted(context.activity.topics(until=context.now), key=lambda one: (one.created_at, one.id))
        meet = options.meet.after(context.occurrence.local_at)
        return cls(
            context,
            tuple(_willing(context, meet)),
            Past(frozenset(together), frozenset(tied)),
            isolated([one.user_id for one in context.people], answers),
            tuple((frozenset(post.user_id for post in one.posts), one) for one in reversed(topics) if not one.closed),
            _question(context, options.question_deck, history),
            meet,
        )

    def candidate(self, person: ChosenPerson) -> Candidate:
        traits = tuple(trait.casefold() for trait in self._traits(person))
        return Candidate(person.user_id, traits, person.user_id in self.alone)

    def message(self, group: Sequence[ChosenPerson], kind: str) -> Draft:
        context, options = self.context, cast("Options", self.context.options)
        people = self._words(group)
        members = {one.user_id for one in group}
        common = next((topic for authors, topic in self.topics if members <= authors), None)
        day = moment_in_words(context, self.meet)
        about = group[:1] if kind == INTRODUCTION else group  # an introduction is about the newcomer
        text = context.texts_for(*(one.user_id for one in about)).render(
            options.template,
            cohort=cohort_words(context),
            hosts=host_names(context),
            host_links=host_links(context),
            people=people,
            names=Markdown(context.texts.language.listing([one.name for one in people])),
            common=link(common.title, f"{context.forum_url}/t/{common.slug}/{common.id}") if common else Markdown(""),
            question=Markdown(self.question.text.strip()),
            worth=Markdown(self.question.why.strip()),
            date=day,
        )
        names = context.texts.language.listing([person_name(one.name, one.username) for one in group])
        met = any(pair_of(a, b) in self.past.tied for a, b in combinations(sorted(members), 2))
        return Draft(
            kind=DraftKind.MESSAGE,
            title=text.title,
            raw=text.body,
            reason=reasons_for(context.texts.locale).together(names, met=met),
            part=part_with(one.user_id for one in group),
            recipients=tuple(one.username for one in group),
            approval=context.approval,
            about_users=tuple(one.user_id for one in group),
            refs=(kind, TOGETHER, in_cohort(context), f"{QUESTION}{options.question_deck}/{self.question.id}"),
            not_after=self.meet,
            citations=(Citation(Use.LINK, common.id),) if common else (),
        )

    def _traits(self, person: ChosenPerson) -> list[str]:
        """Return the facts across which pairs go, in the order of the options, "" for what is not known."""
        known = self.context.facts.get(person.user_id, {})
        found = [known.get(name) for name in cast("Options", self.context.options).across]
        return [" ".join(one.value.split()) if one and isinstance(one.value, str) else "" for one in found]

    def _words(self, group: Sequence[ChosenPerson]) -> list[PersonWords]:
        """Return what a message says of its people; first names, where they are known and differ."""
        names = [called(self.context, one.user_id, one.name, one.username) for one in group]
        if len({name.casefold() for name in names}) < len(names):
            names = [person_name(one.name, one.username) for one in group]
        return [self._of_person(one, name) for one, name in zip(group, names, strict=True)]

    def _of_person(self, person: ChosenPerson, name: str) -> PersonWords:
        place = ", ".join(shortened(one, TRAIT_LONGEST) for one in self._traits(person) if one)
        page = f"{self.context.forum_url}/u/{quote(person.username)}"
        return PersonWords(escape(name), link(person_name(person.name, person.username), page), escape(place))


def _willing(context: PlayContext, meet: datetime) -> list[ChosenPerson]:
    """Return the learners who may be brought together: willing, and not on leave that day nor on the date suggested.

    Who got as many such messages as the step's limit allows is left to rest, so that the others can meet.
    """
    unwilling = context.activity.unwilling(context.occurrence.cohort.key) | context.spent
    days = (context.occurrence.local.date(), meet.date())
    return [
        one
        for one in context.people
        if one.user_id not in unwilling
        and not any(day in leave for leave in leave_of(context.facts.get(one.user_id, {})) for day in days)
    ]


def _question(context: PlayContext, deck: str, history: Iterable[PastDraft]) -> Prompt:
    """Return the question of this date: the first of the deck that this cohort got least often."""
    prompts = read_deck(context.texts.deck_path(deck)).prompts
    dates = {(one.step, one.own_slot, ref) for one in history for ref in one.draft.refs}
    asked = [ref for _, _, ref in dates]
    return min(prompts, key=lambda one: asked.count(f"{QUESTION}{deck}/{one.id}"))
