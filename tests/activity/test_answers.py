"""Over two hundred answers to "may I show your post?": only what says nothing but yes is a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.activity.answers import LANGUAGES, Said, _grammar, _Kind, _split, read_answer, read_post
from sync_worker.languages.words import phrases
from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext, Mentioned

NAMES = ("Ines Prata", "ines", "Marta Silva", "marta")
TABLE = yaml.safe_load((Path(__file__).parent / "answers.yml").read_text(encoding="utf-8"))
ROWS = [(text, said) for answers in TABLE.values() for said, texts in answers.items() for text in texts]
QUALIFIERS = (
    "but not my name",
    "if Karim agrees",
    "sauf le titre",
    "tomorrow",
    "?",
    "12",
    "mais pas maintenant",
    "not",
)


def cooked(text: str) -> str:
    """Return the HTML that the forum makes of a post."""
    return cook(
        text,
        context=CookContext(
            base_url="http://forum.example",
            topic_id=7,
            trusted=False,
            mentions=lambda names: {name: Mentioned.USER for name in names if name in NAMES},
            avatar=lambda _: None,
            primary_group=lambda _: None,
            topic=lambda _: None,
            hashtag=lambda _: None,
        ),
    )


def test_the_table_is_large_and_mostly_no_clear_yes() -> None:
    assert len({text for text, _ in ROWS}) == len(ROWS) >= 200
    assert sum(said == "yes" for _, said in ROWS) * 2 <= len(ROWS)
    for answers in TABLE.values():
        assert sum(map(len, answers.values())) >= 100


@pytest.mark.parametrize(("text", "said"), ROWS)
def test_an_answer_is_read_for_what_it_says(text: str, said: str) -> None:
    wanted = {"unclear": {Said.UNCLEAR, Said.FRIENDLY, Said.NOTHING}}.get(said, {Said(said)})
    assert read_post(cooked(text), NAMES) in wanted
    if "@" not in text and "*" not in text:
        assert read_answer(text, NAMES) in wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Thank you for asking!", Said.NOTHING),
        ("Bonjour Marta", Said.NOTHING),
        ("", Said.NOTHING),
        ("👍", Said.UNCLEAR),  # may mean "I have read it"
        ("OK", Said.YES),
        ("OK, thank you.", Said.FRIENDLY),  # may mean "I have read it"
        ("No problem.", Said.FRIENDLY),  # may answer thanks
        ("Pas de souci, Marta.", Said.FRIENDLY),
        ("Marta", Said.UNCLEAR),
        ("Merci, mais non merci", Said.UNCLEAR),
    ],
)
def test_thanks_a_thumb_and_a_mere_ok_are_told_apart(text: str, said: Said) -> None:
    assert read_answer(text, NAMES) is said


YES = sorted({phrase for words in LANGUAGES.values() for phrase in phrases(words.yes)})
words = st.text("abcdefghijklmnopqrstuvwxyzéèàç'?!,. 0123456789", min_size=1, max_size=30)


@given(st.sampled_from(YES), st.sampled_from(QUALIFIERS), st.booleans())
def test_a_yes_with_anything_before_or_after_it_is_no_yes(yes: str, more: str, before: bool) -> None:
    for mark in (" ", ", ", ". ", "\n\n", " - "):
        assert read_answer(f"{more}{mark}{yes}" if before else f"{yes}{mark}{more}") is not Said.YES


@given(st.sampled_from(YES), words)
def test_a_yes_is_made_of_known_phrases_alone(yes: str, more: str) -> None:
    """Whatever else is written, it is a yes only where it is of the list as well."""
    known = {word for language in LANGUAGES.values() for line in _lines(language) for word in _letters(line)}
    if read_answer(f"{yes}. {more}") is Said.YES:
        assert set(_letters(more)) <= known


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_phrase_that_makes_a_yes_holds_a_condition(code: str) -> None:
    conditions = {"if", "but", "unless", "only", "except", "when", "mais", "si", "sauf", "seulement", "quand"}
    assert not [line for line in _lines(LANGUAGES[code]) if conditions & set(line.split())]
    assert not [line for line in _lines(LANGUAGES[code]) if set(line) & set("()|")]


@pytest.mark.parametrize("name", ["Sauf Diallo", "No Kim", "Only Me", "Jamais Contente"])
def test_a_name_that_is_a_word_of_doubt_is_not_taken_for_a_name(name: str) -> None:
    assert read_answer(f"Yes. {name.split(maxsplit=1)[0]}", (name,)) is Said.UNCLEAR


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Yes, pending", "Pending Moyo"),
        ("Yes, tomorrow", "tomorrow"),
        ("Yes, Monday", "Monday Okoro"),
        ("Yes after", "After Lunch"),
        ("Yes. Withdraw.", "Withdraw"),
        ("Yes, nein", "Nein Li"),
        ("Oui, dès demain", "Dès Demain"),
        ("Oui, retirez", "Retirez Moi"),
        ("Nan", "Nan Smith"),
        ("Nah", "Theo Nah"),
        ("Grace", "Grace Will"),
    ],
)
def test_a_word_that_limits_or_denies_is_no_name_and_a_name_alone_is_no_answer(text: str, name: str) -> None:
    assert read_answer(text, (name,)) is Said.UNCLEAR


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Fine", "Marc Fine"),
        ("Thanks, Yes", "Yes Li"),
        ("Regards\n\nYes", "Yes Li"),
        ("Cordialement,\nVolontiers", "Anne Volontiers"),
        ("Thanks,\nGladly", "Gladly Moyo"),
    ],
)
def test_a_name_that_says_yes_makes_no_yes(text: str, name: str) -> None:
    assert read_answer(text, (name,)) is Said.UNCLEAR
    assert read_answer(f"Yes, you may show it.\n\n{name.split(maxsplit=1)[0]}", (name,)) in (Said.YES, Said.UNCLEAR)
    assert read_answer("You may show it.", (name,)) is Said.YES


@pytest.mark.parametrize(
    "text",
    [
        "That's fine, thanks.",
        "That's OK, thank you.",
        "It's okay, thank you so much.",
        "It is perfectly fine, thanks Marta.",
        "C'est bon, merci.",
        "C’est bon merci",
        "C'est bon pour moi, merci.",
        "C'est parfait, merci beaucoup.",
        "Ça me fait plaisir, merci de demander.",
        "Cela me fait très plaisir.",
        "Okay, fine.",
        "Fine. OK. Sure.",
        "D'accord, très bien.",
    ],
)
def test_what_declines_or_thanks_as_often_as_it_agrees_is_for_the_lcm(text: str) -> None:
    assert read_answer(text, NAMES) in (Said.UNCLEAR, Said.FRIENDLY)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Yes<!-- if --></p>",
        "<p>Yes</p><details class='elided'><summary>...</summary><p>if</p></details>",
        "<p>Yes</p><div class='poll'></div>",
        '<p>Yes <img src="/x.png" alt="a condition"></p>',
        "<p>Yes</p><aside class='quote'><blockquote>no</blockquote></aside>",
        "<p>Y\u200bes</p>",
        "<p>Y\u0435s</p>",
    ],
)
def test_what_is_hidden_or_drawn_is_not_read_over(html: str) -> None:
    assert read_post(html, NAMES) is Said.UNCLEAR


def test_an_endless_answer_is_given_to_a_person_at_once() -> None:
    assert read_answer("yes please " * 20_000) is Said.UNCLEAR
    assert read_answer("you may show it " * 25) is Said.UNCLEAR


@pytest.mark.parametrize("phrase", ["yes please ", "oui merci ", "thank you for asking me "])
def test_an_answer_that_can_be_split_in_many_ways_is_looked_at_word_by_word(phrase: str) -> None:
    lookups = 0

    class Counting(dict[tuple[str, ...], _Kind]):
        def __contains__(self, key: object) -> bool:
            nonlocal lookups
            lookups += 1
            return super().__contains__(key)

    answer = (*(phrase * 40)[:390].split(), "x")
    known = Counting({key: kind for code in LANGUAGES for key, kind in _grammar(code).plain.items()})
    assert _split(answer, known) is None
    assert lookups <= len(answer) * max(map(len, known))


def _lines(language: object) -> list[str]:
    lists = (getattr(language, name) for name in ("yes", "assent", "praise", "courtesy", "greetings"))
    return [phrase for lines in lists for phrase in phrases(lines)]


def _letters(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text).split()
