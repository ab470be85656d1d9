"""What a language model proposes stands only where its sources say it; what it is sent names nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.content.proposal_checks import why_not
from sync_worker.content.proposals import (
    BOUNDS,
    HEADING,
    OPENING,
    SENTENCE,
    Material,
    NotAsked,
    Proposal,
    Proposals,
    Source,
    asked,
    judged,
    part_of,
)
from sync_worker.content.roundup import MAX_WORDS, Roundup, with_proposals
from tests.content.test_roundup import build
from tests.talk import Talk

SOURCES = (
    "Silent meetings\n"
    "You can ask everybody to write for two minutes before anybody speaks. Karin tried it on Tuesday with 15 people.\n"
    "The weekly meeting of our ward used to be silent."
)
SOURCES_FR = (
    "Réunions silencieuses\n"
    "Le mardi, nous demandons à chacun d’écrire deux minutes avant que le premier prenne la parole.\n"
    "La réunion de 15 personnes commençait en silence."
)
PEOPLE = frozenset({"Ines Duarte", "tomas_r"})


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (HEADING, "Two minutes of writing before anybody speaks"),
        (HEADING, "How Karin asked 15 people to write"),
        (HEADING, "Silent meetings, and what [author] tried"),
        (SENTENCE, "The weekly meeting of the ward was silent."),
        (SENTENCE, "[author] speaks of the weekly meeting of the ward."),
        (OPENING, "This week was about silent meetings and writing before anybody speaks."),
    ],
)
def test_a_text_that_says_what_its_sources_say_stands(kind: str, text: str) -> None:
    assert why_not(text, SOURCES, BOUNDS[kind], "en", PEOPLE) == ""


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (HEADING, "Write for three minutes before anybody speaks", "the number “three” is not in the sources"),
        (HEADING, "Write with 47 people before anybody speaks", "the number 47 is not in the sources"),
        (HEADING, "Write on Wednesday before anybody speaks", "the time “wednesday” is not in the sources"),
        (HEADING, "Write yesterday before anybody speaks", "the time “yesterday” is not in the sources"),
        (HEADING, "How Martin asked everybody to write", "the name “Martin” is not in the sources"),
        (HEADING, "Martin asked everybody to write", "it begins with a word that is not in the sources (Martin)"),
        (HEADING, "What ines asked everybody to write", "the name “ines” is not in the sources"),
        (HEADING, "Write two minutes at https://evil.example", "it has a link that the sources do not have"),
        (HEADING, "Write two minutes, see www.evil.example", "it has a link that the sources do not have"),
        (HEADING, "Write two minutes at evil.com", "it has a link that the sources do not have"),
        (HEADING, "Ask @everybody to write for two minutes", "it has a sign that may be markup or a mention (@)"),
        (HEADING, "Ask everybody to <b>write</b> first", "it has a sign that may be markup or a mention (<)"),
        (HEADING, "Ask everybody to [write](x) first", "it has a sign that may be markup or a mention ([)"),
        (HEADING, "Ask everybody to write\n# now", "it has line breaks or invisible signs"),
        (HEADING, "Ask everybody to write for two minutes!", "it exclaims or asks"),
        (HEADING, "Ask everybody to write 🙂", "it has a pictograph (🙂)"),
        (HEADING, "What an amazing way to write two minutes", "it says “amazing”"),
        (HEADING, "What “writers must ask” says of meetings", "words in quotation marks are not in the sources"),
        (HEADING, "What everybody must write before meetings", "it says “everybody must”"),
        (HEADING, "Ask", "it has 1 words and 3 characters"),
        (HEADING, "Meeting people whose passwords leak through portals",
         "only 1 of its 4 telling words are in the sources"),
        (HEADING, "Demander avant la meeting", "it begins with a word that is not in the sources (Demander)"),
        (HEADING, "Before la meeting pour the writing avec des people", "it is not in the language of the cohort"),
        (SENTENCE, "The meeting was silent. Everybody speaks.", "it is more than one sentence"),
        (SENTENCE, "The weekly meeting of the ward", "it is no whole sentence"),
        (OPENING, "This week [author] wrote about silent meetings.", "it names an author"),
    ],
)  # fmt: skip
def test_what_the_sources_do_not_say_or_we_do_not_say_falls(kind: str, text: str, problem: str) -> None:
    assert why_not(text, SOURCES, BOUNDS[kind], "en", PEOPLE) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Deux minutes pour écrire avant la parole", ""),
        ("Chacun écrit deux minutes avant la réunion", ""),
        ("Chacun écrit trois minutes avant la réunion", "le nombre"),
        ("Chacun écrit jeudi avant la réunion", "jeudi"),
        ("Chacun écrit, bravo, avant la réunion", "bravo"),
        ("Avant the réunion everybody must write for a while", "language"),
    ],
)
def test_the_same_holds_in_french(text: str, problem: str) -> None:
    found = why_not(text, SOURCES_FR, BOUNDS[HEADING], "fr")
    expected = {"le nombre": "the number “trois”"}.get(problem, problem)
    assert (expected in found) if problem else found == ""


@given(st.sampled_from("@#<>[]{}|\\`*_~\n"), st.integers(0, 44))
def test_nothing_stands_that_has_a_sign_which_could_be_markup(sign: str, place: int) -> None:
    text = "Two minutes of writing before anybody speaks"
    assert not why_not(text, SOURCES, BOUNDS[HEADING], "en")
    text = f"{text[:place]}{sign}{text[place:]}"
    assert why_not(text, f"{SOURCES}\n{text}", BOUNDS[HEADING], "en")


def three_items(talk: Talk) -> Roundup:
    """A roundup of three topics, ben's first; his post names others, and an address."""
    first = talk.open(
        "Silent meetings", "ana", "Nobody says anything in our meeting. What do you do?", name="Ana Alves"
    )
    ben = (
        "In a silent meeting you can ask everybody to write for two minutes before anybody speaks. Ana Alves and Ines"
        " tried it."
    )
    talk.say(first, "ben", f"{ben} Write to ben@example.org or call +41 44 555 66 77.", likes=5, name="Ben Bauer")
    second = talk.open("Hand-overs at night", "carl", "Who is told what at the door? I do not know yet.")
    talk.say(second, "dora", "Make sure the person who takes the hand-over writes the list of open points.", likes=3)
    third = talk.open("Reports nobody reads", "emil", "Which reports could go? We have so many of them.")
    ines = "You can stop one for two weeks and wait who asks for it first. We did so with five of them in March, and in"
    talk.say(third, "ines", f"{ines} April two people asked for one, so we kept it and let the other four go!", likes=3)
    built = build(talk)
    order = ("ben", "dora", "ines")
    assert sorted(item.post.username for item in built.practices) == sorted(order)
    return replace(built, practices=tuple(sorted(built.practices, key=lambda item: order.index(item.post.username))))


