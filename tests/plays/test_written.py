"""Prompts with a poll or a form, and topics in two languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from sync_worker.content.decks import Poll
from sync_worker.content.templates import PlaybookTexts
from sync_worker.model import Approval, Draft
from sync_worker.plays import REGISTRY
from sync_worker.plays.context import SiteFeatures
from sync_worker.publish.entries import objections
from tests.plays.conftest import LIBRARY, Desk
from tests.talk import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence

DECK = """\
prompts:
- id: shorter
  title: "{title}"
  text: "{text}"
  why: "{why}"
  {more}
"""
ENGLISH = {"title": "The meeting you can do without", "text": "Which of your meetings this week could be shorter?",
           "why": "Nobody has ever missed the last quarter."}  # fmt: skip
FRENCH = {"title": "La réunion dont on se passe", "text": "Quelle réunion de la semaine pourrait être plus courte ?",
          "why": "Personne ne regrette le dernier quart d’heure."}  # fmt: skip
POLLS = {"en": "poll: {options: [A quarter, Half, All of it]}", "fr": "poll: {options: [Un quart, La moitié, Tout]}"}
FORMS = {
    "en": "form: ['Which meeting?', 'What would be left out?']",
    "fr": "form: ['Laquelle ?', 'Que laisser de côté ?']",
}


def draft(
    folder: Path, desk: Desk, more: dict[str, str], *, languages: Sequence[str] = (), has_polls: bool = True
) -> Draft:
    """Draft the one prompt of a deck that is written in both languages."""
    for language, words in (("en", ENGLISH), ("fr", FRENCH)):
        path = folder / "decks" / f"ask.{language}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(DECK.format(**words, more=more.get(language, "")), encoding="utf-8")
    context = desk.context("prompt", NOON, Approval.NONE, deck="ask")
    cohort = replace(context.occurrence.cohort, languages=tuple(languages))
    texts = PlaybookTexts(folder, desk.locale, LIBRARY)
    occurrence = replace(context.occurrence, cohort=cohort)
    [found] = (
        REGISTRY["prompt"]
        .draft(replace(context, texts=texts, occurrence=occurrence, site=SiteFeatures(polls=has_polls)))
        .drafts
    )
    assert objections(found) == []
    return found


def test_a_poll_stands_below_the_prompt(tmp_path: Path, desk: Desk) -> None:
    raw = draft(tmp_path, desk, POLLS).raw
    assert raw.endswith(
        "\n[poll type=regular results=on_vote public=false chartType=bar]\n* A quarter\n* Half\n* All of it\n[/poll]\n"
    )


def test_several_options_can_be_chosen_where_the_deck_says_so(tmp_path: Path, desk: Desk) -> None:
    more = {"en": "poll: {options: [Mon, Tue], several: true, results: always}"}
    assert "[poll type=multiple min=1 max=2 results=always " in draft(tmp_path, desk, more).raw


def test_where_the_forum_has_no_polls_the_options_are_numbered(tmp_path: Path, desk: Desk) -> None:
    raw = draft(tmp_path, desk, POLLS, has_polls=False).raw
    assert "[poll" not in raw
    assert "1. A quarter\n2. Half\n3. All of it\n\nReply with the number of what fits" in raw


def test_a_form_is_answered_in_one_reply(tmp_path: Path, desk: Desk, french_desk: Desk) -> None:
    assert (
        f"{ENGLISH['text']}\n\n1. Which meeting?\n2. What would be left out?\n\nAnswer in one reply"
        in draft(tmp_path, desk, FORMS).raw
    )
    assert (
        "1. Laquelle ?\n2. Que laisser de côté ?\n\nRépondez en un seul message"
        in draft(tmp_path, french_desk, FORMS).raw
    )


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_two_languages_stand_below_each_other_both_whole_with_one_poll(tmp_path: Path, locale: str) -> None:
    found = draft(tmp_path, Desk(locale), POLLS, languages=("en", "fr"))
    title, raw = found.title or "", found.raw
    own, other = (ENGLISH, FRENCH) if locale == "en" else (FRENCH, ENGLISH)
    assert title.index(own["title"]) < title.index(other["title"])
    assert raw.index(own["text"]) < raw.index(own["why"]) < raw.index("\n---\n") < raw.index(other["text"])
    assert raw.count("[poll ") == 1
    assert ("* Half / La moitié" if locale == "en" else "* La moitié / Half") in raw
    assert raw.rindex("[/poll]") > raw.index(other["why"])


def test_a_title_that_would_be_too_long_in_two_languages_is_in_one(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "templates").mkdir()
    for language in ("en", "fr"):
        text = f'---\ntitle: "{language} {"word " * 30}{{{{ title }}}}"\n---\n{{{{ text }}}}\n{{{{ why }}}}\n'
        (tmp_path / "templates" / f"prompt.{language}.md").write_text(text, encoding="utf-8")
    title = draft(tmp_path, desk, {}, languages=("en", "fr")).title or ""
    assert title.startswith("en word")
    assert FRENCH["title"] not in title


def test_a_topic_is_in_both_languages_too(desk: Desk) -> None:
    context = desk.context("topic", NOON, Approval.NONE, template="welcome")
    cohort = replace(context.occurrence.cohort, languages=("en", "fr"))
    [found] = REGISTRY["topic"].draft(replace(context, occurrence=replace(context.occurrence, cohort=cohort))).drafts
    assert found.title == "Spring 2027: who we are / Spring 2027\u00a0: qui nous sommes"
    assert "Welcome. For the next" in found.raw
    assert "Bienvenue. Pendant" in found.raw
    assert objections(found) == []


@pytest.mark.parametrize(
    "options",
    [["One"], ["Same", "same "], ["A [poll]", "B"], ["A\nB", "C"], [""] * 2, [str(number) for number in range(21)]],
)
def test_a_poll_that_discourse_would_not_take_is_refused(options: Any) -> None:
    with pytest.raises(ValidationError):
        Poll(options=options)
