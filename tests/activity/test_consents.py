"""What authors answer when they are asked whether their post may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sync_worker.activity.consents import Shown, agrees_to, decide, read_answers, reread_consent
from sync_worker.activity.reader import ActivityReader
from sync_worker.forum import Forum
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ConsentRow, LedgerRow

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)


STORY = "On Monday, Ana wrote:\n\n> I read the list aloud, and nobody stayed late.\n"
QUESTION = f"May I show this to everybody?\n\n---\n\n### Ana read the list aloud\n\n{STORY}\n---\n\nYes or no?"


def test_a_text_is_the_same_however_we_kept_the_names_of_sites_from_becoming_links() -> None:
    shown = [f"Run cmd{dot}exe, see forum{dot}org." for dot in (".", "\\.", ".\u2060")]
    assert len({Shown("Done", raw).digest for raw in shown}) == 1
    assert Shown("Done", "1\\. Rest").digest != Shown("Done", "1. Rest").digest


@dataclass
class Asked:
    """Ana was asked, in a conversation with Lea, the LCM; `write` lets somebody answer in it."""

    practice: Any
    forum: Forum
    store: Store
    topic_id: int
    ana: int
    now: datetime = NOW

    def pass_time(self) -> None:
        """Let half an hour go by, more than Discourse lets pass for the same edit."""
        self.now += timedelta(minutes=30)
        self.practice.set_clock(self.now)

    def write(self, username: str, raw: str) -> int:
        """Post in the conversation; return the post's id."""
        self.pass_time()
        answer = self.practice.call(
            "POST", "/posts.json", as_user=username, json={"topic_id": self.topic_id, "raw": raw}
        )
        assert answer.ok, answer.text
        return int(answer.json()["id"])

    def edit(self, username: str, post_id: int, raw: str) -> None:
        """Change a post."""
        self.pass_time()
        answer = self.practice.call("PUT", f"/posts/{post_id}.json", as_user=username, json={"post": {"raw": raw}})
        assert answer.ok, answer.text

    def answer(self) -> str:
        """How the conversation stands now, as the store keeps it."""
        with self.store.begin() as session:
            row = reread_consent(self.forum, session, self.forum.name, 900, NOW)
            assert row is not None
            return row.answer

    def row(self) -> ConsentRow:
        """The stored consent."""
        with self.store.begin() as session:
            return session.get_one(ConsentRow, (self.forum.name, 900))


@pytest.fixture
def asked(practice_forum: Any, tmp_path: Path) -> Iterator[Asked]:
    ana, _, _ = practice_forum.add_users("ana", "bob", "lea")
    practice_forum.set_clock(NOW)
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        sent = forum.create_message("May I show your post?", QUESTION, ["ana", "lea"], "ask-900")
        with store.begin() as session:
            row = asked_row(forum, 900, ["ana", "lea"], ana, sent.topic_id)
            session.add(row)
        yield Asked(practice_forum, forum, store, sent.topic_id, ana)
    store.close()


def asked_row(forum: Forum, post_id: int, recipients: list[str], user_id: int, topic_id: int) -> LedgerRow:
    """Return the ledger's row of a message that asks."""
    payload = {
        "refs": ["consent"],
        "about_posts": [post_id],
        "about_users": [user_id],
        "recipients": recipients,
        "signed": ["Lea Duarte"],
    }
    return LedgerRow(
        key=f"ask-{post_id}",
        forum=forum.name,
        cohort="spring",
        playbook="first-steps",
        step="ask",
        slot=NOW,
        part=f"ask-{post_id}",
        action="message",
        state="done",
        payload=payload,
        result={"topic_id": topic_id},
        created_at=NOW,
        updated_at=NOW,
    )


def asked_by_message(forum: Forum, post_id: int, username: str, user_id: int) -> LedgerRow:
    """Send a message that asks, and return the ledger's row of it."""
    sent = forum.create_message(
        "May I show your post?", "May I show it to everybody? Yes or no.", [username], f"ask-{post_id}"
    )
    return asked_row(forum, post_id, [username], user_id, sent.topic_id)


