"""Whatever a reply says, only a well-formed decision of a member of the LCMs' group, or of staff, changes a draft."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from sync_worker.activity.blockers import solved_by_word
from sync_worker.activity.choices import Unheard, unheard
from sync_worker.activity.replies import Verb, read_decisions
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.desk.letters import all_cohorts, cohorts_by_message
from sync_worker.desk.mailbox import CURSOR, Mailbox
from sync_worker.desk.waiting import ASK, MOST_ITEMS, STEP, add_task, new_ask, number_all
from sync_worker.errors import Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.records import ForumPost, ForumTopic, Member, MessageSummary, Readers
from sync_worker.store.database import Store, open_store
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import (
    BlockerWordRow,
    ChoiceRow,
    DismissalRow,
    DraftRow,
    LedgerRow,
    MembershipRow,
    ReplyRow,
    TalkRow,
    UnreadRow,
    WaitingRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_worker.forum import Forum

NOW = datetime(2027, 3, 10, 10, tzinfo=UTC)
FORUM = "forum.example.org"
BROKEN_AT = NOW - timedelta(minutes=2)
LEA, STAFF, STRANGER = 1, 2, 3
SETTINGS = Settings(
    forum=ForumSettings(url=f"https://{FORUM}"),
    cohorts=(
        CohortSettings(
            key="spring",
            name="Spring",
            start=date(2027, 3, 1),
            end=date(2027, 4, 30),
            timezone="UTC",
            group="spring",
            lcm_group="spring-lcm",
            playbook="first-steps",
        ),
    ),
)


@dataclass
class OneConversation:
    """A forum on which there is the message that shows two drafts, with one reply."""

    reply: ForumPost
    name: str = FORUM
    username: str = "worker"
    url: str = f"https://{FORUM}"

    def messages(self) -> Iterator[MessageSummary]:
        yield MessageSummary(50, NOW, 2, "lea")
        yield MessageSummary(51, BROKEN_AT, 2, "lea")

    def topic(self, number: int) -> ForumTopic:
        if number == 51:
            raise FailedCall("it answered 500.", outcome=Outcome.DOUBTFUL, status=500, url="/t/51.json")
        return ForumTopic(
            *(number, "Spring: your decision on 1 and 2", "-", None, NOW, (self.reply,), (), 0),
            *(False, False, None, "lcm-ask", "private_message", True),
            Readers({LEA: "lea", STRANGER: "cai"}, frozenset({"spring-lcm"})),
        )

    def members(self, group: str) -> list[Member]:
        assert group == "spring-lcm"
        return [Member(LEA, "lea", "Lea", None, None, None)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('replies') / 'lcm.db'}")) as opened:
        with opened.begin() as session:
            for key in ("lcm-one", "lcm-two"):
                body = {"kind": "message", "title": "T", "raw": key, "recipients": ["ana"], "position": 0}
                session.add(DraftRow(key=key, forum=FORUM, cohort="spring", state="pending", body=body, created_at=NOW))
            session.flush()
            number_all(session, FORUM, "spring", NOW)
            since = (NOW - timedelta(hours=1)).isoformat()
            remember(session, FORUM, CURSOR, json.dumps({"since": since, "upto": since}))
            payload = {"refs": [ASK], "numbers": [1, 2]}
            session.add(
                LedgerRow(key="lcm-ask", forum=FORUM, cohort="spring", playbook="", step=STEP, slot=NOW,
                          action="message", state="done", payload=payload, result={"topic_id": 50}, attempts=0,
                          created_at=NOW, updated_at=NOW)
            )  # fmt: skip
        yield opened


def states_after(store: Store, raw: str, author: int) -> list[str]:
    """What became of both drafts because of one reply; everything is as it was before afterwards."""
    post = ForumPost(
        *(900, 2, 1, author, {LEA: "lea", STAFF: "mo", STRANGER: "cai"}[author], "Name"),
        *(NOW, "", raw, 0, 0, None, False),
    )
    forum = cast("Forum", OneConversation(replace(post, by_staff=author == STAFF)))
    Mailbox(forum, store, cohorts_by_message(SETTINGS, NOW, has_plugin=False), NOW).read()
    with store.begin() as session:
        found = list(session.scalars(select(DraftRow.state).order_by(DraftRow.key)))
    start_again(store)
    return found


def start_again(store: Store) -> None:
    """Let nothing be read or decided yet."""
    with store.begin() as session:
        session.execute(update(DraftRow).values(state="pending", decided_by=None))
        session.execute(delete(TalkRow))
        session.execute(delete(UnreadRow))
        session.execute(delete(ReplyRow))
        session.execute(delete(LedgerRow).where(LedgerRow.key != "lcm-ask"))
        since = (NOW - timedelta(hours=1)).isoformat()
        remember(session, FORUM, CURSOR, json.dumps({"since": since, "upto": since}))


PIECES = st.sampled_from(
    ["yes", "no", "oui", "non", "1", "2", "3", "all", "tout", ":", ",", ".", "\n", "and", "later", "done", "because",
     "> yes 1", "[quote]yes 1[/quote]", "<!-- yes 1 -->", "-- ", "please", "not"]
)  # fmt: skip
REPLIES = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=9).map(" ".join))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(raw=REPLIES, author=st.sampled_from([LEA, STAFF, STRANGER]))
def test_only_a_well_formed_decision_of_an_lcm_or_of_staff_changes_a_draft(store: Store, raw: str, author: int) -> None:
    reading = read_decisions(raw, ("Name",))
    named = {one.number: one.verb for one in reading.decisions}
    fits = reading.is_clear and named.keys() <= {1, 2, None} and set(named.values()) <= {Verb.YES, Verb.NO}
    expected = ["pending", "pending"]
    if fits and author != STRANGER:
        words = {Verb.YES: "approved", Verb.NO: "rejected"}
        said = [named.get(number, named.get(None)) for number in (1, 2)]
        expected = [words[verb] if verb is not None else "pending" for verb in said]
    assert states_after(store, raw, author) == expected


def test_what_the_property_is_about_happens_at_all(store: Store) -> None:
    assert states_after(store, "yes 1, no 2: too early", LEA) == ["approved", "rejected"]
    assert states_after(store, "oui tout", STAFF) == ["approved", "approved"]
    assert states_after(store, "yes all", STRANGER) == ["pending", "pending"]


def test_a_conversation_that_cannot_be_read_stops_no_other_and_is_tried_again(store: Store) -> None:
    post = ForumPost(900, 2, 1, LEA, "lea", "Name", NOW, "", "Thanks a lot", 0, 0, None, False)
    forum = cast("Forum", OneConversation(post))
    Mailbox(forum, store, cohorts_by_message(SETTINGS, NOW, has_plugin=False), NOW).read()
    with store.begin() as session:
        assert session.get(TalkRow, (FORUM, 50)) is not None
        assert json.loads(remembered(session, FORUM, CURSOR) or "")["upto"] == BROKEN_AT.isoformat()
    start_again(store)


@dataclass
class Doubtful(OneConversation):
    """One conversation, of which the list or the conversation itself does not say all."""

    people: frozenset[int] | None = frozenset({STRANGER})
    groups: frozenset[str] = frozenset()
    readers: Readers | None = None

    def messages(self) -> Iterator[MessageSummary]:
        yield MessageSummary(50, NOW, 2, "cai", self.people, self.groups)

    def topic(self, number: int) -> ForumTopic:
        return replace(super().topic(number), external_id=None, readers=self.readers)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, Unheard(frozenset({STRANGER}))),
        ({"groups": frozenset({"Spring-LCM"})}, Unheard(frozenset({STRANGER}))),
        ({"groups": frozenset({"everybody"})}, Unheard(everybody=True)),
        ({"people": None}, Unheard(everybody=True)),
        ({"readers": Readers({STRANGER: "cai"}, frozenset())}, Unheard()),
        ({"readers": Readers({STRANGER: "cai"}, frozenset()), "raw": None}, Unheard(frozenset({STRANGER}))),
    ],
)
def test_what_a_conversation_does_not_say_of_itself_makes_it_unread(
    store: Store, changes: dict[str, Any], held: Unheard
) -> None:
    raw = changes.pop("raw", "Stop, please")
    post = ForumPost(*(901, 2, 1, STRANGER, "cai", "Name", NOW, "", raw, 0, 0, None, False))
    forum, cohorts = cast("Forum", Doubtful(post, **changes)), all_cohorts(SETTINGS)
    Mailbox(forum, store, {}, NOW, cohorts).read()
    with store.begin() as session:
        assert unheard(session, FORUM) == held
        session.execute(delete(ChoiceRow))
    start_again(store)


@dataclass
class ManyConversations(OneConversation):
    """The same, below newer messages in which others wrote."""

    newer: int = 3

    def messages(self) -> Iterator[MessageSummary]:
        for number in range(self.newer):
            yield MessageSummary(100 + number, NOW, 1, "cai")
        yield MessageSummary(50, NOW - timedelta(minutes=1), 2, "lea")

    def topic(self, number: int) -> ForumTopic:
        found = super().topic(number)
        return found if number == 50 else replace(found, posts=(), external_id=None)


def test_more_messages_than_are_read_in_one_go_are_read_one_go_after_the_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_worker.desk.mailbox.MOST", 2)
    post = ForumPost(900, 2, 1, LEA, "lea", "Name", NOW, "", "yes 1, thank you", 0, 0, None, False)
    cohorts = cohorts_by_message(SETTINGS, NOW, has_plugin=False)
    forum, states = cast("Forum", ManyConversations(post)), []
    for _ in range(3):
        Mailbox(forum, store, cohorts, NOW).read()
        with store.begin() as session:
            states.append(session.get_one(DraftRow, "lcm-one").state)
    assert states == ["pending", "approved", "approved"]
    with store.begin() as session:
        assert json.loads(remembered(session, FORUM, CURSOR) or "")["upto"] == NOW.isoformat()
    start_again(store)
    Mailbox(forum, store, cohorts, NOW).read_all()
    with store.begin() as session:
        assert session.get_one(DraftRow, "lcm-one").state == "approved"
    start_again(store)


def test_later_about_somebody_handed_over_puts_the_sign_aside_until_then(store: Store) -> None:
    task = WaitingRow(kind="task", subject="hand-over:lcm-x:77", user_id=77)
    with store.begin() as session:
        add_task(session, FORUM, "spring", task, NOW)
        number = task.number
        session.get_one(LedgerRow, "lcm-ask").payload = {"refs": [ASK], "numbers": [1, 2, number]}
    states_after(store, f"plus tard {number}", LEA)
    with store.begin() as session:
        session.get_one(LedgerRow, "lcm-ask").payload = {"refs": [ASK], "numbers": [1, 2]}
        [row] = session.scalars(select(DismissalRow))
        assert (row.user_id, row.by, row.until) == (77, "lea", NOW + timedelta(days=7))
        session.delete(session.get_one(WaitingRow, (FORUM, "spring", number)))  # the other tests know of two numbers


def test_a_mistyped_number_decides_on_no_text_that_nobody_was_shown(store: Store) -> None:
    with store.begin() as session:
        session.get_one(LedgerRow, "lcm-ask").payload = {"refs": [ASK], "numbers": [1]}
    assert states_after(store, "yes 2, thank you", LEA) == ["pending", "pending"]
    assert states_after(store, "yes 1 2, thank you", LEA) == ["pending", "pending"]
    assert states_after(store, "yes 1, thank you", LEA) == ["approved", "pending"]
    with store.begin() as session:
        session.get_one(LedgerRow, "lcm-ask").payload = {"refs": [ASK], "numbers": [1, 2]}


NUDGED = {"refs": ["nudge"], "about_users": [STRANGER]}
PAIRED = {"refs": ["together"], "about_users": [STRANGER, 4]}
STORY = {"refs": ["consent"], "about_users": [4]}
REFUSED, UNTOUCHED = (False, False, False), None


@pytest.mark.parametrize(
    ("payload", "users", "words", "heard"),
    [
        (NUDGED, {LEA: "lea", STRANGER: "cai", 4: "dan"}, "Stop, please", REFUSED),
        (NUDGED, {STRANGER: "cai"}, "please do not quote me", (True, False, True)),
        (NUDGED, {STRANGER: "cai"}, "You may stop the bus.", UNTOUCHED),
        (PAIRED, {STRANGER: "cai", 4: "dan"}, "No pairs, thanks.", (True, True, False)),
        (PAIRED, {STRANGER: "cai", 4: "dan"}, "start again", UNTOUCHED),  # perhaps a word to the partner
        (STORY, {STRANGER: "cai", 4: "dan"}, "Stop, please", REFUSED),  # though it was written to somebody else
        (STORY, {STRANGER: "cai", 4: "dan"}, "you may quote me", UNTOUCHED),
        (None, {LEA: "lea", STRANGER: "cai"}, "Stop, please", REFUSED),
        (None, {STRANGER: "cai", 4: "dan"}, "Stop, please", REFUSED),
        (None, {STRANGER: "cai", 4: "dan"}, "start again", UNTOUCHED),
    ],
)
def test_a_no_counts_in_every_message_and_other_words_where_they_are_meant_for_the_worker(
    store: Store, payload: dict[str, Any] | None, users: dict[int, str], words: str, heard: tuple[bool, ...] | None
) -> None:
    post = ForumPost(900, 2, 1, STRANGER, "cai", "Cai", NOW, "", words, 0, 0, None, False)
    forum = cast("Forum", WithWords(post, users=users, key="lcm-other" if payload else None))
    with store.begin() as session:
        ask = session.get_one(LedgerRow, "lcm-ask")
        values = {name: getattr(ask, name) for name in ("forum", "cohort", "playbook", "slot", "action", "state")}
        more = {"result": {}, "attempts": 0, "created_at": NOW, "updated_at": NOW, "payload": payload}
        session.add_all([LedgerRow(key="lcm-other", step="quiet", **values, **more)] if payload else [])
        member = {"person": "cai", "group_name": "spring", "role": "member", "state": "added", "user_id": STRANGER}
        session.add(MembershipRow(forum=FORUM, username="cai", run="r", at=NOW, **member))
    Mailbox(forum, store, cohorts_by_message(SETTINGS, NOW, has_plugin=False), NOW).read()
    with store.begin() as session:
        row = session.get(ChoiceRow, (FORUM, STRANGER))
        assert (row and (row.nudges, row.quoting, row.pairing)) == heard
        session.execute(delete(ChoiceRow))
        session.execute(delete(MembershipRow))
    start_again(store)


@pytest.mark.parametrize(
    ("words", "heard"),
    [("Stop, please", (False, False, False)), ("You may quote me, thanks", None), ("What is this?", None)],
)
def test_of_a_post_that_is_hidden_only_a_no_counts(store: Store, words: str, heard: tuple[bool, ...] | None) -> None:
    post = ForumPost(900, 2, 1, STRANGER, "cai", "Cai", NOW, "", words, 0, 0, None, False, hidden=True)
    forum = cast("Forum", WithWords(post, users={STRANGER: "cai"}))
    member = {"person": "cai", "group_name": "spring", "role": "member", "state": "added", "user_id": STRANGER}
    with store.begin() as session:
        session.add(MembershipRow(forum=FORUM, username="cai", run="r", at=NOW, **member))
    Mailbox(forum, store, cohorts_by_message(SETTINGS, NOW, has_plugin=False), NOW).read()
    with store.begin() as session:
        row = session.get(ChoiceRow, (FORUM, STRANGER))
        assert (row and (row.nudges, row.quoting, row.pairing)) == heard
        assert session.scalars(select(WaitingRow).where(WaitingRow.kind == "task")).all() == []
        session.execute(delete(ChoiceRow))
        session.execute(delete(MembershipRow))
    start_again(store)


@dataclass
class WithWords(OneConversation):
    """The same, with other readers, and of another message or none of ours."""

    users: dict[int, str] = field(default_factory=dict)
    key: str | None = None

    def topic(self, number: int) -> ForumTopic:
        groups = frozenset({"spring-lcm"})
        return replace(super().topic(number), external_id=self.key, readers=Readers(self.users, groups))


BLOCKED = {"refs": ["blockers", "blocker:71", "blocker:72", "until-solved:71"]}


@pytest.mark.parametrize(
    ("author", "words", "solved", "answered"),
    [
        (LEA, "Solved 2, thank you.", [72], "Noted as solved: https://forum.example.org/t/72."),
        (STAFF, "réglé 1 et 2, merci", [71, 72], "Noted as solved"),
        (LEA, "solved all, thanks", [71, 72], "Noted as solved"),
        (LEA, "It is solved, thanks", [], "I cannot tell which of these is solved."),
        (LEA, "solved 3, thank you", [], "I cannot tell which"),
        (LEA, "I think that 2 is solved", [], ""),
        (STRANGER, "solved 2, thank you", [], ""),
    ],
)
def test_one_word_of_an_lcm_solves_a_blocker_with_the_plugin_or_without(
    store: Store, author: int, words: str, solved: list[int], answered: str
) -> None:
    post = ForumPost(900, 2, 1, author, "x", "X", NOW, "", words, 0, 0, None, False, by_staff=author == STAFF)
    forum = cast("Forum", WithWords(post, users={LEA: "lea"}, key="lcm-other"))
    cohorts = all_cohorts(SETTINGS)
    with store.begin() as session:
        ask = session.get_one(LedgerRow, "lcm-ask")
        values = {name: getattr(ask, name) for name in ("forum", "cohort", "playbook", "slot", "action", "state")}
        more = {"result": {}, "attempts": 0, "created_at": NOW, "updated_at": NOW, "payload": BLOCKED}
        session.add(LedgerRow(key="lcm-other", step="hinders", **values, **more))
    for _ in range(2):
        Mailbox(forum, store, {}, NOW, cohorts).read()
    with store.begin() as session:
        assert sorted(solved_by_word(session, FORUM, [71, 72])) == solved
        texts = [row.payload["raw"] for row in session.scalars(select(LedgerRow)) if row.action == "reply"]
        assert len(texts) == bool(answered)
        assert all(text.startswith(answered) for text in texts)
        session.execute(delete(BlockerWordRow))
    start_again(store)


def test_with_the_plugin_it_is_off_unless_the_cohort_asks_for_it() -> None:
    [cohort] = SETTINGS.cohorts

    def by_message(word: str, *, has_plugin: bool, now: datetime = NOW) -> bool:
        cohorts = (cohort.model_copy(update={"by_message": word}),)
        changed = SETTINGS.model_copy(update={"cohorts": cohorts})
        return bool(cohorts_by_message(changed, now, has_plugin=has_plugin))

    assert by_message("auto", has_plugin=False)
    assert not by_message("auto", has_plugin=True)
    assert by_message("always", has_plugin=True)
    assert not by_message("never", has_plugin=False)
    assert not by_message("auto", has_plugin=False, now=NOW + timedelta(days=200))


def test_what_does_not_fit_a_message_comes_an_hour_later_whatever_was_decided(tmp_path: Path) -> None:
    [spring] = all_cohorts(SETTINGS).values()
    an_hour, number = timedelta(hours=1), MOST_ITEMS + 5
    shown: list[dict[str, Any]] = []
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as opened, opened.begin() as session:
        for one in range(number):
            body = {"kind": "message", "title": "T", "raw": f"Text {one}.", "recipients": ["ana"], "position": 0}
            session.add(
                DraftRow(key=f"d{one}", forum=FORUM, cohort="spring", state="pending", body=body, created_at=NOW)
            )
        for now in (NOW, NOW + an_hour / 2, NOW + an_hour, NOW + 2 * an_hour):
            for row in new_ask(session, FORUM, f"https://{FORUM}", spring, now):
                session.add(row)
                shown.append(row.payload)
            session.flush()
    first, second = ([*payload["numbers"]] for payload in shown)
    assert first == [*range(1, MOST_ITEMS + 1)]
    assert set(second) > set(range(MOST_ITEMS + 1, number + 1))
    assert all("comes in about an hour" in payload["raw"] for payload in shown)
