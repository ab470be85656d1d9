"""Who has another account keeps all that was chosen, known, sent and asked; the stricter of two wishes stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, delete, insert, select

from sync_worker.activity.choices import enter_word, refusing, unwilling
from sync_worker.activity.replies import Choice
from sync_worker.membership.matching.accounts import Match
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.state import Account
from sync_worker.model import TOGETHER
from sync_worker.publish.gate import received
from sync_worker.store.accounts import COUNTED_ANEW, OF_SYNCS, ONE_OF_BOTH, move_account
from sync_worker.store.database import Store, open_store
from sync_worker.store.facts import set_fact
from sync_worker.store.ledger import HANDED
from sync_worker.store.personal import ACCOUNTS, account_columns, text_columns
from sync_worker.store.tables import (
    ChoiceRow,
    CommitmentRow,
    DismissalRow,
    DraftRow,
    FactRow,
    IdentityRow,
    LedgerRow,
    Table,
    WaitingRow,
)
from tests.store.test_personal import FORUM, NOON, OTHER, value_of

OLD, NEW, ELSE = 4711, 4712, 4713
NAME = "ana.new"
TABLES = [table for table in Table.metadata.sorted_tables if "forum" in table.columns]
MOVED = [table for table in TABLES if account_columns(table) and table.name not in OF_SYNCS | COUNTED_ANEW]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'lcm.db'}")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def empty(store: Store) -> None:
    clear(store)


def clear(store: Store) -> None:
    with store.begin() as session:
        for table in TABLES:
            session.execute(delete(table))


def row_of(table: Any, number: int, forum: str = FORUM, key: int = 1) -> dict[str, Any]:
    """A row of an account; rows of two accounts are the same but for the account where that is a part of the key."""
    row = {column.name: value_of(column, f"Words {key}.", key, forum) for column in table.columns}
    row |= {column.name: number for column in account_columns(table)}
    for column in table.columns:
        if isinstance(column.type, JSON):
            row[column.name] = [number] if column.name == "user_ids" else {"about_users": [number, ELSE], "x": [number]}
    return row


def test_every_table_with_accounts_is_moved_or_said_not_to_be(store: Store) -> None:
    with store.begin() as session:
        for table in TABLES:
            if account_columns(table):
                session.execute(insert(table).values(row_of(table, OLD)))
                session.execute(insert(table).values(row_of(table, OLD, OTHER, key=2)))
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        for table in TABLES:
            if not account_columns(table):
                continue
            rows = {row["forum"]: dict(row) for row in session.execute(select(table)).mappings()}
            if table.name == "likes":  # of one's own post
                assert FORUM not in rows
                continue
            stays = table.name in OF_SYNCS | COUNTED_ANEW
            expected = row_of(table, OLD if stays else NEW)
            if not stays:
                expected |= {name: {"about_users": [NEW, ELSE], "x": [OLD]} for name in json_columns(table)}
            if "username" in table.columns and "user_id" in table.columns and not stays:
                expected["username"] = NAME
            assert rows[FORUM] == expected, table.name
            assert rows[OTHER] == row_of(table, OLD, OTHER, key=2), table.name


def json_columns(table: Any) -> list[str]:
    return [one.name for one in text_columns(table) if isinstance(one.type, JSON) and one.name != "user_ids"]


def test_where_an_account_is_a_part_of_the_key_one_row_is_made_of_both(store: Store) -> None:
    keyed = {one.name for one in MOVED if {column.name for column in one.primary_key.columns} & ACCOUNTS}
    assert keyed == set(ONE_OF_BOTH)
    with store.begin() as session:
        for table in MOVED:
            for number in (OLD, NEW):
                key = 1 if table.name in keyed else number
                extra = {"author_id": ELSE} if table.name == "likes" else {}
                session.execute(insert(table).values(row_of(table, number, key=key) | extra))
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        for table in MOVED:
            rows = session.execute(select(table)).mappings().all()
            assert len(rows) == (1 if table.name in keyed else 2), table.name
            assert {row[one.name] for row in rows for one in account_columns(table)} <= {NEW, ELSE}, table.name


WISHES = st.tuples(st.booleans(), st.booleans(), st.booleans())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(old=st.none() | WISHES, new=st.none() | WISHES, fact=st.none() | st.booleans(), days=st.integers(-2, 2))
def test_what_either_account_did_not_want_the_person_does_not_want(
    store: Store, old: Any, new: Any, fact: bool | None, days: int
) -> None:
    clear(store)
    names = ("nudges", "quoting", "pairing")
    at = NOON + timedelta(days=days)
    with store.begin() as session:
        for number, wishes, moment in ((OLD, old, at), (NEW, new, NOON)):
            if wishes is not None:
                row = dict(zip(names, wishes, strict=True))
                session.add(ChoiceRow(forum=FORUM, user_id=number, username="x", at=moment, **row))
        if fact is not None:
            set_fact(session, FORUM, OLD, "pairing", fact, "file", at)
            set_fact(session, FORUM, NEW, "pairing", not fact, "file", NOON)
        session.flush()
        before = {name: {OLD, NEW} & refusing(session, FORUM, name) for name in names}
        paired = {OLD, NEW} & unwilling(session, FORUM, "spring")
        move_account(session, FORUM, OLD, NEW, NAME)
        for name in names:
            assert refusing(session, FORUM, name) == (frozenset({NEW}) if before[name] else frozenset())
        assert unwilling(session, FORUM, "spring") == (frozenset({NEW}) if paired else frozenset())


def test_what_was_said_of_either_account_before_does_not_undo_what_both_came_to(store: Store) -> None:
    times = [NOON + timedelta(minutes=number) for number in range(4)]
    with store.begin() as session:
        said = ChoiceRow(forum=FORUM, user_id=OLD, username="x", at=times[1], nudges=False, nudges_at=times[0])
        said.quoting_at = times[1]
        kept = ChoiceRow(forum=FORUM, user_id=NEW, username="x", at=times[3], nudges_at=times[3], pairing=False)
        session.add_all([said, kept])
        session.flush()
        move_account(session, FORUM, OLD, NEW, NAME)
        row = session.get_one(ChoiceRow, (FORUM, NEW))
        assert (row.nudges, row.quoting, row.pairing, row.at) == (False, True, False, times[3])
        assert (row.nudges_at, row.quoting_at, row.pairing_at) == (times[3], times[1], None)
        enter_word(session, FORUM, NEW, NAME, Choice.START_AGAIN, times[2])
        assert (row.nudges, row.pairing) == (False, True)


def test_what_the_person_got_counts_for_the_new_account(store: Store) -> None:
    with store.begin() as session:
        entry(session, "a", to_learner=OLD, part=f"to-{OLD}")
        entry(session, "b", about_users=[ELSE, OLD], refs=[TOGETHER], part=f"with-{OLD}-{ELSE}")
        entry(session, "c", to_learner=NEW)
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        got = received(session, FORUM, (NEW, OLD), NOON - timedelta(days=1))
        assert sorted((one.key, one.learner) for one in got) == [("a", NEW), ("b", NEW), ("c", NEW)]
        assert [row.payload["part"] for row in session.scalars(select(LedgerRow).order_by(LedgerRow.key))] == [
            f"to-{NEW}", f"with-{NEW}-{ELSE}", ""
        ]  # fmt: skip


def test_nobody_is_brought_together_with_themselves(store: Store) -> None:
    with store.begin() as session:
        entry(session, "open", "intended", about_users=[OLD, NEW], refs=[TOGETHER])
        entry(session, "three", "intended", about_users=[OLD, NEW, ELSE], refs=[TOGETHER])
        body = {"about_users": [OLD, NEW], "refs": [TOGETHER]}
        session.add(DraftRow(key="draft", forum=FORUM, cohort="spring", state="pending", body=body, created_at=NOON))
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        states = {row.key: (row.state, row.payload["about_users"]) for row in session.scalars(select(LedgerRow))}
        assert states == {"open": ("skipped", [NEW]), "three": ("intended", [NEW, ELSE])}
        assert session.get_one(DraftRow, "draft").state == "withdrawn"


def test_a_person_who_was_handed_over_waits_once(store: Store) -> None:
    with store.begin() as session:
        session.add(
            WaitingRow(forum=FORUM, cohort="spring", number=1, kind="task", subject=f"{HANDED}key:{OLD}", digest="",
                       user_id=OLD, username="", words="", at=NOON)
        )  # fmt: skip
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        assert [(row.subject, row.user_id) for row in session.scalars(select(WaitingRow))] == [
            (f"{HANDED}key:{NEW}", NEW)
        ]


def test_of_two_facts_the_newer_counts_and_of_two_signs_that_were_put_aside_the_longer(store: Store) -> None:
    days = [NOON + timedelta(days=number) for number in range(3)]
    with store.begin() as session:
        for name, (old, new) in {"team": (0, 1), "site": (1, 0)}.items():
            set_fact(session, FORUM, OLD, name, "old", "file", days[old])
            set_fact(session, FORUM, NEW, name, "new", "file", days[new])
        ends: list[datetime | None] = [None, days[1], days[2]]
        for number, (old_end, new_end) in enumerate(product(ends, ends)):
            for account, until in ((OLD, old_end), (NEW, new_end)):
                session.add(
                    DismissalRow(forum=FORUM, cohort=f"c{number}", user_id=account, reason="", until=until, by="lea",
                                 at=NOON)
                )  # fmt: skip
        move_account(session, FORUM, OLD, NEW, NAME)
    with store.begin() as session:
        assert {row.name: (row.user_id, row.value) for row in session.scalars(select(FactRow))} == {
            "team": (NEW, "new"),
            "site": (NEW, "old"),
        }
        found = {row.cohort: row.until for row in session.scalars(select(DismissalRow))}
        for number, pair in enumerate(product(ends, ends)):
            assert found[f"c{number}"] == (None if None in pair else max(one for one in pair if one)), pair


def test_of_two_plans_in_one_topic_the_first_stands_and_none_is_asked_about_twice(store: Store) -> None:
    with store.begin() as session:
        for number, day, asked in ((OLD, 0, None), (NEW, 1, NOON)):
            row = row_of(CommitmentRow.__table__, number) | {
                "post_id": number, "written_at": NOON + timedelta(days=day), "answer": "",
                "asked_at": asked, "asked_key": f"k{number}", "talk": number,
            }  # fmt: skip
            session.add(CommitmentRow(**row))
        session.flush()
        move_account(session, FORUM, OLD, NEW, NAME)
        [plan] = session.scalars(select(CommitmentRow))
        assert (plan.user_id, plan.post_id, plan.asked_at, plan.asked_key, plan.talk) == (
            *(NEW, OLD, NOON, f"k{NEW}", NEW),
        )


@pytest.mark.parametrize("anonymised", [False, True])
def test_a_sync_that_finds_the_person_under_another_account_takes_it_along(store: Store, anonymised: bool) -> None:
    memory = MembershipStore(store.sessions, FORUM)
    match = Match(Account(OLD, "ana"), "email", evidence={})
    memory.remember_people({"mail:ana@x.org": match}, NOON)
    with store.begin() as session:
        session.add(ChoiceRow(forum=FORUM, user_id=OLD, username="ana", nudges=False, at=NOON))
        set_fact(session, FORUM, OLD, "pairing", value=False, source="file", at=NOON)
        set_fact(session, FORUM, OLD, "team", "Depot", "file", NOON)
    moved = replace(match, account=Account(NEW, NAME), lost=OLD, anonymised=anonymised)
    memory.remember_people({"mail:ana@x.org": moved}, NOON)
    with store.begin() as session:
        assert session.scalars(select(IdentityRow.user_id)).all() == [NEW]
        assert refusing(session, FORUM, "nudges") == {NEW}
        assert unwilling(session, FORUM, "spring") == {NEW}
        team = session.scalars(select(FactRow.user_id).where(FactRow.name == "team")).one()
        assert team == (OLD if anonymised else NEW)


def entry(session: Any, key: str, state: str = "done", **payload: Any) -> None:
    body = {"part": "", "about_users": [], "refs": [], **payload}
    session.add(
        LedgerRow(key=key, forum=FORUM, cohort="spring", playbook="p", step="s", slot=NOON, part=body["part"],
                  action="message", state=state, payload=body, result={}, attempts=0, to_learner=body.get("to_learner"),
                  sent_at=NOON, created_at=NOON, updated_at=NOON)
    )  # fmt: skip