PEOPLE_HERE = frozenset({"Ana Alves", "Ben Bauer", "Dora", "Ines", "ana", "ben", "carl", "dora", "emil", "ines"})


def test_what_is_sent_has_the_passages_and_no_name_address_or_telephone(talk: Talk) -> None:
    material = three_items(talk).material("en", PEOPLE_HERE)
    task, given = asked(material)
    assert "Write in English." in task
    items = json.loads(given)["items"]
    assert [item["n"] for item in items] == [1, 2, 3]
    assert items[0]["topic"] == "Silent meetings"
    assert "ben@" in "".join(post.cooked for topic in talk.all for post in topic.posts)
    assert "ask everybody to write for two minutes" in items[0]["passage"]
    for name in ("Ana", "Ines", "Bauer", "ben@", "555", "Dora", "carl"):
        assert name not in given, name
    assert "[somebody] and [somebody] tried it." in items[0]["context"] + items[0]["passage"]


def test_short_names_and_parts_of_names_are_taken_out_as_they_are_written() -> None:
    said = "An and de Souza agree, but an answer of Maria is missing."
    source = Source(1, 1, 5, "Jo and 王伟 on boards", (said,), (), ("Ed", "ed_w"))
    people = frozenset({"Jo", "An", "an", "王伟", "Maria de Souza", "maria.s", ""})
    sent = Material((source,), "en", people).sent(source)
    assert sent["topic"] == "[somebody] and [somebody] on boards"
    assert sent["passage"] == "[somebody] and de [somebody] agree, but an answer of [somebody] is missing."


