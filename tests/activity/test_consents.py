"""What authors answer when they are asked whether their post may be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sync_worker.activity.consents import read_answer, read_answers
from sync_worker.activity.reader import ActivityReader
from sync_worker.forum import Forum
from sync_worker.store.database import open_store
from sync_worker.store.tables import ConsentRow, LedgerRow

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "yes",
        "YES, of course",
        "Sure, go ahead.",
        "No problem, use it.",
        "I don't mind at all.",
        "Why not. OK.",
        "Oui",
        "Oui, allez-y.",
        "D'accord",
        "Pas de problème",
        "Volontiers, cela me ferait plaisir.",
        ["Yes, of course", "If it helps anybody."][0],
    ],
)
def test_a_clear_yes_is_a_yes(text: str) -> None:
    assert read_answer(text) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "No.",
        "no thanks, it is too close to home",
        "I would rather not.",
        "Please don't.",
        "Non merci.",
        "Non, pas celui-ci.",
        "Je préfère que cela reste entre nous.",
        "Plutôt pas.",
    ],
)
def test_a_clear_no_is_a_no(text: str) -> None:
    assert read_answer(text) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Let me think about it.",
        "Yes, but not with my name.",
        "Yes, if you leave out the supplier.",
        "Oui, sans le nom du fournisseur.",
        "Oui, mais pas cette semaine.",
        "Qui le lirait ?",
    ],
)
def test_a_condition_or_no_word_at_all_is_for_a_person_to_read(text: str) -> None:
    assert read_answer(text) is None


def asked_by_message(forum: Forum, post_id: int, username: str, user_id: int) -> LedgerRow:
    """Send a message that asks, and return the ledger's row of it."""
    sent = forum.create_message(
        "May I show your post?", "May I show it to everybody? Yes or no.", [username], f"ask-{post_id}"
    )
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
        payload={"refs": ["consent"], "about_posts": [post_id], "about_users": [user_id], "recipients": [username]},
        result={"topic_id": sent.topic_id},
        created_at=NOW,
        updated_at=NOW,
    )


def test_answers_are_read_from_the_messages_and_a_no_can_follow_a_yes(practice_forum: Any, tmp_path: Path) -> None:
    ids = dict(zip(("ana", "bob", "carl"), practice_forum.add_users("ana", "bob", "carl"), strict=True))
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        rows = [asked_by_message(forum, 900 + number, name, ids[name]) for number, name in enumerate(ids)]
        topics = {row.payload["recipients"][0]: row.result["topic_id"] for row in rows}
        with store.begin() as session:
            session.add_all(rows)
        for name, raw in (("ana", "Yes, of course you may."), ("bob", "No, I would rather not show it.")):
            body = {"topic_id": topics[name], "raw": raw}
            assert practice_forum.call("POST", "/posts.json", as_user=name, json=body).ok
        with store.begin() as session:
            summary = read_answers(forum, session, "spring", NOW)
        assert (summary.asked, summary.yes, summary.no) == (3, 1, 1)
        calls = forum.calls.total
        with store.begin() as session:
            read_answers(forum, session, "spring", NOW + timedelta(hours=1))
        assert forum.calls.total == calls + 1  # only carl's is still open
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
