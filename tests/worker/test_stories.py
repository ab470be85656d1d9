"""Stories over HTTP on a forum without the plugin: asked for, answered, told, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.activity.choices import enter_word
from sync_worker.activity.replies import Choice
from sync_worker.store.facts import set_fact
from tests.worker.story_site import TRIED, YES, StorySite, day

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


TRIED_IN_FRENCH = (
    "À la relève, la moitié des questions se perdaient. La semaine dernière, j’ai essayé de lire la liste à voix haute "
    "avant que chacun parte. Cela a marché : nous avons eu deux rappels au lieu de sept, et personne n’est resté tard."
)


def test_nothing_is_asked_in_the_lcms_name_before_she_approved_it(site: StorySite) -> None:
    site.run(day(16, 10))
    assert site.messages() == []
    site.run(day(16, 11))
    assert site.messages() == []
    assert site.approve() == 1
    site.run(day(16, 12))
    assert len(site.messages()) == 1


def test_the_author_and_the_lcm_share_the_conversation_and_see_how_many_would_read(asked: StorySite) -> None:
    shown = asked.call("GET", f"/t/{asked.conversation.id}.json", asked.lcm)
    allowed = {user["username"] for user in shown["details"]["allowed_users"]}
    assert {asked.learner, asked.lcm} <= allowed
    assert "which 3\u00a0people can read" in asked.texts(asked.conversation)[0]


def test_a_story_is_told_word_for_word_as_it_was_shown_and_its_author_hears(told: StorySite) -> None:
    story = told.stories()[0]
    question = told.texts(told.conversation)[0]
    assert f"\n\n{told.texts(story)[0]}\n\n---" in question
    thanks = told.texts(told.conversation)[-1]
    assert f"/t/{story.id})" in thanks
    assert thanks.startswith("Ana, your story is out")
    for hour in (11, 12):
        told.run(day(19, hour))
    assert told.texts(told.conversation)[-1] == thanks
    assert len(told.texts(told.conversation)) == 3


def test_the_question_and_the_thanks_greet_by_the_first_name_and_the_story_has_the_full_one(site: StorySite) -> None:
    with site.store() as store, store.begin() as session:
        author = site.call("GET", f"/u/{site.learner}.json")["user"]["id"]
        set_fact(session, site.settings.forum.name, author, "first_name", "Annie", "people.csv", day(1))
    site.ask()
    assert site.texts(site.conversation)[0].startswith("Annie, others could use what you wrote")
    site.say(site.learner, YES, day(17, 12))
    site.run(day(19, 10))
    [story] = site.stories()
    assert "Annie" not in site.texts(story)[0]
    assert site.texts(site.conversation)[-1].startswith("Annie, your story is out")


@pytest.mark.parametrize("words", ["Yes, once you have changed the title.", "Sounds good. Who will read it?"])
def test_what_is_no_plain_yes_goes_to_the_lcm_and_nothing_is_shown(asked: StorySite, words: str) -> None:
    asked.say(asked.learner, words, day(16, 14))
    asked.run(day(19, 10))
    assert asked.stories() == []
    text = asked.note("please read")
    assert f"> {words}" in text
    assert f"/t/{asked.conversation.id})" in text
    assert "**Yes, show it**" in text
    asked.run(day(20, 10))
    asked.run(day(21, 11))
    assert len([topic for topic in asked.messages() if "please read" in topic.title]) == 1


def test_an_answer_reaches_the_lcm_within_a_day_though_no_step_is_due(asked: StorySite) -> None:
    asked.say(asked.learner, "Call me about it, please.", day(16, 14))
    asked.run(day(17, 12))
    assert [topic for topic in asked.messages() if "please read" in topic.title]


def test_words_in_a_note_can_do_nothing(asked: StorySite) -> None:
    asked.say(asked.learner, "Yes if @here **all** agree <b>now</b> [x](http://evil.example) {{ 7 }}", day(16, 14))
    asked.run(day(17, 12))
    text = asked.note("please read")
    assert "@here" not in text
    assert "<b>" not in text
    assert "evil.example" not in text


@pytest.mark.parametrize(("answer", "stands", "stories"), [("Yes, show it", "yes", 1), ("No, leave it", "no", 0)])
def test_the_lcm_answers_for_what_is_no_plain_yes(asked: StorySite, answer: str, stands: str, stories: int) -> None:
    asked.say(asked.learner, "Sure, if it is of any use to you.", day(16, 14))
    asked.run(day(17, 12))
    note = next(topic for topic in asked.messages() if "please read" in topic.title)
    asked.say(asked.lcm, answer, day(17, 14), note.id)
    asked.run(day(18, 13))
    assert asked.answer() == stands
    asked.run(day(19, 10))
    assert len(asked.stories()) == stories


def test_what_an_lcm_answered_is_void_once_the_author_wrote_again(asked: StorySite) -> None:
    asked.say(asked.learner, "Sure, if it is of any use to you.", day(16, 14))
    asked.run(day(17, 12))
    note = next(topic for topic in asked.messages() if "please read" in topic.title)
    asked.say(asked.learner, "No, I would rather not after all.", day(17, 13))
    asked.say(asked.lcm, "Yes, show it", day(17, 14), note.id)
    asked.run(day(18, 13))
    assert asked.answer() == "no"


def test_a_changed_text_is_shown_to_the_author_and_told_as_it_was_changed(asked: StorySite) -> None:
    asked.say(asked.learner, "Please do not say how many stayed late.", day(16, 14))
    changed = "---\n\n### Ana reads the list aloud\n\nAna read the list aloud, and fewer calls came back.\n\n---"
    asked.say(asked.lcm, f"What about this?\n\n{changed}", day(16, 16))
    asked.run(day(17, 17))
    assert asked.answer() == "asked"
    asked.say(asked.learner, YES, day(18, 9))
    asked.run(day(19, 10))
    story = asked.stories()[0]
    assert (story.title, asked.texts(story)) == (
        "Ana reads the list aloud",
        ["Ana read the list aloud, and fewer calls came back."],
    )


def test_a_yes_taken_back_before_the_story_tells_none(asked: StorySite) -> None:
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(17, 14))
    assert asked.answer() == "yes"
    asked.say(asked.learner, "I have thought again. No, please do not show it to anybody.", day(18, 14))
    asked.run(day(19, 10))
    assert asked.stories() == []
    assert asked.answer() == "no"


def test_a_yes_taken_back_afterwards_takes_the_story_down_and_the_lcm_hears_why(told: StorySite) -> None:
    words = "Please take my story down, my boss has seen it."
    title = told.stories()[0].title.split(" · ")[0]
    told.say(told.learner, words, day(20, 9))
    told.run(day(20, 10.5))
    assert told.stories() == []
    text = told.note("takes the story back")
    assert f"took the story “{title}” down" in text
    assert f"> {words}" in text
    assert "went" not in text
    for number in (21, 22, 30):
        told.run(day(number, 12))
    assert len([topic for topic in told.messages() if "takes the story back" in topic.title]) == 1


def will_not_be_quoted(site: StorySite, username: str, post: dict[str, Any], now: datetime) -> None:
    """Let somebody choose not to be quoted, as the plugin's preferences and a message are entered."""
    with site.store() as store, store.begin() as session:
        enter_word(session, site.settings.forum.name, post["user_id"], username, Choice.NO_QUOTES, now)


