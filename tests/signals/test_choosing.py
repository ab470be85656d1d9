"""Which post of a conversation is shown, with which words, beside which others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync_worker.signals.choosing import choose, tired_of
from sync_worker.signals.offers import Chosen
from sync_worker.signals.showable import Frame, Quotes
from sync_worker.signals.telling import ANSWER_LONGEST
from tests.talk import NOON, Talk

FRAME = Frame(NOON - timedelta(days=7), NOON, "en", frozenset({"system"}))
BOARD = "We moved the hand-over to a board beside the door, where both shifts pass anyway."
WALK = "Our team walks around the building once before every hard talk with a supplier."
STORY = (
    "The round at seven took fifty minutes every day, and eleven people stood there half asleep.\n\n"
    "On Monday I put three questions on a sheet beside the door and asked everybody to stand.\n\n"
    "It took nineteen minutes instead of fifty, and nobody has asked for the chairs since then.\n\n"
    "What I take from it: the chairs were the problem all along, and not the people."
)
TALK = (
    "Of ten talks with my team I had cancelled six since the new year.\n\n"
    "I told the whole team that number and asked them to remind me.\n\n"
    "If something comes up I move one once. In five weeks I have missed one, and two came with what they had kept back."
)
PAGE = "One page with five boxes has replaced the twenty minutes of talk between our shifts."


def chosen(talk: Talk, frame: Frame = FRAME, limit: int = 5) -> list[Chosen]:
    return choose(talk.all, frame, limit)


def authors(talk: Talk, frame: Frame = FRAME) -> list[str]:
    return [one.contribution.post.username for one in chosen(talk, frame)]


def asked(talk: Talk, title: str = "How do you hand over?") -> int:
    return talk.open(title, "ana", "How do you hand over between two shifts that never meet?")


def test_where_an_answer_was_accepted_no_other_answer_is_shown(talk: Talk) -> None:
    topic = asked(talk)
    talk.say(topic, "bob", BOARD, likes=9)
    talk.say(topic, "eva", PAGE, accepted=True)
    assert authors(talk) == ["eva"]


def test_what_its_author_withdrew_later_in_the_thread_is_not_shown(talk: Talk) -> None:
    topic = asked(talk)
    talk.say(topic, "bob", BOARD, likes=5)
    talk.say(topic, "eva", PAGE, likes=1)
    talk.say(topic, "bob", "I stand corrected: the board fell down twice in a week.")
    assert authors(talk) == ["eva"]


def test_a_withdrawal_after_the_period_is_not_known_yet(talk: Talk) -> None:
    topic = asked(talk)
    talk.say(topic, "bob", BOARD, likes=5)
    talk.say(topic, "bob", "I stand corrected: the board fell down twice in a week.", days_ago=-1)
    assert authors(talk) == ["bob"]


def test_no_author_and_no_topic_comes_twice(talk: Talk) -> None:
    titles = ("A board for the shifts", "How a team walks", "One page between shifts")
    for number, (text, title) in enumerate(zip((BOARD, WALK, PAGE), titles, strict=True)):
        topic = asked(talk, title)
        talk.say(topic, "bob", text, likes=4)
        talk.say(topic, f"eva{number}", f"{text} Team {number} has asked for no more since then.", likes=2)
    found = chosen(talk)
    assert len({one.conversation.topic.id for one in found}) == len(found) == 3
    assert len({one.contribution.post.username for one in found}) == 3


def test_under_a_prompt_several_people_are_shown(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    for name, text in (("ana", BOARD), ("bob", STORY), ("eva", TALK)):
        talk.say(prompt, name, text, likes=2)
    assert sorted(authors(talk)) == ["ana", "bob", "eva"]


def test_under_a_prompt_neither_who_is_introduced_nor_what_is_only_planned_is_shown_where_others_tell(
    talk: Talk,
) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(
        prompt, "ana", "I work at a supermarket by the station in Lisbon, and lead the team at the tills.", likes=9
    )
    talk.say(prompt, "dan", "I will talk to Jorge on Wednesday, before the call, about the client file.", likes=9)
    begins = 'My first sentence is on a card: "On two days I found it half done, and I would like to know why."'
    talk.say(prompt, "fay", f"I will talk to Jorge on Wednesday about the client file. {begins}", likes=9)
    talk.say(
        prompt, "gus", "Je parlerai à Jorge jeudi. J’ai trouvé deux fois le dossier à moitié, je le lui dirai.", likes=9
    )
    story = talk.say(prompt, "bob", STORY, likes=1)
    talk.say(prompt, "eva", "I did what you describe, and it worked for us on Friday.", reply_to=story.number, likes=9)
    assert authors(talk) == ["bob"]


def test_who_tried_what_somebody_else_had_written_is_not_shown_without_it(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    text = (
        "I never thought that one learns from people whom one never meets.\n\n"
        "Then I tried what somebody wrote here, and told two colleagues of it at lunch on Monday.\n\n"
        "After three weeks the plan takes us two hours instead of three."
    )
    talk.say(prompt, "ana", text, likes=5)
    talk.say(prompt, "eva", TALK, likes=1)
    assert authors(talk) == ["eva"]


def test_what_another_wrote_word_for_word_is_not_told_again(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", STORY, likes=3)
    copied = "In the hall nobody could hear a word of it.\n\n" + STORY.partition("\n\n")[2]
    talk.say(prompt, "bob", copied, likes=2)
    talk.say(prompt, "eva", TALK, likes=1)
    assert authors(talk) == ["ana", "eva"]
    earlier = replace(FRAME, said=(STORY.replace("\n\n", " "),))
    assert authors(talk, earlier) == ["eva"]


def test_nothing_is_said_twice(talk: Talk) -> None:
    for name in ("bob", "eva"):
        topic = asked(talk, f"Question of {name}")
        talk.say(topic, name, BOARD, likes=3)
    assert len(chosen(talk)) == 1
    assert chosen(talk, replace(FRAME, said=(BOARD,))) == []


def test_a_post_that_was_received_much_better_is_pointed_at_although_it_cannot_be_quoted(talk: Talk) -> None:
    picture = '<p>See the picture:</p><p><img src="/board.png" alt=""></p>'
    topic = talk.open("Our new board", "bob", "See the picture:", likes=8, cooked=picture)
    talk.say(topic, "eva", PAGE, likes=1)
    (one,) = chosen(talk)
    assert (one.contribution.post.username, one.passage) == ("bob", None)


def test_what_answers_a_prompt_and_can_be_read_at_once_comes_before_what_is_pointed_at(talk: Talk) -> None:
    picture = '<p>See the picture:</p><p><img src="/board.png" alt=""></p>'
    talk.open("Our new board", "bob", "See the picture:", likes=8, cooked=picture)
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "eva", STORY, likes=2)
    assert [(one.contribution.post.username, one.passage is None) for one in chosen(talk)] == [
        ("eva", False),
        ("bob", True),
    ]


def test_who_was_shown_lately_stands_back_where_others_are_as_well_received(talk: Talk) -> None:
    topic = asked(talk, "How do you hand over between shifts?")
    first = talk.say(topic, "bob", BOARD, likes=2)
    talk.say(topic, "eva", PAGE, likes=2)
    tired = replace(FRAME, tired=frozenset({first.user_id}))
    assert (authors(talk), authors(talk, tired)) == (["bob"], ["eva"])


def test_in_a_quiet_week_an_answer_to_a_prompt_is_quoted_whole_or_not_at_all(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", "I have tried something similar and stopped after a week. What made you go on?", reply_to=3)
    talk.say(prompt, "bob", "I disagree on one point: we tried it in the morning. The rest I would sign.", likes=3)
    lamp = "I tried it with a lamp: who has it speaks. Twelve people spoke, two of them for the first time."
    talk.say(prompt, "eva", f"{lamp} See {{curly}} for the rest.", likes=2)
    assert chosen(talk) == []
    whole = f"Our meetings are long. {lamp} Nobody asked for the old way."
    talk.say(prompt, "carl", whole, likes=1)
    [quoted] = chosen(talk)
    assert quoted.passage is not None
    assert quoted.passage.text == whole


def test_where_a_cohort_would_have_nothing_to_read_replies_are_quoted_more_readily(talk: Talk) -> None:
    talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    topic = asked(talk, "Is there a way to thank somebody?")
    for name, text, likes in (("bob", WALK, 1), ("carl", PAGE, 0), ("dora", f"Why do you ask? {TALK}", 0)):
        talk.say(topic, name, text, likes=likes)
    [shown] = chosen(talk)
    assert (shown.contribution.post.username, shown.passage and shown.passage.text) == ("bob", WALK)


def test_to_a_cohort_one_address_alone_is_not_shown_unless_an_lcm_marked_it(talk: Talk) -> None:
    picture = '<p><img src="/board.png" alt=""></p>'
    topic = talk.open("Our new board", "bob", "", likes=8, cooked=picture)
    talk.say(topic, "eva", "I see.")
    assert authors(talk) == ["bob"]
    talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    assert authors(talk) == []
    talk.say(topic, "carl", "", cooked=picture, marked=True)
    assert authors(talk) == ["carl"]


def test_an_answer_to_a_prompt_that_asks_or_speaks_of_something_unsaid_is_not_quoted(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", "You should take somebody as your witness. How did others find the time?", likes=5)
    talk.say(prompt, "bob", "I had put it off since the winter. I said so, and we agreed who decides what.", likes=5)
    talk.say(prompt, "carl", "You can stop one report for two weeks and wait who asks for it first.", likes=1)
    assert authors(talk) == ["carl"]  # in a quiet week one like is enough
    told = "You can ask everybody to write for two minutes before anybody speaks."
    talk.say(prompt, "eva", told, likes=2)
    assert authors(talk) == ["eva"]


def test_what_an_lcm_marked_under_a_prompt_is_quoted_from_its_first_word(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    told = "It is always the same three. I kept a tally: Moussa 16 times, Martine not once. Now I speak last."
    talk.say(prompt, "ana", told, likes=3, marked=True)
    talk.say(prompt, "bob", f"I tried what somebody wrote here. {TALK}", likes=5, marked=True)
    [quoted] = chosen(talk)
    assert quoted.passage is not None
    assert (quoted.contribution.post.username, quoted.passage.text) == ("ana", told)


def test_a_reply_that_only_asks_back_is_not_pointed_at(talk: Talk) -> None:
    topic = talk.open("A crash at the door", "ana", "The board fell down.", days_ago=9)
    why = "Which wall was it, the one beside the door where both shifts pass anyway, or that one in the corridor?"
    talk.say(topic, "bob", f"{why} {why.replace('wall', 'door')}", likes=3)
    assert chosen(talk) == []
    talk.say(topic, "carl", f"It was that one, as you know. {WALK} {BOARD} {PAGE}", likes=3)
    assert authors(talk) == ["carl"]


def test_of_two_who_tell_in_the_same_words_one_is_shown(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    own = "I told the whole team that number and asked them to remind me."
    copied = TALK.replace(own, "I put questions on a sheet beside the door and asked everybody to remind me.")
    talk.say(prompt, "ana", STORY, likes=3)
    talk.say(prompt, "bob", copied, likes=2)
    assert authors(talk) == ["ana"]
    assert authors(talk, replace(FRAME, said=(STORY.replace("\n\n", " "),))) == []


def test_what_nobody_took_notice_of_under_a_prompt_is_not_shown(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", BOARD)
    assert chosen(talk) == []


def test_what_an_lcm_marked_as_practice_comes_first(talk: Talk) -> None:
    liked = asked(talk, "What do you do before a hard talk?")
    talk.say(liked, "bob", WALK, likes=9)
    quiet = asked(talk)
    talk.say(quiet, "eva", BOARD, accepted=True, likes=3)
    talk.say(quiet, "rui", PAGE, marked=True)
    assert authors(talk) == ["rui", "bob"]


def test_a_story_under_a_prompt_is_shown_from_how_it_was_to_what_came_of_it(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", STORY, likes=3)
    (one,) = chosen(talk)
    assert one.passage is not None
    assert one.passage.text.startswith("The round at seven took fifty minutes")
    assert one.passage.text.endswith("the chairs were the problem all along, and not the people.")


def test_a_long_story_under_a_prompt_is_shown_without_its_beginning_never_without_its_end(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    before = "For years the round was what it had always been, and nobody of us had a good word for the habit. " * 7
    talk.say(prompt, "ana", f"{before}\n\n{STORY}", likes=3)
    (one,) = chosen(talk)
    assert one.passage is not None
    assert "On Monday I put three questions on a sheet" in one.passage.text
    assert one.passage.text.endswith("the chairs were the problem all along, and not the people.")
    assert len(one.passage.text) <= ANSWER_LONGEST


def test_an_answer_that_needs_what_somebody_wrote_or_ends_with_an_excuse_is_not_shown(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "bob", "We moved the hand-over to a board, and that was what somebody wrote here.", likes=9)
    talk.say(prompt, "eva", f"{BOARD} A bit late, it was the closing of the month.", likes=8)
    talk.say(prompt, "ana", STORY, likes=1)
    assert authors(talk) == ["ana"]


def test_a_long_sentence_that_an_earlier_roundup_had_with_other_numbers_does_not_come_again(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", STORY, likes=3)
    said = STORY.split("\n\n", maxsplit=1)[0].replace("seven", "eight").replace("eleven", "nine")
    assert authors(talk) == ["ana"]
    assert authors(talk, replace(FRAME, said=(f"It was so in our place as well. {said}",))) == []


def test_beside_answers_to_a_prompt_one_line_that_points_is_enough(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop this week?")
    talk.say(prompt, "ana", STORY, likes=3)
    talk.say(prompt, "bob", TALK, likes=3)
    for number in range(3):
        topic = asked(talk, f"How do you hand over, question {number}?")
        leans = f"And that, too, is how it was with number {number}, and they said so to him and to her as well. " * 5
        talk.say(topic, f"carl{number}", leans, likes=6)
    assert sum(one.passage is None for one in choose([one for one in talk.all if one.id != prompt], FRAME, 5)) == 3
    found = chosen(talk)
    assert sum(one.passage is None for one in found) == 1
    assert {one.contribution.post.username for one in found} >= {"ana", "bob"}


def test_who_stood_in_two_of_the_latest_six_roundups_stands_back() -> None:
    assert tired_of([(1, 2), (1, 3), (4,)]) == {1, 4}
    assert tired_of([(1,), (2,), (3,), (4,), (5,), (1,), (6,)]) == {6}
    assert tired_of([]) == frozenset()


def test_who_is_tired_stands_back_behind_a_post_that_was_received_about_as_well(talk: Talk) -> None:
    for name, text, likes in (("bob", BOARD, 4), ("eva", WALK, 2), ("dan", PAGE, 1)):
        talk.say(asked(talk, f"What does {name} do?"), name, text, likes=likes)
    bob = next(post.user_id for topic in talk.all for post in topic.posts if post.username == "bob")
    tired = replace(FRAME, tired=frozenset({bob}))
    shown = [[one.contribution.post.username for one in chosen(talk, frame, 2)] for frame in (FRAME, tired)]
    assert shown == [["bob", "eva"], ["eva", "bob"]]


def test_a_solved_question_whose_helper_is_shown_elsewhere_is_pointed_at_with_its_answer(talk: Talk) -> None:
    talk.say(asked(talk, "Who opens the door?"), "bob", BOARD, accepted=True, likes=3)
    other = talk.open("Who reads the page?", "carl", "Who should read the page at night?")
    talk.say(other, "bob", WALK, accepted=True)
    found = chosen(talk)
    assert [one.contribution.post.username for one in found] == ["bob", "carl"]
    assert found[1].asks
    assert found[1].answer is not None
    assert found[1].answer.number == 2


HANGING = "And so did we, on the left of it!"
LONG_HANGING = (
    f"{HANGING} It took us some weeks until everybody looked there before they came in, and then nobody asked! "
    "They had all said before that it could not be done, with so many people who never saw each other!"
)


def test_what_cannot_be_quoted_is_pointed_at_only_where_people_liked_it_and_there_is_something_to_open(
    talk: Talk,
) -> None:
    for number, (text, likes) in enumerate(((HANGING, 3), (LONG_HANGING, 2), (LONG_HANGING, 3))):
        talk.say(asked(talk, f"Where is the board of ward {number}?"), f"bob{number}", text, likes=likes)
    assert [(one.contribution.post.username, one.passage) for one in chosen(talk)] == [("bob2", None)]


def test_nothing_of_a_quarrel_is_shown(talk: Talk) -> None:
    quarrel = talk.open("The board of our ward", "bob", BOARD, likes=9)
    talk.say(quarrel, "eva", "That is dishonest, and I find it insulting.")
    banned = talk.open("Banned from the ward", "carl", WALK, likes=9)
    talk.say(banned, "eva", "I see.")
    calm = talk.open("One page for the night", "dan", PAGE, likes=1)
    assert [one.conversation.topic.id for one in chosen(talk)] == [calm]


def test_what_somebody_contradicts_is_not_quoted(talk: Talk) -> None:
    topic = talk.open("A board at the door", "bob", BOARD, likes=2)
    assert chosen(talk)[0].passage is not None
    talk.say(topic, "eva", "No, the board stands in the corridor since March.", reply_to=1)
    assert [one.passage for one in chosen(talk) if one.contribution.post.username == "bob"] in ([], [None])


def test_a_reply_that_names_the_subject_once_is_quoted_if_two_liked_it_or_where_more_is_wanted(talk: Talk) -> None:
    text = "The board stands beside the door of the nurses, where everybody passes before the work begins."
    other = "The wall of our workshop has an outline of each hammer, which shows at once what is missing there."
    talk.say(asked(talk, "A board for the early shifts of all wards"), "bob", text, likes=1)
    talk.say(asked(talk, "A wall for the tools of each workshop"), "eva", other, likes=2)
    assert authors(talk) == ["eva"]
    more = chosen(talk, replace(FRAME, quotes=Quotes.MORE))
    assert {one.contribution.post.username for one in more if one.passage} == {"bob", "eva"}


def test_a_short_post_with_a_picture_is_pointed_at(talk: Talk) -> None:
    text = "Our board for the shifts stands beside the door, where everybody passes before the work begins."
    talk.say(asked(talk, "A board for the shifts"), "bob", text, likes=2,
             cooked=f"<p>{text}</p><p><img src='/board.png'></p>")  # fmt: skip
    assert [(one.contribution.post.username, one.passage) for one in chosen(talk)] == [("bob", None)]


def test_of_a_question_its_own_words_are_shown_where_they_ask_more_than_the_title(talk: Talk) -> None:
    asks = "Which of our two boards should the night shift read before the work begins?"
    topic = talk.open("Boards and shifts", "ana", asks, likes=1)
    for name in ("bob", "eva"):
        talk.say(topic, name, "The left one.")
    [asked_for] = chosen(talk)
    assert asked_for.asks
    assert asked_for.passage is not None
    assert asked_for.passage.text == asks
