"""What each play drafts for a cohort, with the shipped texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.activity.answers import read_answer
from sync_worker.activity.consents import Shown, shown_in
from sync_worker.activity.reader import Consent
from sync_worker.model import Approval, DraftKind, Post
from sync_worker.plays import REGISTRY, consent
from sync_worker.plays.posting import RoundupOptions, review_period
from sync_worker.publish.entries import objections
from tests.plays.conftest import Desk
from tests.talk import NOON

STORY = (
    "Our hand-over depends on who is on. With some I know everything, with others I find out at ten in the morning.\n\n"
    "I asked everybody to write {}, and no box may stay empty.\n\n"
    "The hand-over takes {} minutes instead of 15. Since then one thing was lost.\n\n"
    "The box with what I am unsure about is the one that matters."
)
SUPPLIERS = (
    "Suppliers were late every month, and I heard of it from the drivers.\n\n"
    "I rang each of the seven on a Tuesday and agreed on a day for bad news.\n\n"
    "Four trucks fewer stood waiting in May, and my evenings are quiet again.\n\n"
    "Bad news wants a day of its own."
)
NIGHTS = (
    "The night shift never saw a manager, and told me so in the survey.\n\n"
    "I came at two in the morning with coffee, once a week, and asked one question.\n\n"
    "Three faults in the alarm were repaired within ten days instead of two years.\n\n"
    "A person who is never asked stops telling."
)
SHELVES = (
    "The stock list was wrong every Friday, and we looked for things that had been sold.\n\n"
    "I asked two colleagues to count the shelves with me on Monday, one letter of the alphabet a week.\n\n"
    "We find three wrong lines instead of 40, and Friday ends at five."
)
WEEK = timedelta(days=7)


PAGE = "one page with five boxes"


def tell(desk: Any, author: str, minutes: str = "seven", likes: int = 3, story: str = STORY) -> Post:
    """Let a learner tell a story under the week's prompt."""
    topics = [topic for topic in desk.talk.all if topic.opening.username == "system"]
    topic = topics[0].id if topics else desk.talk.open("Spring 2027, week 5: Hand-over", "system", "Think.", days_ago=6)
    return desk.talk.say(topic, author, story.format(PAGE, minutes), likes=likes)


def test_a_topic_is_pinned_and_speaks_of_the_cohort(desk: Any) -> None:
    draft = desk.one("topic", template="welcome", pin="7d", tags=["welcome"])
    assert (draft.kind, draft.pin_days, draft.tags) == (DraftKind.TOPIC, 7, ("welcome",))
    assert draft.title == "Spring 2027: who we are"
    assert "For the next six weeks" in draft.raw
    assert "before Sunday 14\u00a0March" in draft.raw
    marta, joao = "[Marta Reis](https://forum.example/u/marta)", "[João Pires](https://forum.example/u/joao)"
    assert f"Write to {marta} and {joao}." in draft.raw


def test_a_french_topic_is_french(french_desk: Any) -> None:
    draft = french_desk.one("topic", template="welcome")
    assert draft.title == "Printemps 2027\u00a0: qui nous sommes"
    assert "Pendant six semaines" in draft.raw
    assert "d’ici au dimanche 14\u00a0mars" in draft.raw


def test_prompts_come_in_the_order_of_the_deck_and_none_twice(desk: Any) -> None:
    drafts = [desk.one("prompt", now=NOON + week * WEEK, deck="apply-it", pin="7d") for week in range(12)]
    refs = [draft.refs[1] for draft in drafts]
    assert refs[0] == "prompt:apply-it/first-sentence"
    assert len(set(refs)) == 12
    used_up = desk.run("prompt", now=NOON + 12 * WEEK, deck="apply-it")
    assert used_up.drafts == ()
    assert "every prompt of deck 'apply-it' was asked" in used_up.reason


@pytest.mark.parametrize("asked_before", [0, 5, 12])
def test_the_closing_prompt_comes_on_the_last_date_whatever_the_length(desk: Any, asked_before: int) -> None:
    for week in range(asked_before):
        assert "still-there" not in desk.one("prompt", now=NOON + week * WEEK, deck="apply-it").refs[1]
    last = desk.one("prompt", now=NOON + asked_before * WEEK, at_the_end=True, deck="apply-it")
    assert last.refs[1] == "prompt:apply-it/still-there"