def test_who_asks_not_to_be_quoted_at_all_is_told_on_no_more_however_old_the_story_is(told: StorySite) -> None:
    title = told.stories()[0].title.split(" · ")[0]
    will_not_be_quoted(told, told.learner, told.post, day(110))
    told.run(day(110, 10.5))
    assert told.stories() == []
    assert told.answer() == "yes"  # it counts less
    text = told.note("takes the story back")
    assert "has asked not to be quoted any more" in text
    assert f"took the story “{title}” down" in text
    told.run(day(111))
    assert len([topic for topic in told.messages() if "takes the story back" in topic.title]) == 1


def test_a_story_that_names_somebody_who_asks_not_to_be_quoted_comes_down_and_the_lcm_hears_why(
    told_of_ben: StorySite,
) -> None:
    site = told_of_ben
    assert "Last week Ben and I tried" in site.texts(site.stories()[0])[0]
    ben = site.call("GET", f"/u/ben_{site.key}.json")["user"]["id"]
    will_not_be_quoted(site, f"ben_{site.key}", {"user_id": ben}, day(20))
    for hour in (10, 11):
        site.run(day(20, hour))
    assert site.stories() == []
    text = site.note("the story of Ana is down")
    assert "The story of Ana names somebody who has asked not to be quoted or named any more." in text
    assert "Ana has not heard of it from me." in text
    assert "Ben" not in text


