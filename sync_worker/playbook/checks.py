"""Whether a playbook is sound: texts with every value, decks that run out, levers; the lines of `lcm check`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import CohortSettings
from sync_worker.content.decks import Deck, read_deck, read_resources
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, LcmError
from sync_worker.model import Lever
from sync_worker.playbook.format import missing_texts, unknown_steps
from sync_worker.playbook.load import SHIPPED, find_playbooks, load_playbook, shipped_folder, shipped_texts
from sync_worker.playbook.schedule import is_last, occurrences, place_of, public_holidays
from sync_worker.plays.template_values.stories import AFTERCARE_WORDS
from sync_worker.wording import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.base import Strict
    from sync_worker.config.settings import Settings
    from sync_worker.content.template_words import Word
    from sync_worker.model import Cohort, Occurrence
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.rules.vocabulary import Vocabulary
    from sync_worker.timeline import StepChange


def text_problems(playbook: Playbook, plays: Mapping[str, Play]) -> list[str]:
    """Return what is wrong with the texts of a playbook, each problem once, with file, line and column."""
    found: dict[str, None] = {}
    for language in playbook.file.languages:
        own = PlaybookTexts(playbook.folder, language)
        aftercare = ((name, words, None) for name, words in AFTERCARE_WORDS.items())
        for name, words, vocabulary in (*_templates_used(playbook, plays), *aftercare):
            texts = own if name in own.names() else shipped_texts(language)
            found.update(dict.fromkeys(texts.problems(name, words, vocabulary)))
    found.update(dict.fromkeys(_deck_problems(playbook)))
    if not found:
        try:
            PlaybookTexts(playbook.folder, playbook.file.languages[0]).check()  # those that no step uses as well
        except ConfigError as error:
            found[str(error)] = None
    return list(found)


def _templates_used(
    playbook: Playbook, plays: Mapping[str, Play]
) -> Iterator[tuple[str, Sequence[Word], Vocabulary | None]]:
    """Yield each template that a step uses, what it may say, and what its conditions may be about."""
    for step in playbook.file.steps:
        play = plays[step.play]
        for name, option in templates_of(play, playbook.options[step.id]):
            vocabulary = playbook.file.vocabulary(of_person=option in play.personal_texts)
            yield name, play.texts[option], vocabulary


def templates_of(play: Play, options: Strict) -> Iterator[tuple[str, str]]:
    """Yield each template that a step with these options uses, and the option that names it."""
    for option in play.texts:
        value = getattr(options, option, None)
        yield from ((name, option) for name in ((value,) if isinstance(value, str) else value or ()))


DECKS = ("deck", "question_deck", "questions_deck")


def decks_used(playbook: Playbook) -> list[str]:
    """Return the names of the decks that steps draw from."""
    return _named(playbook, "deck")


def _named(playbook: Playbook, option: str) -> list[str]:
    names = (getattr(options, option, None) for options in playbook.options.values())
    return sorted({name for name in names if isinstance(name, str)})


def _deck_problems(playbook: Playbook) -> Iterator[str]:
    """Yield decks and lists that cannot be read, and entries that their sisters in another language lack."""
    for name in sorted({name for option in DECKS for name in _named(playbook, option)}):
        yield from _unlike(playbook, name, PlaybookTexts.deck_path, _prompt_ids)
    for name in _named(playbook, "resources"):
        yield from _unlike(playbook, name, PlaybookTexts.resources_path, _resource_ids)


def _prompt_ids(path: Path) -> list[str]:
    return [prompt.id for prompt in read_deck(path).prompts]


def _resource_ids(path: Path) -> list[str]:
    return [resource.id for resource in read_resources(path).resources]


def _unlike(
    playbook: Playbook, name: str, place: Callable[[PlaybookTexts, str], Path], read: Callable[[Path], list[str]]
) -> Iterator[str]:
    ids: dict[Path, list[str]] = {}
    for language in playbook.file.languages:
        path = place(PlaybookTexts(playbook.folder, language), name)
        try:
            ids[path] = read(path)
        except ConfigError as error:
            yield str(error)
    for path, here in ids.items():
        missing = sorted({one for others in ids.values() for one in others} - set(here))
        if missing:
            yield f"{path}: this language lacks {', '.join(missing)}. Write it, with the same id as in the others."


# Which prompt of a deck comes when, and when a deck runs out for a cohort. Pure but for reading the decks.


Slot = tuple[str, "datetime"]


@dataclass(frozen=True, slots=True)
class DeckUse:
    """How a cohort's dates use a deck up: how many dates it has, how many prompts, and the first date without one."""

    deck: str
    dates: int
    prompts: int
    missing: int
    first_without: date | None

    @property
    def said(self) -> str:
        """The use in a sentence."""
        if not self.missing:
            return f"deck '{self.deck}': {self.prompts} prompts for {self.dates} dates."
        return (
            f"deck '{self.deck}' has {self.prompts} prompts for {self.dates} dates: from {self.first_without} on "
            f"nothing is posted on {self.missing} of them."
        )


