"""The long playbook: enough prompts, no two alike in shape, all within Discourse's limits, in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

import pytest

from sync_worker.content.decks import Prompt, read_deck
from sync_worker.content.markdown import Markdown
from sync_worker.content.templates import MAX_OUTPUT, MAX_TITLE, PlaybookTexts
from sync_worker.model import Lever
from sync_worker.playbook.checks import levers_touched
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.template_values.shared import COHORT

NAME = "leading-teams"
SHORTEST_TITLE = 15  # Discourse's own limit
DECKS = {"questions": 40, "challenges": 30}
TEMPLATES = {"questions": "prompt", "challenges": "challenge"}
CASES = [(deck, language) for deck in DECKS for language in ("en", "fr")]
SENTENCE_END = re.compile(r"[.?!…]+(?=[\s\u00a0”»)]|$)")
NARROW = re.compile(r"(?<!\u00a0)[:;?!](?=\s|$)|«(?!\u00a0)|(?<!\u00a0)»|'")
SIMILAR = 0.3  # of all the words that either of two prompts has


@dataclass(frozen=True)
class Shape:
    """What a reader recognises before reading: how it opens, how long its sentences are, and how it asks at the end."""

    opening: tuple[str, ...]
    sentences: tuple[int, ...]
    asks_at_the_end: bool


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def shape(prompt: Prompt) -> Shape:
    sentences = [words(part) for part in SENTENCE_END.split(prompt.text) if words(part)]
    text = prompt.text.rstrip().rstrip("”»\u00a0")
    return Shape(tuple(words(prompt.text)[:2]), tuple(len(one) for one in sentences), text.endswith("?"))


def prompts(deck: str, language: str) -> tuple[Prompt, ...]:
    folder = load_named(NAME, (), REGISTRY).folder
    return read_deck(PlaybookTexts(folder, language).deck_path(deck)).prompts


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_a_deck_holds_enough(deck: str, language: str) -> None:
    assert len(prompts(deck, language)) >= DECKS[deck]


@pytest.mark.parametrize("deck", DECKS)
def test_the_decks_of_both_languages_have_the_same_ids_in_the_same_order(deck: str) -> None:
    assert [one.id for one in prompts(deck, "en")] == [one.id for one in prompts(deck, "fr")]


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_no_two_prompts_are_alike_in_shape(deck: str, language: str) -> None:
    alike = []
    for one, other in combinations(prompts(deck, language), 2):
        first, second = shape(one), shape(other)
        if first.opening == second.opening or (first.sentences == second.sentences):
            alike.append((one.id, other.id, first, second))
    assert alike == []


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_no_two_prompts_use_the_same_words(deck: str, language: str) -> None:
    alike = []
    for one, other in combinations(prompts(deck, language), 2):
        mine, yours = set(words(one.text)), set(words(other.text))
        if len(mine & yours) / len(mine | yours) > SIMILAR or one.title == other.title or one.why == other.why:
            alike.append((one.id, other.id))
    assert alike == []


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_some_prompts_end_with_a_question_and_some_do_not(deck: str, language: str) -> None:
    asking = [shape(one).asks_at_the_end for one in prompts(deck, language)]
    assert 0.2 < sum(asking) / len(asking) < 0.8


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_every_prompt_is_posted_within_the_limits_of_the_forum(deck: str, language: str) -> None:
    texts = PlaybookTexts(load_named(NAME, (), REGISTRY).folder, language)
    for prompt in prompts(deck, language):
        for cohort in COHORT.examples:
            values = {"title": Markdown(prompt.title), "text": Markdown(prompt.text), "why": Markdown(prompt.why)}
            posted = texts.render(TEMPLATES[deck], cohort=cohort, hosts="", host_links="", **values)
            assert SHORTEST_TITLE <= len(posted.title) <= MAX_TITLE
            assert len(posted.body) <= MAX_OUTPUT
            assert "{" not in posted.body


@pytest.mark.parametrize("deck", DECKS)
def test_french_texts_have_their_spaces_and_apostrophes(deck: str) -> None:
    for prompt in prompts(deck, "fr"):
        for text in (prompt.title, prompt.text, prompt.why):
            assert NARROW.findall(text) == [], prompt.id


@pytest.mark.parametrize(("deck", "language"), CASES)
def test_no_prompt_shouts(deck: str, language: str) -> None:
    for prompt in prompts(deck, language):
        assert "!" not in prompt.title + prompt.text + prompt.why, prompt.id


def test_the_playbook_touches_at_least_ten_levers() -> None:
    touched = levers_touched(load_named(NAME, (), REGISTRY), REGISTRY)
    assert sum(bool(touched[lever]) for lever in Lever) >= 10