def test_a_title_in_somebody_else_s_story_gives_way_once_its_author_will_not_be_quoted(
    new_site: Callable[..., StorySite],
) -> None:
    site, opened = new_site(), "How do you hand over without losing half of it?"
    site.set_clock(day(15, 8))
    body = {"title": f"{opened} {site.key}", "raw": "I have no good way of doing it.", "category": site.category}
    topic = site.call("POST", "/posts.json", f"ben_{site.key}", json=body)
    reply = {"raw": TRIED, "topic_id": topic["topic_id"]}
    site.post = site.call("POST", "/posts.json", site.learner, json=reply)
    for name in ("ben", "lea"):
        like = {"id": site.post["id"], "post_action_type_id": 2}
        site.call("POST", "/post_actions.json", f"{name}_{site.key}", json=like)
    site.ask()
    site.say(site.learner, YES, day(16, 14))
    site.run(day(19, 10))
    [story] = site.stories()
    assert opened in site.texts(story)[0]
    assert f"topic:{topic['topic_id']}" in site.texts(story)[0]
    will_not_be_quoted(site, f"ben_{site.key}", topic, day(20))
    for hour in (10, 11):
        site.run(day(20, hour))
    [story] = site.stories()
    text = site.texts(story)[0]
    assert opened not in text
    assert "how-do-you" not in text
    assert "topic:" not in text
    assert f"wrote in [a conversation]({site.server.url}/t/-/{topic['topic_id']}" in text
    assert "we had two calls back instead of seven" in text


def test_a_yes_taken_back_is_heeded_also_while_the_cohort_s_changes_of_steps_are_wrong(told: StorySite) -> None:
    told.say(told.learner, "Please take my story down.", day(20, 9))
    [cohort] = told.settings.cohorts
    declared = {**cohort.model_dump(by_alias=True, exclude={"steps"}), "steps": {"no-such-step": False}}
    told.settings = told.settings.model_copy(update={"cohorts": (type(cohort).model_validate(declared),)})
    report = told.run(day(20, 10.5))
    assert "no-such-step" in report.standing[0].reason
    assert told.stories() == []


def test_replies_go_with_a_story_that_is_taken_down_and_the_lcm_hears_how_many(told: StorySite) -> None:
    story = told.stories()[0]
    told.say(f"ben_{told.key}", "We do the same on our ward since then.", day(19, 12), story.id)
    told.say(told.learner, "No, please do not show it any more.", day(20, 9))
    told.run(day(20, 10.5))
    note = next(topic for topic in told.messages() if "takes the story back" in topic.title)
    assert "With it went one reply." in told.texts(note)[0]


def test_a_condition_after_the_story_was_told_leaves_it_up_and_asks_the_lcm(told: StorySite) -> None:
    told.say(told.learner, "Could you leave the number of calls out?", day(20, 9))
    told.run(day(20, 10.5))
    assert len(told.stories()) == 1
    note = next(topic for topic in told.messages() if "please read" in topic.title)
    assert "still up" in told.texts(note)[0]
    told.say(told.lcm, "No, take it down", day(20, 12), note.id)
    told.run(day(21, 11))
    assert told.stories() == []


def test_an_answer_that_is_deleted_after_the_story_was_told_is_shown_to_the_lcm(told: StorySite) -> None:
    posts = told.call("GET", f"/t/{told.conversation.id}.json")["post_stream"]["posts"]
    yes = next(post for post in posts if post["username"] == told.learner)
    told.set_clock(day(20, 9))
    told.call("DELETE", f"/posts/{yes['id']}.json", told.learner)
    told.run(day(20, 10.5))
    note = next(topic for topic in told.messages() if "please read" in topic.title)
    assert "no words left there" in told.texts(note)[0]


