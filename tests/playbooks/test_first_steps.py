"""The shipped texts: the same in both languages, and held to how we want to write."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from sync_worker.content.decks import Deck, read_deck
from sync_worker.content.templates import PlaybookTexts
from sync_worker.model import Cohort
from sync_worker.playbook.load import load_playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY

LIBRARY = Path(__file__).resolve().parents[2] / "playbooks"
FOLDER = LIBRARY / "first-steps"
TEMPLATES = sorted(FOLDER.glob("templates/*.md"))
DECKS = sorted(FOLDER.glob("decks/*.yml"))
TEXTS = [*TEMPLATES, *DECKS]
FRENCH = [path for path in TEXTS if ".fr." in path.name]
ENGLISH = [path for path in TEXTS if ".en." in path.name]
PICTOGRAPHS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
BANNED = re.compile(
    r"don[’']t forget|reminder|just a friendly|your thoughts|what do you think|great job|amazing|"
    r"n[’']oubliez pas|pour rappel|petit rappel|qu[’']en pensez-vous|vos impressions|super boulot|"
    r"\b1 (?:learners|replies|apprenants)|\b0 (?:replies|réponses)",
    re.IGNORECASE,
)
INSIDE = re.compile(r"\{[{%].*?[%}]\}")


def prose(path: Path) -> str:
    """Return a file's words, without template code, keys of YAML and comments."""
    text = INSIDE.sub("X", path.read_text(encoding="utf-8"))
    text = re.sub(r"(?m)^\s*#.*$|^---$|^\s*-?\s*(?:id|title|text|why|prompts|last):", "", text)
    return re.sub(r'(?m)^ "(.*)"$', r"\1", text)


def deck(locale: str) -> Deck:
    """Return the shipped deck in a language."""
    return read_deck(PlaybookTexts(FOLDER, locale).deck_path("apply-it"))


def test_the_playbook_itself_is_sound() -> None:
    found = load_playbook(FOLDER, REGISTRY)
    assert [step.id for step in found.file.steps] == ["welcome", "weekly-prompt", "roundup", "ask-for-a-story", "story"]


@pytest.mark.parametrize("weekday", range(7))
def test_whatever_weekday_a_cohort_starts_on_an_author_is_asked_three_days_before_the_story(weekday: int) -> None:
    start = date(2027, 3, 1) + timedelta(days=weekday)
    end = start + timedelta(days=55)
    cohort = Cohort("s", "Spring", start, end, "Europe/Lisbon", "en", "s", "s-lcm", "Spring", "spring")
    found = occurrences(load_playbook(FOLDER, REGISTRY).file, cohort)
    asked, told = ([one.local for one in found if one.step == step] for step in ("ask-for-a-story", "story"))
    assert len(told) in {len(asked), len(asked) - 1}
    assert len(told) >= 2
    assert [story - question for question, story in zip(asked, told, strict=False)] == [timedelta(days=3)] * len(told)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_text_is_there_and_sound_in_both_languages(locale: str) -> None:
    texts = PlaybookTexts(FOLDER, locale)
    texts.check()
    stories = {"consent", "consent-again", "answer-unclear", "story", "story-told", "story-not-told", "story-down"}
    tasks = {"assignment", "assignment-reminder", "assignment-last-reminder", "assignment-late"}
    relay = {"relay-ask", "relay-notes", "relay-compare"}
    sessions = {"session", "session-reminder", "session-missed"}
    plans = {"commitment", "commitment-ask", "commitment-later", "survey", "survey-results"}
    people = {"pair", "introduction", "nudge", "nudge-again", "first-reply", "hand-over", "blockers"}
    mails = {"briefing-before", "briefing-during", "briefing-after", "morning-note"}
    people |= {"blocker-escalated", "blocker-outside", "no-manager"}
    cases = {"case-ask", "case-chosen", "case-invite", "case-guide", "case-manager"}
    weekly = {"welcome", "prompt", "resource", "no-story", "roundup"}
    assert texts.names() == {*weekly, *tasks, *stories, *relay, *sessions, *plans, *people, *mails, *cases}
    assert all(texts.path(name).is_file() for name in texts.names())


@pytest.mark.parametrize("name", sorted({path.name.split(".")[0] for path in TEMPLATES}))
def test_both_languages_use_the_same_values(name: str) -> None:
    used = [
        set(
            re.findall(
                r"\{[{%][^}%]*?\b(\w+(?:\.\w+)?)\b[^}%]*?[}%]\}",
                (FOLDER / "templates" / f"{name}.{locale}.md").read_text("utf-8"),
            )
        )
        for locale in ("en", "fr")
    ]
    assert used[0] == used[1]


def test_both_decks_have_the_same_prompts_in_the_same_order_and_at_least_twelve() -> None:
    english, french = ([prompt.id for prompt in deck(locale).prompts] for locale in ("en", "fr"))
    assert english == french
    assert len(english) >= 12


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_text_shouts_decorates_or_nags(path: Path) -> None:
    text = prose(path)
    assert "!" not in text
    assert not PICTOGRAPHS.search(text)
    assert not BANNED.search(text)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_quotes_and_apostrophes_are_typographic(path: Path) -> None:
    assert not re.search(r"['\"]", prose(path)), prose(path)


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.name)
def test_french_has_its_unbreakable_spaces_and_its_own_quotes(path: Path) -> None:
    text = prose(path)
    assert not re.search(r"[^\u00a0\u202f\s:;?!*][;?!]|[^\u00a0\u202f\s/*]:(?=\s|$|\*)", text), path
    assert not re.search(r" [:;?!»]|« ", text)
    assert not re.search(r"«[^\u00a0]|[^\u00a0]»", text)
    assert "“" not in text


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.name)
def test_english_has_no_french_spaces(path: Path) -> None:
    assert not re.search(r"[\u00a0\u202f][:;?!]|[«»]", prose(path))


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.name)
def test_french_says_vous(path: Path) -> None:
    assert not re.search(r"\b(?:tu|toi|ton|tes|t’)\b", prose(path), re.IGNORECASE)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_prompt_can_be_read_on_a_phone_and_answered_in_five_minutes(locale: str) -> None:
    for prompt in deck(locale).prompts:
        words = len(prompt.text.split())
        assert 25 <= words <= 75, (prompt.id, words)
        assert len(prompt.why.split()) <= 25, prompt.id
        assert len(prompt.title) <= 60, prompt.id


@pytest.mark.parametrize(
    ("locale", "this_week", "tell"),
    [
        ("en", r"this week|the last time", r"\b(?:post|tell us|write)\b"),
        ("fr", r"cette semaine|dernier", r"écrivez|racontez|dites|notez|publiez"),
    ],
)
def test_a_prompt_is_about_work_this_week_and_says_what_to_post(locale: str, this_week: str, tell: str) -> None:
    for prompt in deck(locale).prompts:
        assert re.search(this_week, prompt.text, re.IGNORECASE), prompt.id
        assert re.search(tell, prompt.text, re.IGNORECASE), prompt.id


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_most_prompts_hold_a_question(locale: str) -> None:
    prompts = deck(locale).prompts
    assert sum("?" in prompt.text for prompt in prompts) >= len(prompts) - 2