def test_a_prompt_that_another_deck_asked_with_the_same_title_is_not_asked_again(desk: Any) -> None:
    first = desk.one("prompt", deck="apply-it")
    desk.past = [replace(desk.past[0], draft=replace(first, refs=("prompt", "prompt:my-own/first-sentence")))]
    assert desk.one("prompt", now=NOON + WEEK, deck="apply-it").refs[1] == "prompt:apply-it/one-decision"


def test_random_prompts_do_not_repeat_either_and_depend_on_the_occurrence_alone(desk: Any, french_desk: Any) -> None:
    refs = [desk.one("prompt", now=NOON + week * WEEK, deck="apply-it", pick="random").refs for week in range(12)]
    assert len(set(refs)) == 12
    assert french_desk.one("prompt", deck="apply-it", pick="random").refs == refs[0]


def test_a_prompt_names_its_week_and_says_why_it_is_worth_answering(desk: Any) -> None:
    draft = desk.one("prompt", deck="apply-it")
    assert draft.title == "Spring 2027, week 5: The sentence you opened with"
    assert "**Why it is worth five minutes.**" in draft.raw


def test_consent_is_asked_of_the_best_storys_author_in_a_message_that_the_lcms_share(desk: Any) -> None:
    tell(desk, "bob", likes=1)
    post = tell(desk, "ana", likes=6)
    draft = desk.one("consent", approval=Approval.LCM)
    assert (draft.kind, draft.approval) == (DraftKind.MESSAGE, Approval.LCM)
    assert draft.recipients == ("ana", "marta", "joao")
    assert (draft.about_posts, draft.about_users, draft.refs[0]) == ((post.id,), (post.user_id,), "consent")
    assert f'[quote="ana, post:{post.number}, topic:{post.topic_id}"]' in draft.raw


@pytest.mark.parametrize(
    ("locale", "sentence"), [("en", "Yes, you may show it"), ("fr", "Oui, vous pouvez le montrer")]
)
def test_the_answer_asked_for_is_read_as_a_yes_and_discourse_takes_it(
    desk: Any, french_desk: Any, locale: str, sentence: str
) -> None:
    desk = french_desk if locale == "fr" else desk
    tell(desk, "ana")
    assert f"**{sentence}**" in desk.one("consent").raw
    assert read_answer(sentence) == "yes"
    assert len(sentence) >= 10


@pytest.mark.parametrize(
    ("locale", "sentence"), [("en", "No, please do not show it"), ("fr", "Non, merci de ne pas le montrer")]
)
def test_the_no_that_is_offered_is_read_as_a_no(desk: Any, french_desk: Any, locale: str, sentence: str) -> None:
    desk = french_desk if locale == "fr" else desk
    tell(desk, "ana")
    assert f"**{sentence}**" in desk.one("consent").raw
    assert read_answer(sentence) == "no"


def test_the_question_shows_the_whole_story_where_it_would_stand_and_how_many_read_there(desk: Any) -> None:
    post = tell(desk, "ana")
    question = desk.ask(post)
    shown = shown_in(question.raw)
    desk.answers.append(Consent(post.id, post.user_id, "ana", "yes", NOON, shown))
    told = desk.one("story")
    assert (told.title, told.raw) == (shown.title, shown.raw)
    assert "a topic of its own in Spring 2027, which 31\u00a0people can read" in question.raw


def test_a_question_in_the_lcms_name_waits_for_her_and_another_says_who_writes(desk: Any) -> None:
    tell(desk, "ana")
    hers = desk.one("consent", approval=Approval.LCM).raw
    desk.past.clear()
    ours = desk.one("consent", approval=Approval.NONE).raw
    assert hers.rstrip().endswith(
        "Marta Reis and João Pires\n\n*Sent from the assistant’s account. I read and answer here.*"
    )
    assert "I am the assistant of Marta Reis and João Pires" in ours
    assert ours.rstrip().endswith("*Marta Reis and João Pires can read and answer here as well.*")