def test_a_story_that_somebody_else_deleted_already_is_no_error(told: StorySite) -> None:
    told.call("DELETE", f"/t/{told.stories()[0].id}.json")
    told.say(told.learner, "No, please do not show it any more.", day(20, 9))
    assert told.run(day(20, 10.5)).failures == []
    assert [topic for topic in told.messages() if "takes the story back" in topic.title]


def test_a_forum_that_moved_thanks_nobody_again_and_a_story_still_comes_down(told: StorySite) -> None:
    texts = told.texts(told.conversation)
    told.move()
    told.run(day(20, 10.5))
    assert told.texts(told.conversation) == texts
    told.say(told.learner, "Please take my story down.", day(21, 9))
    for number in (22, 23):
        told.run(day(number, 10.5))
    assert told.stories() == []


def test_whoever_said_yes_hears_once_that_the_story_will_not_be_told(asked: StorySite) -> None:
    asked.run(day(19, 10))  # Friday's story step: nobody has agreed yet
    asked.say(asked.learner, YES, day(19, 11))
    asked.settings = asked.settings.model_copy(
        update={"cohorts": (asked.settings.cohorts[0].model_copy(update={"end": day(24).date()}),)}
    )
    asked.run(day(20, 12))
    assert len(asked.texts(asked.conversation)) == 2
    for number in (26, 27, 60):
        asked.run(day(number, 12))
    texts = asked.texts(asked.conversation)
    assert len(texts) == 3
    assert "now it will not be" in texts[-1]
    assert asked.stories() == []


def test_a_day_with_nothing_new_costs_one_call_for_each_open_conversation(told: StorySite) -> None:
    told.run(day(20, 12))
    report = told.run(day(21, 13))
    assert (report.calls, report.is_empty) == (1, True)
    assert told.run(day(21, 14)).calls == 0


def test_a_story_that_is_old_is_left_alone(told: StorySite) -> None:
    told.run(day(20, 12))
    with told.store() as store:
        del store
    assert told.run(day(19 + 91, 12), cohort=told.key).failures == []
    told.say(told.learner, "No, please do not show it any more.", day(19 + 92, 9))
    told.run(day(19 + 93, 12))
    assert len(told.stories()) == 1


def test_a_french_cohort_is_written_to_in_french(new_site: Callable[..., StorySite]) -> None:
    site = new_site(locale="fr")
    site.tell(TRIED_IN_FRENCH)
    site.ask()
    assert "que 3\u00a0personnes peuvent lire" in site.texts(site.conversation)[0]
    site.say(site.learner, "Oui, mais qui le lira\u00a0?", day(16, 14))
    site.run(day(17, 12))
    note = next(topic for topic in site.messages() if "à lire" in topic.title)
    assert "> Oui, mais qui le lira\u00a0?" in site.texts(note)[0]
    site.say(site.lcm, "Oui, montrez-le", day(17, 13), note.id)
    site.run(day(19, 10))
    assert site.texts(site.conversation)[-1].startswith("Ana, votre récit est paru\u00a0:")
    site.say(site.learner, "Non, merci de ne pas le montrer.", day(20, 9))
    site.run(day(20, 11))
    assert site.stories() == []
    note = next(topic for topic in site.messages() if "retire son récit" in topic.title)
    assert "J’ai donc retiré" in site.texts(note)[0]


@pytest.mark.parametrize("edited", [True, False])
def test_a_story_that_an_lcm_edited_after_the_yes_is_not_what_its_author_agreed_to(
    asked: StorySite, tmp_path: Path, edited: bool
) -> None:
    asked.let_stories_wait(tmp_path)
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(19, 10))
    assert asked.approve(**({"title": "Ana saved us all with one list"} if edited else {})) == 1
    asked.run(day(19, 11))
    assert len(asked.stories()) == (0 if edited else 1)


def test_a_yes_taken_back_while_an_approved_story_waits_is_heeded(asked: StorySite, tmp_path: Path) -> None:
    asked.let_stories_wait(tmp_path)
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(19, 10))
    asked.approve()
    asked.say(asked.learner, "No, please do not show it after all.", day(19, 10.2))
    asked.run(day(19, 10.4))
    assert asked.stories() == []
