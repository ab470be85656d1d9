"""Whatever is written in a conversation, a yes stands only as the author's last word on what was shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.activity.consents import Decision, Parties, Shown, shown_in, standing
from sync_worker.content.markdown import escape
from sync_worker.content.templates import Rendered
from sync_worker.forum.records import ForumPost
from sync_worker.plays.frame import as_shown

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
AUTHOR, WORKER, LCM, OTHER = 2, 1, 3, 4
NAMES = {AUTHOR: "ana", WORKER: "worker", LCM: "lea", OTHER: "ben"}
PARTIES = Parties(AUTHOR, "worker", frozenset({"lea"}), ("Lea Duarte",))
OFFER = "May I?\n\n---\n\n### A title\n\nA text of {}.\n\n---\n"
TEXTS = {
    "yes": "Yes, you may show it.",
    "no": "No, I would rather not.",
    "unclear": "Yes, once the names are out.",
    "thanks": "Thank you, Lea.",
    "offer": OFFER,
}
turns = st.lists(st.tuples(st.sampled_from([AUTHOR, WORKER, LCM, OTHER]), st.sampled_from(sorted(TEXTS))), max_size=8)


def post(number: int, user: int, text: str, edited_at: datetime | None = None) -> ForumPost:
    """Write a post, a minute after the one before."""
    raw = TEXTS[text].format(number)
    return ForumPost(
        id=number,
        number=number,
        post_type=1,
        user_id=user,
        username=NAMES[user],
        name=NAMES[user].title(),
        created_at=NOW + timedelta(minutes=number),
        cooked=f"<p>{raw}</p>",
        raw=raw,
        likes=0,
        reads=0,
        reply_to=None,
        accepted=False,
        edited_at=edited_at,
    )


@given(turns)
def test_a_yes_stands_only_as_the_authors_last_word_on_the_last_text(said: list[tuple[int, str]]) -> None:
    posts = [post(number, *turn) for number, turn in enumerate([(WORKER, "offer"), *said], 1)]
    stands = standing(posts, PARTIES)
    if stands.answer != "yes":
        return
    offers = [one.number for one in posts if one.user_id in (WORKER, LCM) and shown_in(one.raw)]
    words = [one for one in posts if one.user_id == AUTHOR and one.raw not in (TEXTS["thanks"],)]
    assert stands.shown == shown_in(posts[offers[-1] - 1].raw)
    assert words[-1].raw == TEXTS["yes"]
    first = next(one for one in words if one.number > offers[-1] and one.raw in (TEXTS["yes"], TEXTS["unclear"]))
    assert first.raw == TEXTS["yes"]
    last = words[-1].number
    between = [one for one in posts if offers[-1] < one.number < last and one.user_id in (LCM, OTHER, WORKER)]
    assert between == []


@given(turns, st.integers(0, 9), st.sampled_from(["yes", "no"]))
def test_a_decision_holds_until_somebody_writes_again(said: list[tuple[int, str]], minute: int, answer: str) -> None:
    posts = [post(number, *turn) for number, turn in enumerate([(WORKER, "offer"), *said], 1)]
    decision = Decision(answer, NOW + timedelta(minutes=minute, seconds=1))
    stands = standing(posts, PARTIES, decision)
    later = [one for one in posts if one.created_at > decision.at]
    if all(one.user_id not in (AUTHOR, WORKER, LCM) for one in later):
        assert stands.answer == answer
    assert standing(later, PARTIES).answer == stands.answer or stands.answer in (answer, "unclear")


@given(turns, st.integers(1, 9))
def test_an_edit_of_the_authors_never_makes_a_yes_after_others_spoke(said: list[tuple[int, str]], which: int) -> None:
    posts = [post(number, *turn) for number, turn in enumerate([(WORKER, "offer"), *said, (LCM, "thanks")], 1)]
    end = NOW + timedelta(hours=1)
    edited = [one if one.number != which else post(which, one.user_id, "yes", end) for one in posts]
    if standing(posts, PARTIES).answer in ("no", "unclear") and posts[which % len(posts) - 1].user_id == AUTHOR:
        rest = [one for one in posts if one.number != which]
        assert standing(edited, PARTIES).answer != "yes" or standing(rest, PARTIES).answer == "yes"


@given(st.text(min_size=3, max_size=60), st.text(max_size=200))
def test_a_story_is_found_again_as_it_was_shown(title: str, body: str) -> None:
    text = Rendered(str(escape(title)) or "A title", f"{escape(body)}\n")
    shown = shown_in(f"May I?\n\n{as_shown(text)}\n\nYes or no?")
    assert shown is not None
    assert shown.digest == Shown(shown.title, text.body).digest


def test_a_post_without_the_form_shows_nothing() -> None:
    assert shown_in("---\n\nno title\n\n---") is None
    assert shown_in("### A title\n\nno lines") is None
    assert shown_in(None) is None


def test_a_new_username_of_the_author_makes_no_other_text() -> None:
    old = '[quote="ana, post:3, topic:9"]\nIt worked.\n[/quote]'
    new = old.replace("ana,", "ana_r,")
    assert Shown("A title", old).digest == Shown("A title", new).digest
    assert Shown("A title", old).digest != Shown("A title", old.replace("It", "Karim")).digest