def prompts_to_come(
    playbook: Playbook, cohort: Cohort, asked: Mapping[str, Collection[str]], over: Collection[Slot] = ()
) -> dict[Slot, str]:
    """Return by step and slot the title of the prompt that comes, "" where the deck is used up by then.

    Args:
        playbook: the plan.
        cohort: whose.
        asked: by deck, the ids of prompts that the cohort got already.
        over: the steps and slots that are over, and take no prompt any more.

    """
    options = playbook.options_for(cohort)
    decks = _decks(playbook, cohort, options)
    used = {name: set(asked.get(name, ())) for name in decks}
    found: dict[Slot, str] = {}
    for occurrence in occurrences(playbook.file, cohort):
        name = getattr(options[occurrence.step], "deck", None)
        if name not in decks or occurrence.follow_up or (occurrence.step, occurrence.slot) in over:
            continue
        found[occurrence.step, occurrence.slot] = _next(playbook, occurrence, options, decks[name], used[name])
    return found


def _next(playbook: Playbook, occurrence: Occurrence, options: Mapping[str, Strict], deck: Deck, used: set[str]) -> str:
    fresh = deck.fresh(used, at_the_end=is_last(playbook.file, occurrence))
    if not fresh:
        return ""
    used.add(fresh[0].id)
    if getattr(options[occurrence.step], "pick", "next") == "random" and len(fresh) > 1:
        return f"one of {len(fresh)} prompts"
    return fresh[0].title


def deck_uses(playbook: Playbook, cohort: Cohort) -> list[DeckUse]:
    """Return how each deck of a playbook is used up by a cohort's whole journey."""
    options = playbook.options_for(cohort)
    decks = _decks(playbook, cohort, options)
    slots: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for (step, slot), title in prompts_to_come(playbook, cohort, {}).items():
        slots[getattr(options[step], "deck", "")].append((slot, title))
    uses = []
    for name, dates in sorted(slots.items()):
        without = [slot for slot, title in sorted(dates) if not title]
        deck = decks[name]
        first = without[0].astimezone(cohort.zone).date() if without else None
        uses.append(DeckUse(name, len(dates), len(deck.prompts), len(without), first))
    return uses


def _decks(playbook: Playbook, cohort: Cohort, options: Mapping[str, Strict]) -> dict[str, Deck]:
    texts = PlaybookTexts(playbook.folder, cohort.locale)
    names = {getattr(one, "deck", None) for one in options.values()}
    return {name: read_deck(texts.deck_path(name)) for name in sorted(name for name in names if isinstance(name, str))}


# Which levers of transfer effectiveness a playbook touches, by which steps, and which not.
# A step touches the levers that it names itself; where it names none, those that are usual for its play. The entries of
# its deck add theirs. What a step claims is for people to judge: nothing here reads the texts.


@dataclass(frozen=True, slots=True)
class Touch:
    """A step that touches a lever; where its deck does it, by so many entries (`entries`) of all that it has (`of`)."""

    step: str
    entries: int = 0
    of: int = 0

    @property
    def said(self) -> str:
        """The step, and by how much of its deck."""
        return f"{self.step} ({self.entries} of {self.of} entries)" if self.entries else self.step


def levers_touched(playbook: Playbook, plays: Mapping[str, Play]) -> dict[Lever, tuple[Touch, ...]]:
    """Return for each of the twelve levers the steps that touch it, in the playbook's order; () where none does.

    Raises:
        ConfigError: a deck cannot be read.

    """
    touches: dict[Lever, list[Touch]] = {lever: [] for lever in Lever}
    for step in playbook.file.steps:
        for lever, touch in _touches(step, playbook, plays[step.play]):
            touches[lever].append(touch)
    return {lever: tuple(found) for lever, found in touches.items()}


