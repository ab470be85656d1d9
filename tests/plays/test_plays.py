"""What each play drafts for a cohort, with the shipped texts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from sync_worker.activity.reader import Consent
from sync_worker.model import Approval, DraftKind, Post
from sync_worker.plays import REGISTRY
from tests.talk import NOON

STORY = (
    "Our hand-over depends on who is on. With some I know everything, with others I find out at ten in the morning.\n\n"
    "I asked everybody to write {}, and no box may stay empty.\n\n"
    "The hand-over takes {} minutes instead of 15. Since then one thing was lost.\n\n"
    "The box with what I am unsure about is the one that matters."
)
WEEK = timedelta(days=7)


PAGE = "one page with five boxes"


def tell(desk: Any, author: str, minutes: str = "seven", likes: int = 3, deed: str = PAGE) -> Post:
    """Let a learner tell a story under the week's prompt."""
    topics = [topic for topic in desk.talk.all if topic.opening.username == "system"]
    topic = topics[0].id if topics else desk.talk.open("Spring 2027, week 5: Hand-over", "system", "Think.", days_ago=6)
    return desk.talk.say(topic, author, STORY.format(deed, minutes), likes=likes)


def answer(desk: Any, post: Post, said: str) -> None:
    """Let an author answer the request for consent."""
    desk.answers.append(Consent(post.id, post.user_id, post.username, said, NOON - timedelta(days=2)))


def test_a_topic_is_pinned_and_speaks_of_the_cohort(desk: Any) -> None:
    draft = desk.one("topic", template="welcome", pin="7d", tags=["welcome"])
    assert (draft.kind, draft.pin_days, draft.tags) == (DraftKind.TOPIC, 7, ("welcome",))
    assert draft.title == "Spring 2027: who we are"
    assert "For the next six weeks" in draft.raw
    assert "before Sunday 14\u00a0March" in draft.raw
    assert "Write to Marta Reis and João Pires." in draft.raw


def test_a_french_topic_is_french(french_desk: Any) -> None:
    draft = french_desk.one("topic", template="welcome")
    assert draft.title == "Printemps 2027\u00a0: qui nous sommes"
    assert "Pendant six semaines" in draft.raw
    assert "d’ici au dimanche 14\u00a0mars" in draft.raw


def test_prompts_come_in_the_order_of_the_deck_and_none_twice_before_all_have_come(desk: Any) -> None:
    drafts = [desk.one("prompt", now=NOON + week * WEEK, deck="apply-it", pin="7d") for week in range(14)]
    refs = [draft.refs[1] for draft in drafts]
    assert refs[0] == "prompt:apply-it/first-sentence"
    assert len(set(refs[:13])) == 13
    assert refs[13] == refs[0]
    assert len({draft.title for draft in drafts}) == 14


def test_random_prompts_do_not_repeat_either_and_depend_on_the_occurrence_alone(desk: Any, french_desk: Any) -> None:
    refs = [desk.one("prompt", now=NOON + week * WEEK, deck="apply-it", pick="random").refs for week in range(13)]
    assert len(set(refs)) == 13
    assert french_desk.one("prompt", deck="apply-it", pick="random").refs == refs[0]


def test_a_prompt_names_its_week_and_says_why_it_is_worth_answering(desk: Any) -> None:
    draft = desk.one("prompt", deck="apply-it")
    assert draft.title == "Spring 2027, week 5: The sentence you opened with"
    assert "**Why it is worth five minutes.**" in draft.raw


def test_consent_is_asked_of_the_best_storys_author_by_message(desk: Any) -> None:
    tell(desk, "bob", likes=1)
    post = tell(desk, "ana", likes=6)
    draft = desk.one("consent", approval=Approval.LCM)
    assert (draft.kind, draft.recipients, draft.approval) == (DraftKind.MESSAGE, ("ana",), Approval.LCM)
    assert (draft.about_posts, draft.about_users, draft.refs) == ((post.id,), (post.user_id,), ("consent",))
    assert f'[quote="ana, post:{post.number}, topic:{post.topic_id}"]' in draft.raw
    assert "**yes** or **no**" in draft.raw


def test_nobody_is_asked_twice_nor_while_an_answer_is_awaited(desk: Any) -> None:
    post = tell(desk, "ana", likes=6)
    tell(desk, "ana", "six", likes=5)
    assert desk.one("consent").about_posts == (post.id,)
    answer(desk, post, "asked")
    assert desk.run("consent", now=NOON + WEEK).drafts == ()
    tell(desk, "bob", "six", likes=1)
    assert desk.one("consent", now=NOON + WEEK).recipients == ("bob",)


