"""A roundup says what people found out, who, in which words, and what is still open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync_worker.content.roundup import MAX_WORDS, Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from sync_worker.languages.parts import PHRASES
from sync_worker.languages.phrases import Exchange, Place, Pointer
from tests.talk import NOON, Talk

STAFF = frozenset({"system", "marta"})
PERIOD = Period(NOON - timedelta(days=7), NOON, STAFF)
ADVICE = (
    "You can ask everybody to write for two minutes before anybody speaks.",
    "You should put the decision as a question on the invitation to the meeting.",
    "Make sure the person who receives the work writes the list of open points.",
    "You could walk around the building with them instead of sitting in the office.",
    "You can stop one report for two weeks and wait who asks for it first.",
    "You should name one date and one consequence, and leave the adjectives at home.",
    "You can let the newest colleague chair the briefing on the last day of the week.",
)
TITLES = (  # of topics to which these are answers
    "Before anybody speaks",
    "What stands on the invitation",
    "The list of open points",
    "Out of the office",
    "Reports that nobody asks for",
    "A date and a consequence",
    "The newest colleague",
)
LUNCH = (
    "Let us meet in the hall, I bring soup! There are twelve chairs, and those who come late can sit at the window,"
    " where the view is best. Please tell me whether you eat meat!"
)

PLANNED = (
    "I had kept the plan of the week to myself for six years.\n\n"
    "On Thursday I put the question on the invitation: all who are there decide.\n\n"
    "The plan takes 25 minutes less, and there was one mistake in three weeks."
)


def build(talk: Talk, period: Period = PERIOD, locale: str = "en", **more: Any) -> Roundup:
    """Return the roundup, which there must be."""
    built = build_roundup(talk.all, period, locale, "https://forum.example", **more)
    assert isinstance(built, Roundup), built
    return built


def authors(roundup: Roundup) -> list[str]:
    """Return who is quoted, in order."""
    return [practice.post.username for practice in roundup.practices]


def test_a_practice_has_heading_credit_link_quote_and_reason(talk: Talk) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything. What do you do?", days_ago=9)
    advice = "You can ask everybody to write for two minutes, and only then let the first person speak."
    talk.say(topic, "bob", advice, accepted=True, days_ago=0.5)
    practice = build(talk).practices[0]
    assert practice.heading == "Solved: Silent meetings"
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    assert practice.credit == f"[**Bob**]({address}/2), replying to [**Ana**]({address}):"
    assert practice.quote.startswith(f'[quote="bob, post:2, topic:{topic}"]\n')
    assert practice.why == "It answered a question that had been open for eight days."


def test_it_is_said_to_whom_a_post_replies_where_that_person_may_be_named(talk: Talk) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything at ours, not even when they are asked.")
    talk.say(topic, "bob", "We had that as well.", days_ago=2)
    talk.say(topic, "carl", ADVICE[0], likes=4, reply_to=2)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    item = build(talk).practices[0]
    assert item.credit == f"[**Carl**]({address}/3), replying to [**Bob**]({address}/2):"
    [named] = item.also  # where Bob takes his name back, it goes, and Carl's words stay
    assert (named.username, named.pieces) == ("bob", (f", replying to [**Bob**]({address}/2)",))
    [french] = [item.credit for item in build(talk, locale="fr").practices if item.post.number == 3]
    assert french == f"[**Carl**]({address}/3), en réponse à [**Bob**]({address}/2)\u00a0:"
    posts = talk.topics[topic].posts
    talk.topics[topic] = replace(
        talk.topics[topic], posts=tuple(replace(post, quotable=post.username != "bob") for post in posts)
    )
    assert build(talk).practices[0].credit == f"[**Carl**]({address}/3):"


@pytest.mark.parametrize("name", sorted(STAFF))
def test_neither_an_lcm_nor_the_worker_is_named_as_the_person_to_whom_a_post_replies(talk: Talk, name: str) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything at ours, not even when they are asked.")
    talk.say(topic, name, "Did you let them write first?", days_ago=2)
    talk.say(topic, "carl", ADVICE[0], likes=4, reply_to=2)
    item = build(talk).practices[0]
    assert item.credit == f"[**Carl**](https://forum.example/t/topic-{topic}/{topic}/3):"
    assert item.also == ()


@pytest.mark.parametrize("name", ["marta", "bob"])
def test_who_replied_first_to_an_account_that_is_gone_did_not_open_its_topic(talk: Talk, name: str) -> None:
    topic = talk.open("How do you begin a meeting?", "gone", "We never know how to begin. How do you do it?")
    talk.say(topic, name, "Which one is it about? Who is there?", likes=2)
    for other in ("carl", "dora", "eva"):
        talk.say(topic, other, "No idea.", days_ago=1)
    first, *others = talk.topics[topic].posts
    deleted = replace(first, user_id=-1, username="", name="")
    talk.topics[topic] = replace(talk.topics[topic], posts=(deleted, *others))
    built = build_roundup(talk.all, PERIOD, "en", "https://forum.example")
    assert not isinstance(built, Roundup) or authors(built) == []


def test_who_replied_stands_below_what_opened_a_topic_this_week(talk: Talk) -> None:
    told = "Silent meetings end once everybody writes for two minutes before anybody speaks, at ours as elsewhere."
    topic = talk.open("Silent meetings", "ana", told, likes=6)
    talk.say(topic, "bob", f"It was not so at ours. {ADVICE[1]} {ADVICE[2]}", days_ago=2)
    talk.say(topic, "gus", "No idea.", days_ago=2)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    (english,), (french,) = build(talk).practices, build(talk, locale="fr").practices
    assert told in english.quote
    assert english.why == f"Six people liked it. [**Bob**]({address}/2) and [**Gus**]({address}/3) replied."
    assert french.why.endswith(f"[**Bob**]({address}/2) et [**Gus**]({address}/3) y ont répondu.")
    assert [named.username for named in english.also] == ["bob", "gus"]
    assert {named.pieces for named in english.also} == {
        (f"[**Bob**]({address}/2) and [**Gus**]({address}/3) replied.",)
    }
    talk.say(topic, "hal", "No idea either.", days_ago=2)
    (counted,) = build(talk).practices
    assert counted.why.endswith(f" [**Bob**]({address}/2) and two others [replied]({address}/2).")
    [named] = counted.also
    assert named.pieces == (f"[**Bob**]({address}/2) and two others [replied]({address}/2).",)


def test_nobody_is_sent_into_a_quarrel_by_the_names_of_those_who_replied(talk: Talk) -> None:
    told = "Silent meetings end once everybody writes for two minutes before anybody speaks, at ours as elsewhere."
    topic = talk.open("Silent meetings", "ana", told, likes=6)
    for name in ("bob", "carl", "dora"):
        talk.say(topic, name, f"It was not so at ours. {ADVICE[1]} {ADVICE[2]}", days_ago=2)
    talk.say(topic, "gus", "That is an accusation that I will not accept.", days_ago=1)
    (item,) = build(talk).practices
    assert (item.why, item.also) == ("Six people liked it and four replied.", ())


def test_the_opening_calls_nothing_worth_opening_that_hardly_anybody_liked(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE[:4]):
        topic = talk.open(TITLES[number], "ana", "A question: what do you do?", days_ago=2)
        talk.say(topic, f"carl{number}", advice, likes=1 + (number == 2), days_ago=1)
    assert build(talk).opening.count("[") == 1
    assert TITLES[2] in build(talk).opening


def test_the_opening_sends_nobody_to_a_single_line(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE[:4]):
        topic = talk.open(TITLES[number], "ana", "A question: what do you do?", days_ago=2)
        talk.say(topic, f"carl{number}", f"{advice[:-1]}!!", likes=3, accepted=True, days_ago=1)
    built = build(talk)
    assert [item.quote for item in built.practices] == [""] * 4
    assert built.opening == ""


def test_what_an_lcm_marked_comes_first_though_others_have_more_likes(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE):
        topic = talk.open(f"Topic number {number} on leading", "ana", "A question: what do you do?")
        talk.say(topic, f"carl{number}", advice, likes=0 if number == 3 else 6)
    assert "carl3" not in authors(build(talk))
    mark = next(post.id for topic in talk.all for post in topic.posts if post.username == "carl3")
    topics = [
        replace(topic, posts=tuple(replace(post, marked=post.id == mark) for post in topic.posts)) for topic in talk.all
    ]
    built = build_roundup(topics, PERIOD, "en", "https://forum.example")
    assert isinstance(built, Roundup)
    assert authors(built)[0] == "carl3"


def test_no_author_comes_twice_and_a_question_whose_answerer_is_shown_is_pointed_at(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE):
        topic = talk.open(TITLES[number], "ana", "A question: what do you do?", likes=1)
        talk.say(topic, "bob" if number < 5 else f"carl{number}", advice, likes=3)
        talk.say(topic, "bob", "I would like to read more about that.")
        talk.say(topic, "carl5", "So would I, and soon.")
    built = build(talk)
    assert sorted(authors(built)) == ["ana", "bob", "carl5", "carl6"]
    (question,) = (item for item in built.practices if item.post.username == "ana")
    assert question.credit.startswith("**Ana** [asked](")
    assert question.credit.endswith("), and two people replied.")


@pytest.mark.parametrize(
    ("locale", "promised", "ends", "shown"),
    [
        ("en", "I promised Karim my view of his draft ten days ago.", "On Friday morning I tell him in person.", False),
        ("en", "I promised Karim my view of his draft ten days ago.", "I told him in person, and kept it short.", True),
        ("fr", "J’ai promis à Karim mon avis sur son projet.", "Vendredi matin, je le donne de vive voix.", False),
        ("fr", "J’ai promis à Karim mon avis sur son projet.", "J’ai donné mon avis de vive voix, sans détour.", True),
    ],
)
def test_an_answer_to_a_prompt_that_ends_with_what_is_still_to_come_is_no_find(
    talk: Talk, locale: str, promised: str, ends: str, *, shown: bool
) -> None:
    prompt = talk.open("Spring, week 2: The sentence you open with", "system", "What did you say?")
    talk.say(prompt, "ana", f"{promised} {ends}", likes=3)
    built = build_roundup(talk.all, PERIOD, locale, "https://forum.example")
    quoted = [item.quote for item in built.practices if promised in item.quote] if isinstance(built, Roundup) else []
    assert bool(quoted) is shown


def test_who_answered_a_question_in_more_than_a_few_words_is_named_and_the_item_goes_when_they_say_no(
    talk: Talk,
) -> None:
    topic = talk.open("How do you thank people?", "ana", "A question: what do you do?")
    advice = (
        "Say what it was good for, the same day, and then be quiet, because the rest only sounds like a speech to them."
    )
    for name, words in (("bob", advice), ("carl", f"No speech! {advice}"), ("dora", "I wonder, too.")):
        talk.say(topic, name, words, reply_to=1)
    (item,) = build(talk).practices
    assert re.sub(r"\]\([^)]*\)", "]", item.credit) == (
        "**Ana** [asked], and [**Bob**], [**Carl**] and [**Dora**] replied."
    )
    assert {one.username for one in item.also} == {"bob", "carl", "dora"}
    assert all(one.pieces == item.citation.pieces for one in item.also)
    (item,) = build(talk, locale="fr").practices
    assert item.credit.endswith(" ont répondu.")


def test_at_most_five_practices_and_never_over_the_limit_of_words(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE):
        topic = talk.open(TITLES[number], f"asker{number}", "A question: what do you do?")
        talk.say(topic, f"helper{number}", advice, likes=2)
    built = build(talk)
    assert len(built.practices) == 5
    assert built.words <= MAX_WORDS
    assert len(build(talk, limit=2).practices) == 2


def test_a_small_thread_with_an_answer_is_shown_beside_a_long_one(talk: Talk) -> None:
    long = talk.open("The long thread about everything", "zoe", "Let us talk.")
    for number in range(30):
        talk.say(long, f"talker{number % 10}", f"I was on the train and read part {number} of it with pleasure.")
    talk.say(long, "dora", f"To read on the train, thread or no thread: {ADVICE[3]}", likes=2)
    small = talk.open("Who writes the hand-over?", "ana", "Who should write it?")
    talk.say(small, "bob", ADVICE[2], accepted=True)
    assert sorted(authors(build(talk))) == ["bob", "dora"]


def test_staff_are_never_shown_and_under_their_prompts_everybody_answers(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: A meeting with a quarter less", "system", "Take one meeting that you run.")
    talk.say(prompt, "ana", ADVICE[0], likes=2)
    talk.say(prompt, "bob", ADVICE[1], likes=2)
    talk.say(prompt, "marta", ADVICE[2], likes=9)
    built = build(talk)
    assert sorted(authors(built)) == ["ana", "bob"]
    assert built.opening == (
        f"Worth opening this week: [A meeting with a quarter less](https://forum.example/t/topic-{prompt}/{prompt})."
    )


def test_what_stood_in_an_earlier_roundup_does_not_come_again(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "What do you do?")
    shown = talk.say(topic, "bob", ADVICE[0], likes=5)
    other = talk.open("Hand-over", "ana", "What do you do?")
    talk.say(other, "carl", ADVICE[2], likes=2)
    assert authors(build(talk, replace(PERIOD, shown_posts=frozenset({shown.id})))) == ["carl"]


def test_who_was_shown_last_time_stands_back_where_another_answer_is_as_good(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "What do you do?")
    first = talk.say(topic, "bob", ADVICE[0], likes=2)
    talk.say(topic, "carl", ADVICE[5], likes=2)
    assert authors(build(talk)) == ["bob"]
    assert authors(build(talk, replace(PERIOD, tired=frozenset({first.user_id})))) == ["carl"]


def test_what_came_after_the_period_is_not_known(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "What do you do?")
    talk.say(topic, "bob", ADVICE[0], days_ago=-1, likes=4)
    assert isinstance(build_roundup(talk.all, PERIOD, "en", "https://forum.example"), str)


def test_a_quiet_week_has_one_practice_or_says_why_there_is_none(talk: Talk) -> None:
    assert build_roundup([], PERIOD, "en", "https://f.example") == "nobody wrote anything in this period"
    topic = talk.open("Good morning", "ana", "I am on the train.")
    assert build_roundup(talk.all, PERIOD, "en", "https://f.example") == (
        "one post, none with a sentence that others could use"
    )
    talk.say(topic, "bob", ADVICE[0], likes=1)
    assert len(build(talk).practices) == 1


def test_open_questions_are_listed_with_a_call_to_whoever_answered_something_close(talk: Talk) -> None:
    old = talk.open("Feedback for former peers after a promotion", "ana", "How do you start?", days_ago=40)
    talk.say(old, "bob", "Say openly that feedback among former peers is odd after a promotion.", likes=4, days_ago=39)
    for number in range(12):
        filler = talk.open(f"Something else number {number}", "zoe", "How?", days_ago=38)
        talk.say(
            filler, f"dora{number}", f"Everybody has their own way of planning day {number}.", likes=1, days_ago=37
        )
    talk.open("Promotion: first feedback to former peers?", "carl", "How do you say it to former peers?", days_ago=4)
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "emil", ADVICE[0], likes=2)
    lines = [question.line for question in build(talk).questions]
    call = next(line for line in lines if "Promotion: first feedback" in line)
    assert "Carl asked four days ago" in call
    assert "Bob, your answer in [Feedback for former peers after a promotion](" in call


def test_an_answered_or_thanked_question_is_not_open(talk: Talk) -> None:
    solved = talk.open("How do you hand over?", "ana", "How do you do it?", days_ago=3)
    talk.say(solved, "bob", ADVICE[2], accepted=True)
    thanked = talk.open("How do you stop a report?", "carl", "How do you do it?", days_ago=3)
    talk.say(thanked, "dora", ADVICE[4], likes=1)
    talk.say(thanked, "carl", "Thank you, that worked.")
    assert build(talk).questions == ()


@pytest.mark.parametrize(("locale", "start"), [("en", "In numbers:"), ("fr", "En chiffres\u00a0:")])
def test_one_line_of_numbers_agrees_with_its_nouns(talk: Talk, locale: str, start: str) -> None:
    topic = talk.open("Réunions", "ana", "Que faites-vous ?", days_ago=3)
    text = ADVICE[0] if locale == "en" else "Il suffit de faire écrire tout le monde deux minutes avant de parler."
    talk.say(topic, "bob", text, likes=1, accepted=True)
    assert build(talk, locale=locale).numbers == ""  # of two people they would only say how few there are
    for name in ("carl", "dora", "emil"):
        talk.say(topic, name, "Merci !")
    numbers = build(talk, locale=locale).numbers
    assert numbers.startswith(start)
    assert numbers.endswith("one question answered." if locale == "en" else "une question résolue.")


@pytest.mark.parametrize(
    ("locale", "credit"),
    [("en", "From [a longer post]({address}):"), ("fr", "Extrait d’[un message plus long]({address})\u00a0:")],
)
def test_a_quote_that_is_not_the_whole_post_says_so(talk: Talk, locale: str, credit: str) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    more = "What would you have done, and what would the people of your own team have said to it?" + " Tell me." * 5
    post = talk.say(prompt, "ana", f"{PLANNED}\n\n{more}", likes=5)
    practice = build(talk, locale=locale).practices[0]
    assert PLANNED.rsplit("\n\n", maxsplit=1)[-1] in practice.quote
    assert practice.credit == credit.format(address=f"https://forum.example/t/topic-{prompt}/{prompt}/{post.number}")


@pytest.mark.parametrize(
    ("locale", "aside"),
    [("en", "A bit late, it was June closing."), ("fr", "Un peu tard, c’était la clôture du mois.")],
)
def test_a_marked_answer_is_quoted_without_the_excuse_at_its_end(talk: Talk, locale: str, aside: str) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    said = "The board by the door was always wrong." if locale == "en" else "Le tableau près de la porte était faux."
    post = talk.say(prompt, "ana", f"{said} {aside}", likes=5)
    marked = replace(talk.topics[prompt], posts=(talk.topics[prompt].posts[0], replace(post, marked=True)))
    built = build_roundup([marked], PERIOD, locale, "https://forum.example")
    assert isinstance(built, Roundup)
    (item,) = built.practices
    assert said in item.quote
    assert aside not in item.quote


def test_a_sentence_more_makes_no_longer_post(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", f"{PLANNED}\n\nWhat would you have done?", likes=5)
    assert build(talk).practices[0].credit == ""


def test_french_roundups_are_french_throughout(talk: Talk) -> None:
    prompt = talk.open("Paris, semaine 2\u00a0: Une décision à confier", "system", "Quelle décision ?")
    story = (
        "J’ai gardé le planning pour moi pendant six ans.\n\n"
        "Jeudi, j’ai mis la question dans l’invitation : on décide avec les présents.\n\n"
        "Le planning prend 25 minutes de moins. Une seule erreur en trois semaines.\n\n"
        "C’est la liste des décisions qui a fait la différence."
    )
    post = talk.say(prompt, "ana", story, likes=5)
    talk.say(prompt, "bob", "J’ai fait pareil mardi, et cela a marché.", reply_to=post.number)
    practice = build(talk, locale="fr").practices[0]
    assert practice.heading == "Ana, à propos de «\u00a0Une décision à confier\u00a0»"
    assert practice.credit == ""  # the heading names the author, and the quote leads to the post
    assert "Jeudi, j’ai mis la question dans l’invitation" in practice.quote
    assert practice.why == "Cinq personnes ont aimé ce message."


def test_a_lively_week_in_which_no_passage_stands_alone_points_to_what_was_best_received(talk: Talk) -> None:
    first = talk.open("Where to put the board in the ward", "ana", "Here is mine, by the door, see the picture.")
    same = "Same here, this worked for me as well, on the left though! It took us a while, and then everybody was used"
    best = talk.say(first, "bob", f"{same} to it and looked there before they came in to us!", likes=7)
    talk.say(first, "ana", "Nice one, thank you!", likes=1, reply_to=2)
    second = talk.open("Lunch on the day of the training", "dora", LUNCH, likes=10)
    talk.open("Who knows how to plan the summer?", "emil", "Who knows how to plan the summer for fifteen people?")
    built = build(talk)
    assert {item.post.id for item in built.practices} == {best.id, talk.topics[second].posts[0].id}
    (pointer,) = (item for item in built.practices if item.post.id == best.id)
    assert pointer.heading == "On “Where to put the board in the ward”"
    address = f"https://forum.example/t/topic-{first}/{first}"
    assert pointer.credit == f"**Bob** replied to [**Ana**]({address}) in [a few lines]({address}/2)."
    assert [one.pieces for one in pointer.also] == [(f"to [**Ana**]({address}) ",)]
    assert (pointer.quote, pointer.why) == ("", "Seven people liked it.")
    assert len(built.questions) == 1


def test_a_reply_does_not_stand_for_what_several_people_wrote_to_each_other(talk: Talk) -> None:
    topic = talk.open("Where to put the board in the ward", "ana", "Here is mine, by the door, see the picture.")
    talk.say(topic, "bob", f"{LONG} And so did we, you know!", likes=7)
    talk.say(topic, "carl", f"{LONG} And so did they, you know!", reply_to=2)
    (item,) = build(talk).practices
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    assert item.credit == (
        f"**Ana** opened this with [a few lines]({address}). [**Bob**]({address}/2) and [**Carl**]({address}/3) "
        f"replied. Seven people liked [what **Bob** wrote]({address}/2)."
    )


@pytest.mark.parametrize(
    ("locale", "words", "shown", "told", "opened", "added"),
    [
        (
            "en",
            0,
            {},
            "**Bob** replied in [a few lines](u).",
            "**Bob** opened this with [a few lines](u).",
            "**Bob** added [a few lines](u).",
        ),
        (
            "en",
            250,
            {"picture": 1, "code": 3},
            "**Bob** replied in [about 250 words](u), with a picture and code.",
            "**Bob** opened this with [about 250 words](u), a picture and code.",
            "**Bob** added [about 250 words](u), with a picture and code.",
        ),
        (
            "fr",
            100,
            {"picture": 1, "video": 2},
            "**Bob** a répondu en [environ 100 mots](u), avec une image et deux vidéos.",
            "**Bob** a ouvert ce sujet par [environ 100 mots](u), une image et deux vidéos.",
            "**Bob** a ajouté [environ 100 mots](u), avec une image et deux vidéos.",
        ),
    ],
)
def test_a_pointer_says_how_long_a_post_is_and_what_it_shows(
    locale: str, words: int, shown: dict[str, int], told: str, opened: str, added: str
) -> None:
    phrases = PHRASES.of(locale)
    assert phrases.pointer(Pointer("Bob", "u", words, shown, Place.REPLIES)) == told
    assert phrases.pointer(Pointer("Bob", "u", words, shown, Place.OPENS)) == opened
    assert phrases.pointer(Pointer("Bob", "u", words, shown, Place.GOES_ON)) == added


def test_who_goes_on_in_a_topic_of_their_own_is_said_to_have_opened_it(talk: Talk) -> None:
    topic = talk.open("A board for two shifts", "ana", "Here is our board.", days_ago=90)
    talk.say(topic, "bob", "Which board?", days_ago=80)
    talk.say(topic, "ana", f"It is that one, you know! {LONG} {LONG}", reply_to=2, likes=5, days_ago=0.5)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    (english,), (french,) = build(talk).practices, build(talk, locale="fr").practices
    told = f"**Ana** opened this on 5\u00a0December 2026, and this week added [a few lines]({address}/3)."
    assert (english.credit, english.also) == (told, ())
    dit = "**Ana** a ouvert ce sujet le 5\u00a0décembre 2026 et y a ajouté cette semaine"
    assert french.credit == f"{dit} [quelques lignes]({address}/3)."


def test_who_asked_and_came_back_with_the_answer_is_said_to_have_done_so_in_one_sentence(talk: Talk) -> None:
    topic = talk.open("How do you share a board?", "ana", "How do you share a board?", days_ago=9)
    talk.say(topic, "ana", f"It is that one, you know! {LONG} {LONG}", accepted=True, days_ago=0.5)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    (english,), (french,) = build(talk).practices, build(talk, locale="fr").practices
    assert english.heading == "Solved: How do you share a board?"
    assert english.credit == f"**Ana** asked, and came back with [the answer]({address}/2) eight days later."
    rapporte = "**Ana** a posé la question, puis a rapporté"
    assert french.credit == f"{rapporte} [la réponse]({address}/2) huit jours plus tard."
    assert (english.why, french.why) == ("", "")


def test_of_a_post_without_words_it_is_said_what_it_shows(talk: Talk) -> None:
    picture = '<p><img src="/board.png" alt=""></p>'
    topic = talk.open("Our new board", "bob", "", likes=3, cooked=f"{picture}{picture}")
    (item,) = build(talk).practices
    assert item.credit == f"**Bob** posted [two pictures](https://forum.example/t/topic-{topic}/{topic})."
    assert item.why == "Three people liked it."


@pytest.mark.parametrize(
    ("cooked", "english", "french"),
    [
        (
            '<aside class="onebox"><a href="https://x.org/board">A board</a></aside>',
            "posted [a link]",
            "a publié [un lien]",
        ),
        (
            '<p><img src="/tada.png" class="emoji" alt=":tada:"></p>',
            "opened this with [a few lines]",
            "quelques lignes",
        ),
    ],
)
def test_of_a_post_that_is_but_a_link_or_a_sign_something_is_said(
    talk: Talk, cooked: str, english: str, french: str
) -> None:
    talk.open("Our new board", "bob", "", likes=3, cooked=cooked, marked=True)
    (told,), (dit,) = build(talk).practices, build(talk, locale="fr").practices
    assert english in told.credit
    assert french in dit.credit


LONG = (
    "We talked about it for a long time, and in the end each of us had another thing to say about the matter, be it on "
    "the left or on the right."
)


def exchange(talk: Talk, *, days_ago: float, likes: int) -> int:
    """Let three people write much to each other, of which nothing can be quoted."""
    topic = talk.open("Where is your board?", "ana", "And where is yours?", days_ago=days_ago)
    for number, name in enumerate(("bob", "carl", "bob", "ana", "carl")):
        liked = {0: max(likes - 1, 0), 1: likes}.get(number, 0)
        talk.say(topic, name, f"And so did we, you know! {LONG}", days_ago=2, likes=liked)
    return topic


def test_an_exchange_is_pointed_at_with_who_opened_it_and_what_was_liked_best(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=3)
    talk.open("Who knows how to plan the summer?", "emil", "Who knows how to plan the summer?", likes=1)
    item = next(item for item in build(talk).practices if item.post.topic_id == topic)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    assert item.heading == "On “Where is your board?”"  # never "An answer to": several people say several things
    assert item.credit == (
        f"**Ana** opened this with [a few lines]({address}). [**Bob**]({address}/2) and [**Carl**]({address}/3) "
        f"joined in; [five posts]({address}/2) followed. Three people liked [what **Carl** wrote]({address}/3)."
    )
    assert (item.quote, item.why) == ("", "")
    cited = [(one.use, one.username) for one in (item.citation, *item.also)]
    assert cited == [("quote", "carl"), ("call", "ana"), ("call", "bob")]
    french = next(item for item in build(talk, locale="fr").practices if item.post.topic_id == topic)
    assert french.credit == (
        f"**Ana** a ouvert ce sujet par [quelques lignes]({address}). "
        f"[**Bob**]({address}/2) et [**Carl**]({address}/3) ont pris part à la discussion\u00a0; "
        f"[cinq messages]({address}/2) ont suivi. "
        f"Trois personnes ont aimé [ce qu’a écrit **Carl**]({address}/3)."
    )


def test_a_remark_that_was_liked_is_not_named_as_what_was_liked_best_of_an_exchange(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=0)
    talk.say(topic, "dora", "A teapot, for sure!", likes=3, days_ago=1)
    (item,) = build(talk).practices
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    named = f"[**Bob**]({address}/2), [**Carl**]({address}/3) and [**Dora**]({address}/7)"
    assert item.credit.endswith(f" {named} joined in; [six posts]({address}/2) followed.")


def test_thanks_and_a_question_that_were_liked_are_not_named_as_what_was_liked_best_of_an_exchange(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=0)
    talk.say(topic, "ana", f"Thanks for your help, now it works as we wanted it to. {LONG}", likes=5, days_ago=1)
    talk.say(topic, "dora", f"Why did you not take the other wall? {LONG}", likes=4, days_ago=1)
    (item,) = build(talk).practices
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    named = f"[**Bob**]({address}/2), [**Carl**]({address}/3) and [**Dora**]({address}/8)"
    assert item.credit.endswith(f" {named} joined in; [seven posts]({address}/2) followed.")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["bob"], "[**Bob**](A/2) replied."),
        (["bob", "carl"], "[**Bob**](A/2) and [**Carl**](A/3) replied."),
        (["bob", "carl", "dora"], "[**Bob**](A/2), [**Carl**](A/3) and [**Dora**](A/4) replied."),
        (
            ["bob", "carl", "dora", "emil", "carl"],
            "[**Carl**](A/3), [**Bob**](A/2) and two others replied in [five posts](A/2).",
        ),
        (["bob", "carl", "dora", "emil"], "[**Bob**](A/2), [**Carl**](A/3) and two others [replied](A/2)."),
        (["bob", "carl", "bob"], "[**Bob**](A/2) and [**Carl**](A/3) replied in [three posts](A/2)."),
        (["bob", "ana"], "[**Bob**](A/2) joined in; [two posts](A/2) followed."),
    ],
)
def test_who_wrote_most_in_an_exchange_is_named_beside_who_opened_it(talk: Talk, names: list[str], told: str) -> None:
    topic = talk.open("Where is your board?", "ana", f"And where is yours? {LONG} {LONG} {LONG}", likes=2)
    for name in names:
        talk.say(topic, name, f"And so did we, you know! {LONG}", days_ago=0.5)
    (item,) = build(talk).practices
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    opened = f"**Ana** opened this with [about 100 words]({address}). Two people liked it."
    assert item.credit == f"{opened} {told.replace('A/', f'{address}/')}"


def test_another_account_of_the_same_name_is_not_named_as_if_it_were_somebody_else(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=0)
    posts = talk.topics[topic].posts
    twins = tuple(replace(post, name="Ana") if post.username == "bob" else post for post in posts)
    talk.topics[topic] = replace(talk.topics[topic], posts=twins)
    (item,) = build(talk).practices
    assert "**Ana** opened this" in item.credit
    assert "[**Carl**](https://forum.example/t/topic-100/100/3) and one other person joined in" in item.credit


def test_an_old_exchange_of_two_posts_that_nobody_liked_is_not_shown(talk: Talk) -> None:
    topic = talk.open("Where is your board?", "ana", "And where is yours?", days_ago=90)
    for name in ("bob", "carl"):
        talk.say(topic, name, f"And so did we, you know! {LONG} {LONG}", days_ago=2)
    assert isinstance(build_roundup(talk.all, PERIOD, "en", "https://forum.example"), str)
    talk.say(topic, "bob", f"And so did we, you know! {LONG} {LONG}", days_ago=2)
    assert len(build(talk).practices) == 1


def test_of_an_exchange_that_goes_on_only_what_is_new_is_counted(talk: Talk) -> None:
    topic = exchange(talk, days_ago=90, likes=0)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    (item,) = build(talk).practices
    assert item.credit == (
        f"**Ana** opened this on 5\u00a0December 2026; this week it went on in [five posts]({address}/2), "
        f"with [**Bob**]({address}/2) and [**Carl**]({address}/3)."
    )
    (item,) = build(talk, locale="fr").practices
    assert item.credit == (
        f"**Ana** a ouvert ce sujet le 5\u00a0décembre 2026\u00a0; cette semaine, la discussion s’est poursuivie en "
        f"[cinq messages]({address}/2), avec [**Bob**]({address}/2) et [**Carl**]({address}/3)."
    )


@pytest.mark.parametrize("turn", range(3))
def test_an_exchange_in_an_older_topic_says_who_wrote_with_or_without_who_opened_it(turn: int) -> None:
    told = {
        locale: [
            PHRASES.of(locale).went_on(Exchange("Ana {x}", ("[**Bob**](b)",), 1, joined, 5, turn), "7 May", "p")
            for joined in (True, False)
        ]
        for locale in ("en", "fr")
    }
    for sentence in (*told["en"], *told["fr"]):
        assert [sentence.count(part) for part in ("**Ana {x}**", "[**Bob**](b)", "](p)", "7 May")] == [1, 1, 1, 1]
    with_ana, by_others = told["en"]
    assert f"{'by' if turn == 2 else 'with'} [**Bob**](b) and one other person" in with_ana
    assert ("by [**Bob**](b) and" in by_others) or ("[**Bob**](b) and one other person added" in by_others)
    with_ana, by_others = told["fr"]
    assert f"{'écrits par' if turn == 2 else 'avec'} [**Bob**](b) et une autre personne" in with_ana
    assert "écrits par [**Bob**](b) et une autre personne" in by_others


def test_who_wrote_most_of_an_old_topic_that_they_opened_is_named_once(talk: Talk) -> None:
    topic = talk.open("Where is your board?", "ana", "And where is yours?", days_ago=90)
    for name in ("ana", "bob", "ana"):
        talk.say(topic, name, f"And so did we, you know! {LONG} {LONG}", days_ago=2)
    address = f"https://forum.example/t/topic-{topic}/{topic}"
    (english,), (french,) = build(talk).practices, build(talk, locale="fr").practices
    assert english.credit == (
        "**Ana** opened this on 5\u00a0December 2026; this week it went on in "
        f"[three posts]({address}/2), with [**Bob**]({address}/3)."
    )
    assert french.credit == (
        "**Ana** a ouvert ce sujet le 5\u00a0décembre 2026\u00a0; cette semaine, la discussion s’est poursuivie en "
        f"[trois messages]({address}/2), avec [**Bob**]({address}/3)."
    )


def test_exchanges_that_go_on_below_one_another_are_told_in_other_words(talk: Talk) -> None:
    titles = ("Where is your board?", "Who cleans the van?", "Tea or rum?")
    for title, opener, other in zip(titles, ("ana", "carl", "emil"), ("bob", "dora", "fay"), strict=True):
        topic = talk.open(title, opener, "And where is yours?", days_ago=90)
        for name in (other, opener, other):
            talk.say(topic, name, f"And so did we, you know! {title} {LONG} {LONG}", days_ago=2)
    english, french = (
        [re.sub(r"\]\([^)]*\)", "]", item.credit) for item in build(talk, locale=locale).practices]
        for locale in ("en", "fr")
    )
    assert english == [
        "**Emil** opened this on 5\u00a0December 2026; this week it went on in [three posts], with [**Fay**].",
        "It began on 5\u00a0December 2026 with **Carl**; this week it went on in [three posts], with [**Dora**].",
        "[Three posts] came this week, by [**Bob**] and by **Ana**, who opened this on 5\u00a0December 2026.",
    ]
    assert french[1].startswith("Ce sujet, ouvert le 5\u00a0décembre 2026 par **Carl**, s’est poursuivi cette semaine")
    assert french[1].endswith(" en [trois messages], avec [**Dora**].")
    assert french[2].startswith("[Trois messages] cette semaine, écrits par [**Bob**] et par **Ana**, qui a ouvert ce")
    assert french[2].endswith(" sujet le 5\u00a0décembre 2026.")


@pytest.mark.parametrize(("likes", "words", "named"), [(2, 110, True), (2, 60, False), (3, 40, True), (1, 300, False)])
def test_what_was_liked_best_in_an_exchange_is_named_where_it_is_worth_opening_alone(
    talk: Talk, likes: int, words: int, *, named: bool
) -> None:
    topic = exchange(talk, days_ago=90, likes=0)
    talk.say(topic, "dora", f"{'We moved the board to the door. ' * (words // 7)}", days_ago=1, likes=likes)
    (item,) = build(talk).practices
    assert ("liked [what **Dora** wrote]" in item.credit) is named


def test_who_asked_not_to_be_quoted_is_counted_and_not_named(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=0)
    posts = talk.topics[topic].posts
    quiet = tuple(replace(post, quotable=post.username != "carl") for post in posts)
    talk.topics[topic] = replace(talk.topics[topic], posts=quiet)
    (item,) = build(talk).practices
    assert f"[**Bob**](https://forum.example/t/topic-{topic}/{topic}/2) and one other person joined in" in item.credit
    assert "Carl" not in item.credit


def test_an_exchange_in_which_somebody_quarrels_or_little_is_said_is_not_pointed_at(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=2)
    talk.say(topic, "dora", "That is dishonest, and I find it insulting.", days_ago=1)
    short = talk.open("Where is your desk?", "emil", "And where is yours?")
    talk.say(short, "fay", "On the left!", likes=1)
    assert "opened this" not in str(build_roundup(talk.all, PERIOD, "en", "https://forum.example"))


def test_who_does_not_want_to_be_named_is_not_named_as_the_one_who_opened_an_exchange(talk: Talk) -> None:
    topic = exchange(talk, days_ago=3, likes=2)
    posts = tuple(replace(post, quotable=post.username != "ana") for post in talk.topics[topic].posts)
    built = build_roundup([replace(talk.topics[topic], posts=posts)], PERIOD, "en", "https://forum.example")
    assert "Ana" not in str(built)


def test_a_question_that_was_liked_and_has_no_answer_stands_among_the_open_ones(talk: Talk) -> None:
    talk.say(talk.open(TITLES[0], "ana", "What do you do?", days_ago=3), "bob", ADVICE[0], likes=2)
    talk.open("How do you plan the summer?", "emil", "How do you plan the summer for fifteen people?", likes=2)
    built = build(talk)
    assert authors(built) == ["bob"]
    assert [question.line.startswith("[How do you plan the summer?]") for question in built.questions] == [True]


def test_everything_that_a_roundup_names_is_cited(talk: Talk) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything. What do you do?", days_ago=6)
    talk.say(topic, "bob", ADVICE[0], likes=3, days_ago=0.5)
    for name in ("carl", "dora", "fay", "gus"):
        talk.say(topic, name, "How long do they take?", days_ago=0.4)
    open_topic = talk.open("How do you plan the summer?", "emil", "How do you plan the summer for fifteen people?")
    built = build(talk)
    assert [(one.use, one.topic_id, one.number, one.username) for one in built.citations] == [
        ("quote", topic, 2, "bob"),
        ("call", topic, 1, "ana"),
        ("link", topic, 1, ""),
        ("question", open_topic, 1, "emil"),
    ]
    assert ADVICE[0] in built.citations[0].passages


def test_the_post_of_somebody_who_is_not_to_be_quoted_is_not_shown_nor_is_the_question_called_out(talk: Talk) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody says anything. What do you do?", quotable=False)
    talk.say(topic, "bob", ADVICE[0], likes=9, quotable=False)
    talk.say(topic, "carl", ADVICE[1], likes=2)
    built = build(talk)
    assert authors(built) == ["carl"]
    assert built.questions == ()
    [item] = built.practices
    assert item.heading == "What Carl wrote"
    shown = f"{built.opening} {item.heading} {item.credit} {item.quote} {item.named_credit}"
    assert "Silent meetings" not in shown  # the title is ana's
    assert f"/t/-/{topic}/3" in item.credit
    assert f"topic:{topic}" not in item.quote  # Discourse would show the title above it


def test_who_wrote_for_the_first_time_is_named_unless_nearly_everybody_did(talk: Talk) -> None:
    topic = talk.open("Meetings in which nobody speaks", "ana", "Nobody says anything. What do you do?")
    first = talk.say(topic, "bob", ADVICE[0], likes=2)
    talk.say(topic, "bob", "I forgot to say that it takes two minutes.")
    new = replace(PERIOD, new_authors=frozenset({first.user_id}))
    built = build(talk, new)
    assert built.voices == (f"[Bob](https://forum.example/t/topic-{topic}/{topic}/2) wrote here for the first time.")
    assert build(talk, new, "fr").voices.endswith(" a écrit ici pour la première fois.")
    assert any(built.voices in one.pieces and one.username == "bob" for one in built.citations)
    everybody = replace(PERIOD, new_authors=frozenset(post.user_id for one in talk.all for post in one.posts))
    assert build(talk, everybody).voices == ""
    assert build(talk).voices == ""