@pytest.mark.parametrize(
    "written",
    [
        "Sean O’Brien",  # the forum sets a typographic apostrophe
        "O’Brien",
        "sean o'brien",
        "Jose Nunez",
        "Nunez",
        "Zoé Dupont‑Petit",  # with a hyphen that breaks no line
        "Marie d’Angelo",
        "Angelo",
        "@Tomas_R",
        "Tomas_r",
        "@ANA",
    ],
)
def test_names_are_taken_out_however_their_signs_and_accents_are_written(written: str) -> None:
    source = Source(1, 1, 5, "Boards", (f"Then {written} read it aloud.",), (), ("Ed", "ed_w"))
    people = frozenset({"Sean O'Brien", "José Núñez", "Zoé Dupont-Petit", "Marie d'Angelo", "tomas_r", "ana"})
    passage = Material((source,), "en", people).sent(source)["passage"]
    assert passage == "Then [somebody] read it aloud."


@pytest.mark.parametrize("number", ["0170 / 123 456", "0170 – 12 34 56", "+49 (0) 170 / 12 34", "1234567"])
def test_a_long_number_is_taken_out_whatever_stands_between_its_digits(number: str) -> None:
    source = Source(1, 1, 5, "Boards", (f"Call {number} at 8:30 or 12 to 14.",), (), ("Ed", "ed_w"))
    assert Material((source,), "en").sent(source)["passage"] == "Call [number] at 8:30 or 12 to 14."


def worded(built: Roundup, answer: Any, people: frozenset[str] = PEOPLE_HERE) -> tuple[Roundup, dict[str, str]]:
    """Return a roundup in the words of an answer, and why each text of ours stayed, by part."""
    material = built.material("en", people)
    text = answer if isinstance(answer, str) else json.dumps(answer)
    kept = Proposals({one.part: one for one in judged(material, text)})
    told, wording = with_proposals(built, kept, material)
    return told, {one.part: one.why for one in wording}


def test_a_good_answer_gives_headings_sentences_and_an_opening_and_leaves_every_quote_alone(talk: Talk) -> None:
    plain = three_items(talk)
    first = plain.practices[0]
    answer = {
        "opening": "This week was about silent meetings, hand-overs at night and reports.",
        "items": [{"n": 1, "heading": "two minutes to write before anybody speaks",
                   "sentence": "The meetings of [author] were silent, and nobody speaks."}],
    }  # fmt: skip
    told, whys = worded(plain, answer)
    item = told.practices[0]
    assert item.heading == "Two minutes to write before anybody speaks"
    assert item.credit.startswith(
        "The meetings of Ben Bauer were silent, and nobody speaks. **Ben Bauer**, in [Silent m"
    )
    assert item.quote == first.quote
    assert told.opening == "This week was about silent meetings, hand-overs at night and reports."
    assert told.practices[1:] == plain.practices[1:]
    assert whys[part_of(HEADING, first.post.id)] == ""
    assert whys[part_of(HEADING, plain.practices[1].post.id)] == NotAsked.NOTHING


@pytest.mark.parametrize(("locale", "start"), [("en", "Solved: "), ("fr", "Réglé\u00a0: ")])
def test_that_an_item_solved_a_question_is_said_in_the_models_words_too(talk: Talk, locale: str, start: str) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything. What do you do?", days_ago=9)
    talk.say(topic, "ben", "You can ask everybody to write for two minutes before anybody speaks.", accepted=True)
    plain = build(talk, locale=locale)
    material = plain.material(locale, frozenset())
    [item] = material.items
    kept = Proposal(part_of(HEADING, item.post_id), material.digest(item), "two minutes to write")
    told, _ = with_proposals(plain, Proposals({kept.part: kept}), material)
    assert told.practices[0].heading == f"{start}Two minutes to write"