def test_a_story_is_told_only_with_its_authors_consent(desk: Any) -> None:
    first, second = tell(desk, "ana", likes=6), tell(desk, "bob", "six", likes=2)
    answer(desk, first, "no")
    answer(desk, second, "yes")
    draft = desk.one("story", pin="7d")
    assert (draft.about_posts, draft.refs, draft.kind) == ((second.id,), ("story",), DraftKind.TOPIC)
    assert draft.title == (
        "Bob asked everybody to write one page with five boxes: the hand-over takes six minutes instead of 15"
    )
    assert "Wednesday 3\u00a0March" in draft.raw
    assert "*Shown with the author’s consent.*" in draft.raw


def test_the_same_author_has_no_two_stories_in_a_row_and_no_story_is_told_twice(desk: Any) -> None:
    posts = [tell(desk, "ana", "six", likes=9), tell(desk, "ana", "five", likes=8), tell(desk, "bob", likes=1)]
    for post in posts:
        answer(desk, post, "yes")
    told = [desk.one("story", now=NOON + number * WEEK).about_posts[0] for number in range(3)]
    assert told == [posts[0].id, posts[2].id, posts[1].id]


def test_without_a_consented_story_the_lcms_hear_so_once(desk: Any) -> None:
    answer(desk, tell(desk, "ana"), "asked")
    note = desk.one("story", approval=Approval.LCM)
    assert (note.kind, note.recipients, note.approval) == (DraftKind.MESSAGE, ("spring-lcm",), Approval.NONE)
    assert "no clear answer so far: ana" in note.raw
    again = desk.run("story", now=NOON + WEEK)
    assert again.drafts == ()
    assert "the LCMs know" in again.reason


def test_a_roundup_remembers_whom_and_what_it_showed(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.talk.open("How do you plan the holidays?", "carl", "How do you plan the holidays of fifteen people?")
    draft = desk.one("roundup")
    assert draft.title == "Spring 2027: what we found out, 26\u00a0February – 4\u00a0March"
    assert draft.about_posts == (post.id,)
    assert draft.refs == ("roundup", "open:101", "shown:Ana, on “Hand-over”")
    assert "### Ana, on “Hand-over”" in draft.raw
    assert "### Still open" in draft.raw
    assert "ana" in desk.past[0].draft.reason or post.username == "ana"
    assert desk.run("roundup", now=NOON + timedelta(hours=1)).drafts == ()


def test_what_an_author_does_not_want_shown_is_not_in_a_roundup_either(desk: Any) -> None:
    answer(desk, tell(desk, "ana"), "no")
    assert desk.run("roundup").drafts == ()


def test_an_open_question_is_called_out_twice_at_most(desk: Any) -> None:
    desk.talk.open(
        "How do you plan the holidays?", "carl", "How do you plan the holidays of fifteen people?", days_ago=1
    )
    refs = []
    deeds = ("one page with five boxes", "three lines before lunch", "a card for the night shift")
    for number, name in enumerate(("ana", "bob", "dora")):
        tell(desk, name, ("five", "six", "eight")[number], deed=deeds[number])
        refs.append(desk.one("roundup", now=NOON + timedelta(hours=number)).refs)
    assert [("open:100" in ref) for ref in refs] == [True, True, False]


def test_a_passage_that_stood_in_an_earlier_roundup_does_not_come_again(desk: Any) -> None:
    tell(desk, "ana")
    assert "one page with five boxes" in desk.one("roundup").raw
    tell(desk, "bob", "five", deed="one page with five boxes")
    assert desk.run("roundup", now=NOON + timedelta(hours=1)).drafts == ()
    tell(desk, "dora", "eight", deed="three lines before lunch")
    assert "three lines before lunch" in desk.one("roundup", now=NOON + timedelta(hours=2)).raw


def test_a_week_without_posts_has_no_roundup_and_says_why(desk: Any) -> None:
    drafted = desk.run("roundup")
    assert (drafted.drafts, drafted.reason) == (
        (),
        "nobody wrote anything in this period (26\u00a0February – 4\u00a0March)",
    )


def test_drafting_again_gives_the_same_text(desk: Any) -> None:
    tell(desk, "ana")
    for play, options in (("prompt", {"deck": "apply-it", "pick": "random"}), ("roundup", {})):
        first = desk.run(play, **options)
        desk.past.clear()
        assert desk.run(play, **options) == first
        desk.past.clear()


@pytest.mark.parametrize("pin", ["7", "7 days", 7, "0d", "400d"])
def test_a_duration_needs_its_unit_and_a_sensible_size(pin: object) -> None:
    with pytest.raises(ValidationError):
        REGISTRY["topic"].options.model_validate({"template": "welcome", "pin": pin})


def test_the_options_of_every_play_have_a_json_schema() -> None:
    for play in REGISTRY.values():
        schema = play.options.model_json_schema()
        assert schema["additionalProperties"] is False
    assert REGISTRY["consent"].default_approval is Approval.LCM