def test_nobody_is_asked_twice_nor_while_an_answer_is_awaited(desk: Any) -> None:
    post = tell(desk, "ana", likes=6)
    tell(desk, "ana", "six", likes=5)
    desk.answer(post, "asked")
    assert desk.run("consent", now=NOON + WEEK).drafts == ()
    tell(desk, "bob", "six", likes=1)
    assert desk.one("consent", now=NOON + WEEK).recipients[0] == "bob"


def test_an_lcm_cannot_have_somebody_asked_twice_about_the_same_post(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.answer(post, "no")
    drafted = consent.draft_about(desk.context("consent", NOON, Approval.NONE), post.id)
    assert drafted.drafts == ()
    assert "was asked before" in drafted.reason


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_post_that_an_lcm_picks_is_asked_about_and_told_though_no_rule_would_choose_it(
    desk: Any, french_desk: Any, locale: str
) -> None:
    desk = desk if locale == "en" else french_desk
    topic = desk.talk.open("Spring 2027, week 5: Hand-over", "system", "Think.", days_ago=6)
    post = desk.talk.say(
        topic, "ana", "The board at our door is blank by noon. I left it blank for a day, and saw why."
    )
    assert desk.run("consent").drafts == ()
    shown = desk.answer(post, "yes")
    assert "The board at our door is blank by noon." in shown.raw
    assert desk.past[-1].draft.reason.startswith(
        {"en": "Ana: An LCM chose this post.", "fr": "Ana : Ce message a été choisi par l’équipe."}[locale]
    )
    told = desk.one("story")
    assert (told.about_posts, told.title, told.raw) == ((post.id,), shown.title, shown.raw)


def test_a_post_without_words_of_its_own_is_not_asked_about(desk: Any) -> None:
    topic = desk.talk.open("Spring 2027, week 5: Hand-over", "system", "Think.", days_ago=6)
    post = desk.talk.say(topic, "ana", "![picture](https://forum.example/a.png)")
    drafted = consent.draft_about(desk.context("consent", NOON, Approval.NONE), post.id)
    assert (drafted.drafts, "cannot be told" in drafted.reason) == ((), True)


def test_a_story_is_told_only_with_its_authors_consent(desk: Any) -> None:
    first, second = tell(desk, "ana", likes=6), tell(desk, "bob", "six", likes=2)
    desk.answer(first, "no")
    shown = desk.answer(second, "yes")
    draft = desk.one("story", pin="7d")
    assert (draft.about_posts, draft.refs, draft.kind) == ((second.id,), ("story",), DraftKind.TOPIC)
    assert (draft.title, draft.raw) == (shown.title, shown.raw)
    assert draft.title == (
        "Bob asked everybody to write one page with five boxes: the hand-over takes six minutes instead of 15"
    )
    assert draft.raw.startswith("Bob wrote in [Hand-over](")
    assert "*Shown with the author’s consent.*" in draft.raw
    assert "this week" not in draft.raw


@pytest.mark.parametrize("said", ["unclear", "asked", "no"])
def test_whatever_is_no_plain_yes_tells_no_story(desk: Any, said: str) -> None:
    desk.answer(tell(desk, "ana"), said)
    assert desk.run("story").drafts[0].kind is DraftKind.MESSAGE


def test_a_text_that_an_lcm_changed_is_told_as_the_author_saw_it(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.ask(post)
    changed = Shown("Five boxes that may not stay empty", "A colleague wrote a page with five boxes.\n")
    desk.answers.append(Consent(post.id, post.user_id, "ana", "yes", NOON, changed))
    assert (desk.one("story").title, desk.past[-1].draft.raw) == (changed.title, changed.raw)


def test_after_an_edit_of_the_post_the_author_sees_the_story_again_before_it_is_told(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.answer(post, "yes")
    desk.talk.reword(post, STORY.format("one page with four boxes", "nine"))
    assert desk.run("story").drafts[0].kind is DraftKind.MESSAGE
    again = desk.one("consent", approval=Approval.LCM)
    assert (again.kind, again.topic_id, again.approval) == (DraftKind.REPLY, 7, Approval.LCM)
    assert "four boxes" in shown_in(again.raw).raw
    assert desk.run("consent", now=NOON + WEEK).drafts == ()  # once
    desk.answers[0] = replace(desk.answers[0], shown=shown_in(again.raw))
    assert "four boxes" in desk.one("story", now=NOON + WEEK).raw


def test_an_author_who_saw_no_whole_text_is_shown_it_first(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.answer(post, "yes")
    desk.answers[0] = replace(desk.answers[0], shown=None)
    assert desk.run("story").drafts[0].kind is DraftKind.MESSAGE
    assert desk.one("consent").kind is DraftKind.REPLY


def test_the_same_author_has_no_two_stories_in_a_row_and_no_story_is_told_twice(desk: Any) -> None:
    posts = [tell(desk, "ana", "six", likes=9), tell(desk, "ana", "five", likes=8), tell(desk, "bob", likes=1)]
    for post in posts:
        desk.answer(post, "yes")
    told = [desk.one("story", now=NOON + number * WEEK).about_posts[0] for number in range(3)]
    assert told == [posts[0].id, posts[2].id, posts[1].id]


def test_without_a_consented_story_the_lcms_hear_so_once(desk: Any) -> None:
    desk.answer(tell(desk, "ana"), "asked")
    note = desk.one("story", approval=Approval.LCM)
    assert (note.kind, note.recipients, note.approval) == (DraftKind.MESSAGE, ("spring-lcm",), Approval.NONE)
    assert "no author has said yes" in note.raw
    assert "- [Ana](https://forum.example/t/7)" in note.raw
    assert "ana:" not in note.raw
    again = desk.run("story", now=NOON + WEEK)
    assert again.drafts == ()
    assert again.reason == "No story has its author’s consent yet. The LCMs know."


def test_the_note_names_whose_question_waits_for_an_lcm(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.one("consent", approval=Approval.LCM)
    desk.past[-1] = replace(desk.past[-1], topic_id=None)
    note = desk.one("story").raw
    assert "waits for your approval" in note
    assert f"- [Ana](https://forum.example/p/{post.id})" in note
    assert "Nobody is left to ask" not in note


def test_the_note_does_not_say_that_nobody_agreed_where_somebody_did(desk: Any) -> None:
    agreed = tell(desk, "ana")
    desk.answer(agreed, "yes")
    desk.answer(tell(desk, "bob", "six"), "unclear", words="Call me.")
    desk.talk.reword(agreed, STORY.format("a card", "nine"))
    note = desk.one("story").raw
    assert "no author has said yes" not in note
    assert "- [Ana](https://forum.example/t/7)" in note.split("neither a plain yes")[0]
    assert "- [Bob](https://forum.example/t/7)" in note.split("neither a plain yes")[1]


def test_a_roundup_remembers_whom_and_what_it_showed(desk: Any) -> None:
    post = tell(desk, "ana")
    desk.talk.open("How do you plan the holidays?", "carl", "How do you plan the holidays of fifteen people?")
    draft = desk.one("roundup")
    assert draft.title == "Spring 2027: what we found out, 26\u00a0February – 4\u00a0March"
    assert draft.about_posts == (post.id,)
    assert draft.refs == ("roundup", "open:101", "shown:Ana, on “Hand-over”")
    assert "### Ana, on “Hand-over”" in draft.raw
    assert "### Still open" in draft.raw
    assert desk.run("roundup", now=NOON + timedelta(hours=1)).drafts == ()


def test_what_an_author_does_not_want_shown_is_not_in_a_roundup_either(desk: Any) -> None:
    desk.answer(tell(desk, "ana"), "no")
    assert desk.run("roundup").drafts == ()


def test_what_a_story_has_told_is_not_in_the_roundup_after_it(desk: Any) -> None:
    told = tell(desk, "ana", likes=6)
    desk.answer(told, "yes")
    assert desk.one("story").about_posts == (told.id,)
    other = tell(desk, "bob", story=SUPPLIERS, likes=1)
    assert desk.one("roundup", now=NOON + timedelta(hours=1)).about_posts == (other.id,)


def test_the_author_is_asked_first_whom_no_roundup_has_quoted(desk: Any) -> None:
    quoted = tell(desk, "ana", likes=6)
    assert desk.one("roundup").about_posts == (quoted.id,)
    tell(desk, "carl", "five", likes=5)  # what Ana tells, with another number
    fresh = tell(desk, "bob", story=SHELVES, likes=2)
    assert desk.one("consent", now=NOON + timedelta(hours=1)).about_posts == (fresh.id,)
    assert desk.one("consent", now=NOON + timedelta(hours=2)).about_posts == (quoted.id,)
    assert desk.run("consent", now=NOON + timedelta(hours=3)).drafts == ()


def test_the_story_is_told_first_that_no_roundup_has_quoted(desk: Any) -> None:
    quoted = tell(desk, "ana", likes=6)
    assert desk.one("roundup").about_posts == (quoted.id,)
    fresh = tell(desk, "bob", "five", likes=2)
    for post in (quoted, fresh):
        desk.answer(post, "yes", now=NOON + timedelta(hours=1))
    told = [desk.one("story", now=NOON + timedelta(hours=hours)).about_posts for hours in (2, 3)]
    assert told == [(fresh.id,), (quoted.id,)]


def test_an_open_question_is_called_out_once(desk: Any) -> None:
    desk.talk.open(
        "How do you plan the holidays?", "carl", "How do you plan the holidays of fifteen people?", days_ago=1
    )
    refs = []
    for number, (name, story) in enumerate(zip(("ana", "bob", "dora"), (STORY, SUPPLIERS, NIGHTS), strict=True)):
        tell(desk, name, story=story)
        refs.append(desk.one("roundup", now=NOON + timedelta(hours=number)).refs)
    assert [("open:100" in ref) for ref in refs] == [True, False, False]


def test_a_passage_that_stood_in_an_earlier_roundup_does_not_come_again(desk: Any) -> None:
    tell(desk, "ana")
    assert "one page with five boxes" in desk.one("roundup").raw
    tell(desk, "bob", "five")
    assert desk.run("roundup", now=NOON + timedelta(hours=1)).drafts == ()
    tell(desk, "dora", story=SUPPLIERS)
    assert "a day for bad news" in desk.one("roundup", now=NOON + timedelta(hours=2)).raw


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


@given(
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "America/Santiago"]),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.integers(0, 23),
)
def test_weekly_roundups_leave_no_gap_count_nothing_twice_and_name_what_they_count(
    zone: str, day: date, hour: int
) -> None:
    desk = Desk(zone=zone)
    periods = []
    for week in range(3):
        slot = datetime.combine(day + week * WEEK, time(hour), ZoneInfo(zone))
        context = desk.context("roundup", slot, Approval.NONE, days="7d")
        periods.append(review_period(context, cast("RoundupOptions", context.options)))  # type: ignore[arg-type]
    for earlier, later in pairwise(periods):
        assert earlier.until.timestamp() == later.since.timestamp()
    for period in periods:
        assert (period.since.hour, period.until.hour) == (0, 0)
        assert period.until.date() - period.since.date() == WEEK
        assert period.until.timestamp() <= slot.timestamp()


def test_a_person_whose_name_has_no_end_stops_nobody_else(desk: Any) -> None:
    tell(desk, "bob", "six", likes=2)
    topic = desk.talk.topics[next(iter(desk.talk.topics))]
    for number, name in enumerate(("A" * 246, "Ana " * 60, "<b>@all</b> [quote]", "\u202e\u200b", "👋")):
        desk.talk.say(
            topic.id, f"odd{number}", STORY.format(f"{number} pages with five boxes", 8 + number), name=name, likes=5
        )
    for play in ("consent", "roundup"):
        for draft in desk.run(play, **({"limit": 5} if play == "consent" else {})).drafts:
            assert not objections(draft), draft


@pytest.mark.parametrize(("locale", "said"), [("en", "One person wrote what"), ("fr", "Une personne a écrit ce qui")])
def test_an_lcm_reads_reasons_in_the_language_of_the_cohort(locale: str, said: str) -> None:
    desk = Desk(locale=locale)
    assert desk.run("roundup").reason.startswith({"en": "nobody wrote", "fr": "personne n’a rien écrit"}[locale])
    text = {
        "en": "You can ask everybody to write for two minutes before anybody speaks.",
        "fr": "Demander à chacun d’écrire deux minutes avant de parler change une réunion silencieuse.",
    }[locale]
    desk.talk.say(desk.talk.open("Silence", "eva", "Bonjour."), "ana", text, likes=3)
    reason = desk.run("roundup").reason
    assert reason.startswith(said)
    assert "@" not in reason