def test_a_plain_yes_is_for_the_text_as_it_was_shown(asked: Asked) -> None:
    assert asked.answer() == "asked"
    asked.write("ana", "Yes, you may show it. Thank you, Lea!")
    assert asked.answer() == "yes"
    assert agrees_to(asked.row(), "Ana read the list aloud", STORY)
    assert not agrees_to(asked.row(), "Ana read the list out loud", STORY)
    assert not agrees_to(asked.row(), "Ana read the list aloud", STORY.replace("nobody", "Karim"))


def test_the_latest_word_counts(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    asked.write("ana", "One thing before you do: take the name of the ward out.")
    assert asked.answer() == "unclear"
    assert asked.row().words == "One thing before you do: take the name of the ward out."
    asked.write("ana", "No, I would rather not after all.")
    assert asked.answer() == "no"
    asked.write("ana", "Thank you for asking.")
    assert asked.answer() == "no"


def test_a_yes_after_a_condition_is_for_the_lcm(asked: Asked) -> None:
    asked.write("ana", "Once my manager has read it.")
    asked.write("ana", "Yes, of course you may.")
    assert asked.answer() == "unclear"


@pytest.mark.parametrize("no", ["No, I would rather not.", "No, thank you."])
def test_a_yes_after_a_no_is_for_the_lcm(asked: Asked, no: str) -> None:
    asked.write("ana", no)
    asked.write("ana", "Yes, of course you may.")
    assert asked.answer() == "unclear"


@pytest.mark.parametrize("question", ["Ana, shall I leave it out after all?", "Would you rather I did not show it?"])
@pytest.mark.parametrize("yes", ["Yes.", "Yes, please do.", "That's fine, no problem.", "OK"])
def test_a_yes_to_a_later_question_of_the_lcm_is_for_her_to_read(asked: Asked, question: str, yes: str) -> None:
    asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    asked.write("lea", f"{question} I am not sure about your ward.")
    asked.write("ana", f"{yes}\n\nThank you, Lea." if yes != "OK" else "Okay, all right, Lea.")
    assert asked.answer() == "unclear"


def test_a_friendly_word_after_a_yes_changes_nothing(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    asked.write("ana", "No problem at all, thank you.")
    assert asked.answer() == "yes"


def test_a_friendly_word_alone_is_for_the_lcm(asked: Asked) -> None:
    asked.write("ana", "No problem at all, thank you.")
    assert asked.answer() == "unclear"


def test_a_yes_to_words_typed_in_the_workers_account_is_no_consent(asked: Asked) -> None:
    asked.write(asked.forum.username, "Ana, shall I rather take the name of the ward out?")
    asked.write("ana", "Yes, of course you may.")
    assert asked.answer() == "unclear"


def test_a_yes_after_a_note_of_the_worker_itself_is_one(asked: Asked) -> None:
    asked.write(
        asked.forum.username, "The question above is still open. <!-- lcm:lcm-spring-ask-20270305-0123456789ab -->"
    )
    asked.write("ana", "Yes, of course you may.")
    assert asked.answer() == "yes"


def test_a_yes_to_somebody_elses_words_is_no_consent(asked: Asked) -> None:
    asked.write("lea", "Ana, have you seen the question above?")
    asked.write("ana", "Yes, of course!")
    assert asked.answer() == "unclear"


def test_an_edited_answer_counts_as_it_stands_now(asked: Asked) -> None:
    post = asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    asked.edit("ana", post, "No, please do not show it to the others.")
    assert asked.answer() == "no"


def test_a_yes_edited_into_an_older_answer_after_others_spoke_is_for_the_lcm(asked: Asked) -> None:
    post = asked.write("ana", "Let me ask my colleagues about it.")
    asked.write("lea", "Shall I leave the names out?")
    asked.edit("ana", post, "Yes, you may show it.")
    assert asked.answer() == "unclear"


def test_a_deleted_answer_is_no_answer(asked: Asked) -> None:
    post = asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    assert asked.practice.call("DELETE", f"/posts/{post}.json", as_user="ana").ok
    assert asked.answer() == "asked"


def test_without_its_conversation_there_is_no_consent(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    assert asked.practice.call("DELETE", f"/t/{asked.topic_id}.json").ok
    assert asked.answer() == "unclear"


def test_a_text_that_an_lcm_changed_is_what_the_next_yes_is_for(asked: Asked) -> None:
    asked.write("ana", "Please call it a colleague, not Karim.")
    changed = STORY.replace("nobody", "no colleague")
    asked.write("lea", f"Like this?\n\n---\n\n### Ana reads the list aloud\n\n{changed}\n---\n")
    assert asked.answer() == "asked"
    asked.write("ana", "Yes, you may show it.")
    assert asked.answer() == "yes"
    assert agrees_to(asked.row(), "Ana reads the list aloud", changed)
    assert not agrees_to(asked.row(), "Ana read the list aloud", STORY)


def test_a_text_that_its_reader_did_not_see_is_not_agreed_to(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    opening = asked.forum.topic(asked.topic_id).posts[0]  # type: ignore[union-attr]
    asked.edit("forumadmin", opening.id, QUESTION.replace("nobody", "Karim"))
    assert asked.answer() == "unclear"


def test_an_author_who_is_renamed_stays_the_same_person(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    assert asked.practice.call("PUT", "/u/ana/preferences/username.json", json={"new_username": "ana_r"}).ok
    assert asked.answer() == "yes"
    assert (asked.row().username, asked.row().user_id) == ("ana_r", asked.ana)


def test_nobody_but_the_author_can_agree(asked: Asked) -> None:
    asked.write("lea", "Yes, you may show it.")
    assert asked.answer() == "asked"


def test_words_written_after_a_click_count_and_older_ones_do_not(asked: Asked) -> None:
    asked.write("ana", "No, not this one.")
    assert asked.answer() == "no"
    with asked.store.begin() as session:
        row = session.get_one(ConsentRow, (asked.forum.name, 900))
        decide(row, "yes", asked.now + timedelta(minutes=1), "ana")
    assert asked.answer() == "yes"
    asked.write("ana", "Sorry: please do not show it after all.")
    assert asked.answer() == "no"


def test_it_costs_one_call_to_read_a_conversation_again(asked: Asked) -> None:
    asked.write("ana", "Yes, you may show it.")
    before = asked.forum.calls.total
    asked.answer()
    assert asked.forum.calls.total == before + 1


def test_a_word_alone_is_too_short_for_discourse_and_the_sentence_asked_for_is_not(asked: Asked) -> None:
    short = {"topic_id": asked.topic_id, "raw": "Yes"}
    refused = asked.practice.call("POST", "/posts.json", as_user="ana", json=short)
    assert refused.status_code == 422
    assert "minimum is 10 characters" in refused.text
    asked.write("ana", "Yes, you may show it")


def test_answers_are_read_from_the_messages_and_a_no_can_follow_a_yes(practice_forum: Any, tmp_path: Path) -> None:
    ids = dict(zip(("ana", "bob", "carl"), practice_forum.add_users("ana", "bob", "carl"), strict=True))
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        rows = [asked_by_message(forum, 900 + number, name, ids[name]) for number, name in enumerate(ids)]
        topics = {row.payload["recipients"][0]: row.result["topic_id"] for row in rows}
        with store.begin() as session:
            session.add_all(rows)
        for name, raw in (("ana", "Yes, of course you may."), ("bob", "No, I would rather not.")):
            body = {"topic_id": topics[name], "raw": raw}
            assert practice_forum.call("POST", "/posts.json", as_user=name, json=body).ok
        with store.begin() as session:
            summary = read_answers(forum, session, "spring", NOW)
        assert (summary.asked, summary.yes, summary.no) == (3, 1, 1)
        calls = forum.calls.total
        with store.begin() as session:
            read_answers(forum, session, "spring", NOW + timedelta(hours=1))
        assert forum.calls.total == calls + 3  # a word may follow on each
        with store.begin() as session:
            read_answers(forum, session, "spring", NOW + timedelta(hours=1, minutes=10))
        assert forum.calls.total == calls + 3  # they were looked at a moment ago
        with store.begin() as session:
            read_answers(forum, session, "spring", NOW + timedelta(days=91))
        assert forum.calls.total == calls + 3  # long ago
        with store.begin() as session:
            answers = {row.username: row.answer for row in session.scalars(select(ConsentRow))}
            read = ActivityReader(session, forum.name, (), 0).consents("spring")
    assert answers == {"ana": "yes", "bob": "no", "carl": "asked"}
    assert [(consent.username, consent.answer) for consent in read] == [
        ("ana", "yes"),
        ("bob", "no"),
        ("carl", "asked"),
    ]
    store.close()