def _touches(step: Step, playbook: Playbook, play: Play) -> Iterator[tuple[Lever, Touch]]:
    own = play.levers if step.levers is None else frozenset(step.levers)
    deck = _deck(step, playbook)
    for lever in Lever:
        entries = sum(lever in entry.levers for entry in deck.prompts) if deck else 0
        if entries and deck:
            yield lever, Touch(step.id, entries, len(deck.prompts))
        elif lever in own:
            yield lever, Touch(step.id)


def _deck(step: Step, playbook: Playbook) -> Deck | None:
    """Return the deck that a step draws from, in the playbook's first language: levers are the same in every one."""
    name = getattr(playbook.options[step.id], "deck", None)
    if not isinstance(name, str):
        return None
    return read_deck(PlaybookTexts(playbook.folder, playbook.file.languages[0]).deck_path(name))


def lever_lines(touched: Mapping[Lever, Sequence[Touch]]) -> list[str]:
    """Return what is to be said about the levers, one a line: how many are touched, by which steps, and which not."""
    met = [lever for lever in Lever if touched[lever]]
    missed = [lever.label for lever in Lever if not touched[lever]]
    width = max((len(lever.label) for lever in met), default=0)
    return [
        f"touches {len(met)} of the {len(Lever)} levers of transfer{':' if met else '.'}",
        *(f"  {lever.label:<{width}}  {', '.join(touch.said for touch in touched[lever])}" for lever in met),
        *([f"not touched: {', '.join(missed)}."] if missed else []),
    ]


# The lines of `lcm check` about playbooks: each cohort's exists, is sound, and has prompts enough.


AREA = "playbooks"
ANY_DAY = date(2000, 1, 1)


def check_playbooks(settings: Settings, plays: Mapping[str, Play]) -> list[Finding]:
    """Return a line for each playbook that a cohort uses, and one for each deck that runs out. Calls: none."""
    try:
        found = find_playbooks(settings.playbooks)
    except ConfigError as error:
        return [fail(AREA, str(error), error.do or "")]
    findings: list[Finding] = []
    loaded: dict[str, Playbook] = {}
    for name, users in _users(settings).items():
        finding, playbook = _look_at(name, users, found, plays)
        findings.append(finding)
        if playbook:
            loaded[name] = playbook
    return (
        findings
        + _days_off(settings)
        + _own_steps(settings, loaded, plays)
        + _deck_findings(settings, loaded)
        + _without_programme(settings, loaded)
    )


