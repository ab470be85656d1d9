"""What simulated learners are called and what they write."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.demo.people import WORDS, Temperament, fill, french, make_learners, read_chapters
from sync_worker.demo.writing import Writer
from sync_worker.errors import ConfigError

LOCALES = ("en", "fr")
SENTENCE = re.compile(r"(?<=[.?!…])\s+")


def everything(seed: str, locale: str) -> list[str]:
    """The texts of a whole cohort in six weeks, about as many as they would write."""
    learners = make_learners(seed, f"lead-{locale}", locale, 40)
    writer = Writer(seed, f"lead-{locale}", locale)
    texts = [writer.hello(learner) for learner in learners]
    for number, theme in enumerate(list(writer.stories.parts)[:6]):
        answers = [writer.answer(learner, theme, f"week {number}", ["Ana"]) for learner in learners[number::3]]
        texts += [answer for answer in answers if answer is not None]
        texts += [writer.comment(learner, theme, f"week {number}") for learner in learners[number:8]]
    for number, learner in enumerate(learners):
        question = writer.question(learner, "1", answerable=number % 4 != 0)
        if question is not None:
            texts.append(question.raw)
            given_answers: dict[int, str] = {}
            for helper in learners[:4]:
                if advice := writer.advice(helper, question.name, given_answers):
                    given_answers[advice[0]] = helper.first_name
                    texts.append(advice[1])
            if report := writer.report(learner, question.name, given_answers):
                texts.append(report)
        texts.append(writer.thanks(learner, "Ana", "1"))
        texts += [writer.consent(learner, answer, "1") for answer in ("yes", "no", "on one condition")]
    return texts


@pytest.mark.parametrize("locale", LOCALES)
def test_the_same_seed_writes_the_same_texts(locale: str) -> None:
    assert everything("7", locale) == everything("7", locale)
    assert everything("7", locale) != everything("8", locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_slot_or_choice_is_left_open_and_every_text_can_be_posted(locale: str) -> None:
    for text in everything("7", locale):
        assert not re.search(r"[{}\[\]|\ue000]", text), text
        assert len(text) >= 10, text
        assert text[0].isupper() or not text[0].isalpha(), text


@pytest.mark.parametrize("locale", LOCALES)
def test_nobody_tells_the_story_of_somebody_else_and_who_has_nothing_to_tell_says_nothing(locale: str) -> None:
    writer = Writer("7", f"lead-{locale}", locale)
    learners = make_learners("7", f"lead-{locale}", locale, 40)
    told, silent = Counter[str](), 0
    for theme, chapter in writer.stories.parts.items():
        answers = [writer.answer(learner, theme, f"week of {theme}", ["Ana"]) for learner in learners]
        silent += answers.count(None)
        told.update(sentence for answer in answers if answer for sentence in SENTENCE.split(answer))
        threads = [thread for name, thread in chapter.parts.items() if name != "keywords"]
        stories = sum(len(thread["situation"].fragments) for thread in threads)
        plans = len(writer.talk["intent"][theme].fragments)
        assert len(answers) - answers.count(None) == min(len(answers), stories + plans)
    excuses = tuple(text.split("{")[0][:15].replace("'", "’") for text in writer.talk["aside"]["any"].fragments)
    again = [sentence for sentence, times in told.items() if times > 1 and not sentence.startswith(excuses)]
    assert silent > 0
    assert all(len(sentence.split()) < 6 for sentence in again), again  # "Me neither."


@pytest.mark.parametrize("locale", LOCALES)
def test_names_and_accounts_are_unique_and_fit_the_forum(locale: str) -> None:
    learners = make_learners("7", "lead", locale, 120)
    assert len({learner.username for learner in learners}) == 120
    assert len({learner.name for learner in learners}) == 120
    for learner in learners:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._]{1,18}[a-z0-9]", learner.username), learner.username
        assert learner.email == f"{learner.username}@example.org"
    assert set(Counter(learner.temperament for learner in learners)) == set(Temperament)


@pytest.mark.parametrize("locale", LOCALES)
def test_both_languages_have_the_same_themes_and_every_theme_has_its_parts(locale: str) -> None:
    stories = read_chapters(locale, "stories.txt")
    assert list(stories.parts) == list(read_chapters("en", "stories.txt").parts)
    talk = read_chapters(locale, "talk.txt")
    for theme, chapter in stories.parts.items():
        assert talk["intent"][theme].fragments
        assert talk["comment"][theme].fragments
        for name, thread in chapter.parts.items():
            if name != "keywords":
                assert list(thread.parts) == ["situation", "tried", "outcome", "lesson"], (theme, name)
                assert len({len(part.fragments) for part in thread.parts.values()}) == 1, (theme, name)


def said(text: str, locale: str) -> int:
    """Read a number as it was written."""
    return WORDS[locale].index(text.lower()) if text.lower() in WORDS[locale] else int(text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_number_agrees_with_what_it_counts(locale: str) -> None:
    one = r"\bone (?:hours|days|weeks|times|minutes|people|questions|steps)\b"
    one += r"|\bune? (?:heures|jours|semaines|minutes|personnes|questions|étapes)\b"
    for seed in "1234567":
        for text in everything(seed, locale):
            assert not re.search(one, text), text


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_happens_more_often_than_it_could(locale: str) -> None:
    number = rf"(\d+|{'|'.join(WORDS[locale])})"
    share = re.compile(rf"\b{number} (?:\w+ )?(?:fois sur|sur|out of) {number}\b", re.IGNORECASE)
    for seed in "1234567":
        for text in everything(seed, locale):
            for part, whole in share.findall(text):
                assert said(part, locale) <= said(whole, locale), text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_meeting_carries_no_weekday_that_could_contradict_the_text(locale: str) -> None:
    work = read_chapters(locale, "work.txt")
    days = {day.casefold() for day in work["people"]["day"].fragments}
    trades = [chapter for chapter in work.parts.values() if "event" in chapter.parts]
    events = [text for trade in trades for text in trade["event"].fragments]
    assert events
    assert not [text for text in events if days & set(text.casefold().split())]


def test_a_possessive_never_stands_without_what_is_possessed() -> None:
    for fragment in read_chapters("en", "stories.txt").parts.values():
        for thread in fragment.parts.values():
            for part in thread.parts.values():
                assert not [text for text in part.fragments if re.search(r"\.his\} (?:to|and|or)\b", text)]


def test_french_texts_have_french_typography() -> None:
    for text in everything("7", "fr"):
        assert "'" not in text, text
        assert not re.search(r" [;:?!»]|« ", text), text
        assert not re.search(r"\b(?:de|à) les? (?:planning|relevé|plan|point|patients|clients)\b", text), text
        assert not re.search(r"\b[DdQq]u?e [AEIOUÉaeiouéê](?!nz|ui)", text), text


def test_an_article_of_the_sentence_itself_is_not_contracted() -> None:
    assert french("moins de le laisser") == "moins de le laisser"
    writer = Writer("7", "x", "fr")
    slots = {"task": "le planning"}
    assert fill("à propos de {task}, à {task}", slots, writer.rng("x"), "fr") == "À propos du planning, au planning"


def test_a_fragment_with_an_unknown_slot_names_it() -> None:
    with pytest.raises(ConfigError, match="nobody"):
        fill("Ask {nobody}.", {}, Writer("7", "x", "en").rng("x"), "en")


@given(low=st.integers(0, 50), more=st.integers(0, 50), seed=st.integers())
def test_a_number_stays_within_its_range(low: int, more: int, seed: int) -> None:
    import random

    text = fill(f"x {{{low}-{low + more}/1}} y", {}, random.Random(seed), "en")
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    written = text.split()[1]
    assert low <= (words.index(written) if written in words else int(written)) <= low + more
