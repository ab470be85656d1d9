"""The two short journeys: enough to say in both languages, no two texts alike, and a week that nobody dreads."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.decks import Prompt, read_deck
from sync_worker.content.markdown import Markdown
from sync_worker.content.templates import MAX_TITLE, PlaybookTexts
from sync_worker.model import Cohort, Lever
from sync_worker.playbook.checks import deck_uses, levers_touched
from sync_worker.playbook.load import Playbook, load_playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY
from sync_worker.plays.template_values.shared import COHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = Path(__file__).resolve().parents[2] / "playbooks"
DAYS = {"onboarding": 28, "course-beside-work": 42}
TEMPLATES = {"prompts": ("prompt", "prompt-short"), "challenges": ("challenge",)}
ENOUGH = {"prompts": 40, "challenges": 30}
LANGUAGES = ("en", "fr")
CASES = [(name, kind, language) for name in DAYS for kind in ENOUGH for language in LANGUAGES]
SHORTEST_TITLE, LONGEST_POST = 15, 32_000  # Discourse's own limits
SENTENCE_END = re.compile(r"[.?…]+(?=[\s\u00a0”»)]|$)")
SIMILAR = 0.3  # of all the words that either of two texts has
NOT_WRITTEN = re.compile(
    r"[!'\"]|don’t forget|reminder|your thoughts|what do you think|great job|n’oubliez pas|rappel\b|qu’en pensez-vous",
    re.IGNORECASE,
)
FRENCH_SLIPS = re.compile(r"(?<!\u00a0)[:;?](?=\s|$)|«(?!\u00a0)|(?<!\u00a0)»|[“”]")


def playbook(name: str) -> Playbook:
    return load_playbook(LIBRARY / name, REGISTRY)


def entries(name: str, kind: str, language: str) -> tuple[Prompt, ...]:
    """Return all prompts, or all challenges, of a playbook in a language, whatever deck they are in."""
    return tuple(
        entry
        for path in sorted((LIBRARY / name / "decks").glob(f"{kind}-*.{language}.yml"))
        for entry in read_deck(path).prompts
    )


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def rhythm(text: str) -> tuple[int, ...]:
    """Return how many words each sentence has."""
    return tuple(len(words(part)) for part in SENTENCE_END.split(text) if words(part))


def starting_on(weekday: int, name: str, locale: str = "en") -> Cohort:
    start = date(2027, 3, 1) + timedelta(days=weekday)
    end = start + timedelta(days=DAYS[name] - 1)
    return Cohort("s", "Spring", start, end, "Europe/Lisbon", locale, "s", "s-lcm", "Spring", "spring")


@pytest.mark.parametrize(("name", "kind", "language"), CASES)
def test_there_is_enough_to_say(name: str, kind: str, language: str) -> None:
    assert len(entries(name, kind, language)) >= ENOUGH[kind]


@pytest.mark.parametrize("name", DAYS)
def test_an_entry_has_the_same_id_in_the_same_place_in_both_languages_and_no_other_has_it(name: str) -> None:
    for path in (LIBRARY / name / "decks").glob("*.en.yml"):
        french = path.with_name(path.name.replace(".en.", ".fr."))
        assert [one.id for one in read_deck(path).prompts] == [one.id for one in read_deck(french).prompts]
    ids = Counter(one.id for kind in ENOUGH for one in entries(name, kind, "en"))
    assert [one for one, times in ids.items() if times > 1] == []


@pytest.mark.parametrize(("name", "kind", "language"), CASES)
def test_no_two_texts_are_alike_in_shape_or_words(name: str, kind: str, language: str) -> None:
    alike = []
    for one, other in combinations(entries(name, kind, language), 2):
        mine, yours = words(one.text), words(other.text)
        shared = len(set(mine) & set(yours)) / len(set(mine) | set(yours))
        if mine[:2] == yours[:2] or rhythm(one.text) == rhythm(other.text) or shared > SIMILAR:
            alike.append((one.id, other.id))
    assert alike == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_and_no_reason_comes_twice_in_the_whole_library(language: str) -> None:
    decks = [read_deck(path) for path in LIBRARY.glob(f"*/decks/*.{language}.yml")]
    for given in (
        [one.title for deck in decks for one in deck.prompts],
        [one.why for deck in decks for one in deck.prompts],
    ):
        assert [text for text, times in Counter(given).items() if times > 1] == []


@pytest.mark.parametrize(("name", "kind", "language"), CASES)
def test_a_text_is_read_on_a_phone_in_a_minute(name: str, kind: str, language: str) -> None:
    for entry in entries(name, kind, language):
        assert 20 <= len(entry.text.split()) <= 90, entry.id
        assert len(entry.why.split()) <= 28, entry.id


@pytest.mark.parametrize(("name", "kind", "language"), CASES)
def test_a_text_is_posted_within_the_limits_of_the_forum(name: str, kind: str, language: str) -> None:
    texts = PlaybookTexts(LIBRARY / name, language)
    for entry in entries(name, kind, language):
        values = {"title": Markdown(entry.title), "text": Markdown(entry.text), "why": Markdown(entry.why)}
        for template in TEMPLATES[kind]:
            for cohort in COHORT.examples:
                posted = texts.render(template, cohort=cohort, hosts="", host_links="", **values)
                assert SHORTEST_TITLE <= len(posted.title) <= MAX_TITLE
                assert len(posted.body) <= LONGEST_POST
                assert posted.title.endswith(entry.title)  # by which a prompt is known that was asked before


@pytest.mark.parametrize(("name", "kind", "language"), CASES)
def test_a_text_neither_shouts_nor_nags_and_has_its_typography(name: str, kind: str, language: str) -> None:
    for entry in entries(name, kind, language):
        for text in (entry.title, entry.text, entry.why):
            assert not NOT_WRITTEN.search(text), entry.id
            assert language != "fr" or not FRENCH_SLIPS.search(text), entry.id


@pytest.mark.parametrize("name", DAYS)
def test_each_entry_says_in_a_comment_what_it_is_for(name: str) -> None:
    for path in (LIBRARY / name / "decks").glob("*.yml"):
        assert list(_without_a_purpose(path.read_text("utf-8").splitlines())) == [], path.name


def _without_a_purpose(lines: list[str]) -> Iterator[str]:
    for above, line in pairwise(lines):
        if line.startswith("  - id:") and not above.startswith("  # "):
            yield line


@pytest.mark.parametrize("name", DAYS)
def test_every_lever_of_transfer_is_touched(name: str) -> None:
    touched = levers_touched(playbook(name), REGISTRY)
    assert [lever for lever in Lever if not touched[lever]] == []


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("name", DAYS)
def test_whatever_weekday_a_cohort_starts_on_nothing_is_asked_after_the_goodbye(name: str, weekday: int) -> None:
    cohort = starting_on(weekday, name)
    found = list(occurrences(playbook(name).file, cohort))
    at = {one.step: one.local for one in found}
    asked = [one.local for one in found if playbook(name).file.step(one.step).play == "prompt"]  # type: ignore[union-attr]
    assert max(asked) == at["last-question"] < at["goodbye"]
    assert cohort.start <= min(one.local.date() for one in found)
    assert max(one.local.date() for one in found) <= cohort.end


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("name", DAYS)
def test_no_two_questions_come_on_one_day_and_none_on_a_weekend(name: str, weekday: int) -> None:
    file = playbook(name).file
    plays = {step.id: step.play for step in file.steps}
    asked = [one.local.date() for one in occurrences(file, starting_on(weekday, name)) if plays[one.step] == "prompt"]
    assert len(asked) == len(set(asked))
    assert all(day.weekday() < 5 for day in asked)


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("name", DAYS)
def test_an_author_is_asked_three_days_before_each_story(name: str, weekday: int) -> None:
    found = list(occurrences(playbook(name).file, starting_on(weekday, name)))
    asked, told = ([one.local.date() for one in found if one.step == step] for step in ("ask-for-a-story", "story"))
    assert [story - question for question, story in zip(asked, told, strict=True)] == [timedelta(days=3)] * len(told)
    assert told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DAYS)
def test_no_deck_runs_out(name: str, language: str) -> None:
    assert [one.said for one in deck_uses(playbook(name), starting_on(0, name, language)) if one.missing] == []