def _users(settings: Settings) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return by playbook who uses it and the languages each wants."""
    users: dict[str, dict[str, tuple[str, ...]]] = {}
    for cohort in settings.cohorts:
        if cohort.playbook:
            users.setdefault(cohort.playbook, {})[cohort.key] = cohort.languages or (cohort.locale,)
    if settings.cohorts_from and settings.cohorts_from.playbook:
        users.setdefault(settings.cohorts_from.playbook, {})["cohorts_from"] = settings.cohorts_from.languages or (
            settings.cohorts_from.locale,
        )
    return users


def _look_at(
    name: str, users: Mapping[str, tuple[str, ...]], found: Mapping[str, Path], plays: Mapping[str, Play]
) -> tuple[Finding, Playbook | None]:
    named = ", ".join(users)
    if name not in found:
        what = f"there is no playbook '{name}', which {named} should follow.{nearest(name, found)}"
        return fail(AREA, what, "Correct `playbook` in lcm.yaml, or list your folder under `playbooks`."), None
    try:
        playbook = load_playbook(found[name], plays)
    except LcmError as error:
        return fail(AREA, f"'{name}' ({named}) cannot be read: {error}", f"lcm playbook check {name}"), None
    foreign = sorted({locale for wanted in users.values() for locale in wanted} - set(playbook.file.languages))
    if foreign:
        what = f"'{name}' is not written in {', '.join(foreign)}, the language of a cohort that follows it ({named})."
        return fail(AREA, what, "Write its texts in that language, or choose another playbook."), None
    problems = text_problems(playbook, plays)
    if problems:
        return fail(AREA, f"'{name}' ({named}) is not sound: {problems[0]}", f"lcm playbook check {name}"), None
    if not playbook.file.active:
        what = f"'{name}' ({named}) is switched off, so nothing is posted."
        return warn(AREA, what, f"When it is ready, write `active: true` in {playbook.place}."), playbook
    return ok(AREA, f"'{name}' is sound: {counted(len(playbook.file.steps), 'step')}, for {named}."), playbook


def _days_off(settings: Settings) -> list[Finding]:
    """Return a line for each calendar of public holidays that cannot be had, as its cohorts cannot be looked after."""
    users: dict[str, list[str]] = defaultdict(list)
    named = [(cohort.key, cohort.days_off) for cohort in settings.cohorts]
    if settings.cohorts_from:
        named.append(("cohorts_from", settings.cohorts_from.days_off))
    for key, days_off in named:
        if days_off.holidays:
            users[days_off.holidays].append(key)
    findings = []
    for code, keys in users.items():
        try:
            public_holidays(code)
        except ConfigError as error:
            findings.append(fail(AREA, f"{', '.join(keys)}: {error.what}", error.do or ""))
    return findings


def _without_programme(settings: Settings, loaded: Mapping[str, Playbook]) -> list[Finding]:
    """Return a line for each cohort whose playbook hands on to the next one, though none is known to come next."""
    findings = []
    for declared in settings.cohorts:
        playbook = loaded.get(declared.playbook or "")
        steps = [step.id for step in playbook.file.steps if step.play == "relay"] if playbook else []
        if steps and declared.programme is None:
            what = f"{declared.key} belongs to no programme, so {', '.join(steps)} of '{declared.playbook}' do nothing."
            findings.append(warn(AREA, what, "Write the same `programme:` for all cohorts that follow one another."))
    return findings


def _own_steps(settings: Settings, loaded: Mapping[str, Playbook], plays: Mapping[str, Play]) -> list[Finding]:
    """Return a line for each thing that a cohort changes of its playbook's steps and that does not fit it."""
    findings = []
    for name, cohort in _with_changes(settings):
        playbook = loaded.get(name)
        if playbook is None:
            continue
        try:
            options = playbook.options_for(cohort)
        except ConfigError as error:
            said = f"{error.where}: {error.what}" if error.where else error.what
            findings.append(fail(AREA, said, error.do or ""))
            continue
        for change in cohort.step_changes:
            findings += [
                fail(AREA, f"{place_of(cohort, change, *path)}: {problem}", "Correct the cohort's `steps` in lcm.yaml.")
                for path, problem in _own_problems(playbook, change, options, plays)
            ]
    return findings


def _with_changes(settings: Settings) -> Iterator[tuple[str, Cohort]]:
    """Yield the cohorts that change steps, with their playbook; one stands for all those of `cohorts_from`."""
    for declared in settings.cohorts:
        if declared.playbook and declared.steps:
            yield declared.playbook, complete_cohort(declared)
    others = settings.cohorts_from
    if others and others.playbook and others.steps:
        cohort = complete_cohort(
            CohortSettings(
                key="cohorts-from",
                name="cohorts_from",
                start=ANY_DAY,
                end=ANY_DAY,
                timezone="UTC",
                locale=others.locale,
                steps=others.steps,
            )
        )
        yield others.playbook, replace(cohort, key="cohorts_from")


def _own_problems(
    playbook: Playbook, change: StepChange, options: Mapping[str, Strict], plays: Mapping[str, Play]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is wrong with one step as a cohort changes it: where in the change, and the problem."""
    step = playbook.file.step(change.id)
    if step is None or change.off:
        return
    play, own = plays[step.play], options[step.id]
    if play.counts_days and change.on_holiday == "before":
        yield ("on_holiday",), f"a {step.play} counts the days before its own; write `after` or `skip`."
    if not change.options:
        return
    folders = (playbook.folder, shipped_folder() / SHIPPED)
    missing = [*unknown_steps(playbook.file, step.id, play, own)]
    missing += missing_texts(playbook.file, step.id, play, own, folders)
    for option, problem in missing:
        yield ("with", option), problem
    if not missing:
        for problem in text_problems(replace(playbook, options={**playbook.options, step.id: own}), plays):
            yield ("with",), problem


def _deck_findings(settings: Settings, loaded: Mapping[str, Playbook]) -> list[Finding]:
    findings = []
    for declared in settings.cohorts:
        playbook = loaded.get(declared.playbook or "")
        if playbook is None:
            continue
        try:
            uses = deck_uses(playbook, complete_cohort(declared))
        except ConfigError:
            continue  # `_own_steps` says so, or `_look_at`
        findings += [
            warn(AREA, f"{declared.key}: {use.said}", f"Add prompts to the deck '{use.deck}', or end the step earlier.")
            for use in uses
            if use.missing
        ]
    return findings