def test_all_that_was_sent_counts_as_shown_where_its_words_are_used(talk: Talk) -> None:
    plain = three_items(talk)
    answer = {"opening": "This week was about silent meetings and reports.",
              "items": [{"n": 1, "heading": "How everybody can write before anybody speaks"}]}  # fmt: skip
    told, _ = worded(plain, answer)
    assert any("Ana Alves and Ines tried it." in one for one in told.practices[0].citation.passages)
    openings = [one for one in told.citations if one.pieces == (told.opening,)]
    assert {one.post_id for one in openings} == {item.post.id for item in plain.practices}


def test_an_item_is_judged_by_its_own_sources_whatever_the_others_say(talk: Talk) -> None:
    """A post can say what it likes to the model: of other items it gets nothing through that they do not say."""
    plain = three_items(talk)
    of_third = "You can stop one report for two weeks"
    told, whys = worded(plain, {"opening": "", "items": [{"n": 1, "heading": of_third}, {"n": 3, "heading": of_third}]})
    assert told.practices[0].heading == plain.practices[0].heading
    assert "in the sources" in whys[part_of(HEADING, plain.practices[0].post.id)]
    assert told.practices[2].heading == of_third


@pytest.mark.parametrize(
    "answer",
    ["", "Sure! Here it is.", "[]", "{}", '{"items": 3}', '{"opening": "This', "null", "[" * 5000, '{"items": [[]]}',
     '{"opening": 7, "items": [{"n": "1", "heading": []}, 4, null]}', '{"items": [{"n": true, "heading": "x"}]}'],
)  # fmt: skip
def test_an_answer_in_another_form_changes_nothing(talk: Talk, answer: str) -> None:
    plain = three_items(talk)
    told, whys = worded(plain, answer)
    assert told == plain
    assert set(whys.values()) <= {NotAsked.MALFORMED.value, NotAsked.NOTHING.value}


def test_an_answer_between_fences_is_read(talk: Talk) -> None:
    answer = '```json\n{"opening": "This week was about silent meetings and reports.", "items": []}\n```'
    assert worded(three_items(talk), answer)[0].opening == "This week was about silent meetings and reports."


def test_what_was_proposed_for_other_words_of_a_post_does_not_stand_any_more(talk: Talk) -> None:
    plain = three_items(talk)
    material = plain.material("en", PEOPLE_HERE)
    answer = {"opening": "This week was about silent meetings and reports.",
              "items": [{"n": 1, "heading": "How everybody can write before anybody speaks"},
                        {"n": 3, "heading": "How to stop one report for two weeks"}]}  # fmt: skip
    kept = Proposals({one.part: one for one in judged(material, json.dumps(answer))})
    reworded = "In a silent meeting you could ask everybody to write for two minutes before anybody speaks up."
    talk.reword(plain.practices[0].post, reworded)
    fresh = build(talk)
    told, wording = with_proposals(fresh, kept, fresh.material("en", PEOPLE_HERE))
    headings = {item.post.username: str(item.heading) for item in told.practices}
    assert headings["ben"] == "On “Silent meetings”"
    assert headings["ines"] == "How to stop one report for two weeks"
    assert told.opening == fresh.opening
    assert wording[0].why == NotAsked.CHANGED.value


def test_sentences_for_which_there_is_no_room_are_left_out_the_last_first(talk: Talk) -> None:
    plain = three_items(talk)
    items = [
        {"n": n, "sentence": f"It is about {item.source.title.lower()}."} for n, item in enumerate(plain.practices, 1)
    ]
    bare = replace(plain, numbers="")
    full = replace(plain, numbers=" ".join(["word"] * (MAX_WORDS - bare.words - 6)))
    told, whys = worded(full, {"opening": "", "items": items})
    assert told.words <= MAX_WORDS
    same = [one.credit == two.credit for one, two in zip(told.practices, full.practices, strict=True)]
    assert same == [False, True, True]
    assert list(whys.values()).count(NotAsked.NO_ROOM.value) == 1  # the third item has no quote


def test_without_a_model_a_roundup_is_what_it_is(talk: Talk) -> None:
    plain = three_items(talk)
    told, wording = with_proposals(plain, Proposals(), plain.material("en", frozenset()))
    assert told == plain
    assert {one.why for one in wording} == {NotAsked.NEVER.value}
