"""A person is found in every text of every table, taken out, and found no more; what else is there stays."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, Double, Integer, String, func, insert, select

from sync_worker.config.options import RetentionSettings
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.gate import CONSENT
from sync_worker.store.database import Store, open_store
from sync_worker.store.forgotten import read_forgotten, remember_forgotten
from sync_worker.store.ledger import draft_to_json
from sync_worker.store.personal import (
    ACCOUNTS,
    GONE,
    NAMES_OF_THINGS,
    NOT_ABOUT_PEOPLE,
    Needles,
    Subject,
    held_about,
    known_as,
    text_columns,
)
from sync_worker.store.tables import (
    WORDS,
    DismissalRow,
    DraftRow,
    LedgerRow,
    PostRow,
    Table,
    TopicRow,
    UtcDateTime,
    VisitRow,
)
from sync_worker.store.taking_out import take_out, wipe
from sync_worker.worker.personal_data import sweep

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FORUM, OTHER = "forum.example.org", "other.example.org"
SENTENCE = "Thanks to @ines.costa and Inês Costa (Ines@Example.org) for it."
INES = Subject(
    accounts=frozenset({4711}), usernames=frozenset({"ines.costa"}), persons=frozenset({"mail:ines@example.org"}),
    emails=frozenset({"ines@example.org"}), names=frozenset({"Inês Costa"}),
)  # fmt: skip
TABLES = Table.metadata.sorted_tables
WITH_TEXTS = {table.name for table in TABLES if text_columns(table)}


def value_of(column: Any, text: str, number: int, forum: str) -> Any:  # noqa: PLR0911
    """A value for a column; texts that may speak of people are `text`."""
    if column.name == "forum":
        return forum
    if WORDS in column.info:
        return "done" if "done" in column.info[WORDS] else sorted(column.info[WORDS])[-1]
    if isinstance(column.type, JSON) and column not in text_columns(column.table):
        return []
    if isinstance(column.type, JSON):
        return {"raw": text, "inside": [{text[:20]: text}], "user_id": number}
    if isinstance(column.type, String):
        length = column.type.length or 1_000
        return text[:length] if column in text_columns(column.table) else f"x{number}"[:length]
    if isinstance(column.type, UtcDateTime):
        return NOON
    if isinstance(column.type, Date):
        return date(2026, 11, 2)
    if isinstance(column.type, Boolean):
        return False
    return 1.0 if isinstance(column.type, Double) else number


def fill(store: Store, text: str, number: int, forum: str = FORUM) -> None:
    """A row in every table whose texts all are `text`."""
    with store.begin() as session:
        for table in TABLES:
            if table.name == "budgets" and number == 2:
                continue  # one row for each forum
            session.execute(
                insert(table).values({one.name: value_of(one, text, number, forum) for one in table.columns})
            )


def counts(store: Store) -> dict[str, int]:
    with store.begin() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def test_a_person_is_found_in_every_table_that_has_a_text_and_taken_out_of_it(store: Store) -> None:
    fill(store, SENTENCE, 1)  # texts of others that name the person
    fill(store, "Nothing but words about the annual plan of ines.costas and Minês Costa.", 2)
    with store.begin() as session:
        assert set(held_about(session, FORUM, INES)) == WITH_TEXTS
    with store.begin() as session:
        changed = take_out(session, FORUM, INES)
    assert set(changed) == WITH_TEXTS
    with store.begin() as session:
        assert held_about(session, FORUM, INES) == {}
        everything = [str(row) for table in TABLES for row in session.execute(select(table))]
    assert [text for text in everything if "ines.costa " in text or "xample.org)" in text] == []
    assert sum("annual plan" in text for text in everything) >= len(WITH_TEXTS) - 3


def test_what_is_a_persons_own_is_deleted_and_what_was_done_stays_without_its_texts(store: Store) -> None:
    fill(store, "Hello to you.", 4711)
    before = counts(store)
    with store.begin() as session:
        take_out(session, FORUM, INES)
    after = counts(store)
    assert {name for name in before if after[name] < before[name]} == {
        "activity_days", "answer_weeks", "case_notes", "cases", "changes", "choices", "commitments", "consents",
        "dismissals", "evidence", "facts", "identities", "likes", "memberships", "posts", "practices", "proposals",
        "replies", "seen", "settlements", "trials", "unpaired", "visits", "waiting",
    }  # fmt: skip
    with store.begin() as session:
        (entry,) = session.scalars(select(LedgerRow))
        assert (entry.to_learner, entry.payload["raw"], entry.reason) == (None, GONE, GONE)
        assert held_about(session, FORUM, INES) == {}


def test_what_was_still_to_be_sent_is_not_sent(store: Store) -> None:
    with store.begin() as session:
        common = {"forum": FORUM, "cohort": "spring", "created_at": NOON}
        session.add(
            LedgerRow(key="a", playbook="p", step="s", slot=NOON, action="message", state="intended", attempts=0,
                      payload={"raw": "Hello", "recipients": ["ines.costa"]}, to_learner=4711, updated_at=NOON,
                      **common)
        )  # fmt: skip
        session.add(DraftRow(key="b", state="pending", body={"raw": "Ask Inês Costa"}, **common))
        session.add(DraftRow(key="c", state="pending", body={"raw": "Ask Ben"}, **common))
    with store.begin() as session:
        take_out(session, FORUM, INES)
    with store.begin() as session:
        entry = session.get_one(LedgerRow, "a")
        assert (entry.state, entry.payload) == ("skipped", {"raw": GONE, "recipients": [GONE]})
        assert {row.key: row.state for row in session.scalars(select(DraftRow))} == {"b": "withdrawn", "c": "pending"}


def test_a_roundup_that_quotes_a_post_of_theirs_loses_its_text_whatever_name_it_has(store: Store) -> None:
    with store.begin() as session:
        session.add(
            PostRow(forum=FORUM, id=9, topic_id=1, number=1, user_id=4711, username="new-name", name="",
                    created_at=NOON, raw="My secret", cooked="My secret")
        )  # fmt: skip
        session.add(
            LedgerRow(key="a", forum=FORUM, cohort="spring", playbook="p", step="s", slot=NOON, action="topic",
                      state="done", payload={"raw": "> My secret", "about_posts": [9]}, attempts=1, created_at=NOON,
                      updated_at=NOON)
        )  # fmt: skip
    with store.begin() as session:
        take_out(session, FORUM, INES)
    with store.begin() as session:
        assert "secret" not in str([row.payload for row in session.scalars(select(LedgerRow))])


def test_what_a_roundup_shows_of_others_can_still_be_taken_out_of_it(store: Store) -> None:
    theirs = {
        "use": "quote",
        "topic_id": 8,
        "post_id": 9,
        "user_id": 4711,
        "passages": ["My secret"],
        "pieces": ["> My secret"],
    }
    others = {
        "use": "quote",
        "topic_id": 8,
        "post_id": 10,
        "user_id": 5,
        "passages": ["My page"],
        "pieces": ["> My page"],
    }
    payload = {
        "raw": "> My secret\n\n> My page",
        "about_posts": [9, 10],
        "citations": [theirs, others],
        "translations": [{"locale": "fr", "title": "Le secret", "raw": "> My secret"}],
    }
    with store.begin() as session:
        session.add(
            LedgerRow(key="k", forum=FORUM, cohort="spring", playbook="p", step="s", slot=NOON,
                      action="topic", state="done", payload=payload, attempts=1, created_at=NOON, updated_at=NOON)
        )  # fmt: skip
    with store.begin() as session:
        take_out(session, FORUM, Subject(accounts=frozenset({4711})))
    with store.begin() as session:
        [kept] = [row.payload for row in session.scalars(select(LedgerRow).where(LedgerRow.key == "k"))]
    assert "secret" not in str(kept)
    assert kept["citations"][0] | {"passages": [], "pieces": []} == kept["citations"][0]
    assert kept["citations"][1] == others
    assert kept["translations"] == [{"locale": "fr", "title": GONE, "raw": GONE}]


def test_another_forum_of_the_same_store_is_left_alone(store: Store) -> None:
    fill(store, SENTENCE, 4711, OTHER)
    with store.begin() as session:
        changed = take_out(session, FORUM, INES)
    assert set(changed) <= {table.name for table in TABLES if "forum" not in table.columns}
    with store.begin() as session:
        assert "posts" in held_about(session, OTHER, INES)


def test_a_person_is_known_by_all_their_identifiers_whichever_was_given(store: Store) -> None:
    with store.begin() as session:
        for table, values in (
            ("identities", {"person": "id:a77", "user_id": 4711, "username": "ines", "matched_by": "external_id",
                            "evidence": {}, "at": NOON}),
            ("emailed", {"person": "id:a77", "group_name": "g", "cohort": "c", "email": "ines@example.org",
                         "state": "sent", "run": "r", "at": NOON}),
            ("posts", {"id": 1, "topic_id": 1, "number": 1, "user_id": 4711, "username": "ines.costa",
                       "name": "Inês Costa", "created_at": NOON, "cooked": "", "likes": 0, "reads": 0,
                       "accepted": False}),
        ):  # fmt: skip
            session.execute(insert(Table.metadata.tables[table]).values(forum=FORUM, **values))
    for given in (
        Subject(usernames=frozenset({"Ines"})),
        Subject(emails=frozenset({"INES@example.org"})),
        Subject(persons=frozenset({"id:a77"})),
    ):
        with store.begin() as session:
            found = known_as(session, FORUM, given)
        assert found.accounts == {4711}
        assert found.names == {"Inês Costa"}
        assert {"ines@example.org", "a77", "ines.costa"} <= found.emails | found.ids | found.usernames


def test_a_username_that_another_account_has_now_does_not_make_two_people_one(store: Store) -> None:
    with store.begin() as session:
        for number, name in ((4711, "ines"), (5000, "ines")):
            session.execute(
                insert(Table.metadata.tables["choices"]).values(
                    forum=FORUM, user_id=number, username=name, nudges=True, quoting=True, pairing=True, at=NOON
                )
            )
        assert known_as(session, FORUM, Subject(accounts=frozenset({4711}))).accounts == {4711}


def test_what_a_forgotten_person_writes_later_is_not_kept(store: Store) -> None:
    def post(number: int, author: int) -> PostRow:
        return PostRow(
            forum=FORUM, id=number, topic_id=1, number=number, user_id=author, username="u", created_at=NOON, cooked="x"
        )

    with store.begin() as session:
        remember_forgotten(session, FORUM, INES, NOON)
    with store.begin() as session:
        session.add_all([post(1, 4711), post(2, 1)])
        session.add(VisitRow(forum=FORUM, user_id=4711, day=date(2026, 11, 2)))
    with store.begin() as session:
        assert [row.user_id for row in session.scalars(select(PostRow))] == [1]
        assert session.scalars(select(VisitRow)).all() == []
        assert "ines" not in str(read_forgotten(session, FORUM))


def test_the_files_of_the_database_give_up_what_was_deleted(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store:
        fill(store, SENTENCE, 4711)
        with store.begin() as session:
            take_out(session, FORUM, INES)
        assert wipe(store.engine)
        content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"forum.example.org" in content
    assert b"ines.costa" not in content
    assert b"Ines@Example.org" not in content


def test_every_column_that_is_said_never_to_speak_of_people_is_there() -> None:
    tables = Table.metadata.tables
    assert [f"{table}.{name}" for table, name in NAMES_OF_THINGS if name not in tables[table].columns] == []


def test_every_number_of_an_account_is_looked_at() -> None:
    likely = {
        column.name
        for table in TABLES
        for column in table.columns
        if isinstance(column.type, Integer) and any(word in column.name for word in ("user", "author", "learner"))
    }
    assert likely == ACCOUNTS
    assert not ACCOUNTS & NOT_ABOUT_PEOPLE


def test_names_are_whole_words_and_a_single_one_keeps_its_case() -> None:
    needles = Needles(Subject(usernames=frozenset({"marko"}), names=frozenset({"Grace"})))
    assert needles.without("MARKO and @marko, markos") == f"{GONE} and @{GONE}, markos"
    assert needles.without("Grace by grace, disGrace") == f"{GONE} by grace, disGrace"


def test_a_username_that_is_a_small_word_counts_where_a_username_stands() -> None:
    needles = Needles(Subject(usernames=frozenset({"will"})))
    said = 'We will see. @Will, [quote="will, post:1, topic:2"] /u/will "will"'
    assert needles.without(said) == f'We will see. @{GONE}, [quote="{GONE}, post:1, topic:2"] /u/{GONE} "{GONE}"'
    assert needles.in_value({"recipients": ["will"]})
    assert not needles.in_value({"raw": "It will be so, at your will."})


@pytest.mark.parametrize("username", ["will", "mark"])
def test_what_waits_for_others_goes_out_though_a_username_is_a_word_of_it(store: Store, username: str) -> None:
    says = "The team will mark what it tries."
    common = {"forum": FORUM, "cohort": "spring", "created_at": NOON}
    entry = {"playbook": "p", "step": "s", "slot": NOON, "action": "topic", "attempts": 0, "updated_at": NOON}
    with store.begin() as session:
        session.add(LedgerRow(key="a", state="intended", payload={"raw": says}, **entry, **common))
        told = {"raw": f"Thank you, @{username}.", "recipients": ["bo"]}
        session.add(LedgerRow(key="b", state="intended", payload=told, **entry, **common))
        session.add(LedgerRow(key="c", state="done", payload={"raw": says}, **entry, **common))
        session.add(DraftRow(key="d", state="pending", reason="", body={"raw": says, "recipients": ["bo"]}, **common))
        session.add(
            DraftRow(key="e", state="pending", reason="", body={"raw": "x", "recipients": [username]}, **common)
        )
    subject = Subject(accounts=frozenset({4711}), usernames=frozenset({username}))
    with store.begin() as session:
        take_out(session, FORUM, subject)
        assert held_about(session, FORUM, subject, spoken=True) == {}
    with store.begin() as session:
        entries = {row.key: (row.state, row.payload["raw"]) for row in session.scalars(select(LedgerRow))}
        drafts = {row.key: (row.state, row.body["raw"]) for row in session.scalars(select(DraftRow))}
    assert entries["a"] == ("intended", says)
    assert entries["b"] == ("skipped", GONE)
    assert entries["c"] == ("done", says.replace("mark", GONE) if username == "mark" else says)
    assert drafts == {"d": ("pending", says), "e": ("withdrawn", GONE)}


@pytest.mark.parametrize(
    "text",
    [
        "Siobhán O'Brien",
        "Siobhán O\u2019Brien",  # as the forum shows it
        "Siobhán O&#39;Brien",
        "SIOBHÁN  O'BRIEN",
        "Siobhán\u00a0O'Brien",
        "Siobhán&nbsp;O’Brien",
        "Siobhán\nO'Brien",
        "Siobha\u0301n O'Brien",
        "Siobhan O'Brien",
        "s.obrien@example.org",
        "s.obrien%40example.org",
    ],
)
def test_a_name_is_recognised_however_its_spaces_signs_and_accents_are_written(text: str) -> None:
    named = Subject(names=frozenset({"Siobhán O'Brien"}), emails=frozenset({"s.obrien@example.org"}))
    assert Needles(named).without(f"Thanks to {text}.") == f"Thanks to {GONE}."


def test_a_part_of_a_name_is_taken_out_of_what_people_wrote_and_somebody_elses_name_stays(store: Store) -> None:
    other = {"user_id": 8, "username": "ines_b", "name": "Inês Barros", "created_at": NOON, "number": 2}
    said = "Thank you, Inês! Costa says so too; ines and costa do not."
    with store.begin() as session:
        session.add(PostRow(forum=FORUM, id=1, topic_id=1, raw=said, cooked=f"<p>{said}</p>", **other))
        common = {"forum": FORUM, "cohort": "spring", "created_at": NOON, "state": "pending", "reason": ""}
        session.add(DraftRow(key="b", body={"raw": "Good morning, Inês.", "about_users": [8]}, **common))
    with store.begin() as session:
        assert held_about(session, FORUM, INES) == {}  # nobody's export has what others wrote of a namesake
        assert set(held_about(session, FORUM, INES, spoken=True)) == {"posts"}
        take_out(session, FORUM, INES)
    with store.begin() as session:
        assert held_about(session, FORUM, INES, spoken=True) == {}
        [post] = session.scalars(select(PostRow))
        assert post.raw == f"Thank you, {GONE}! {GONE} says so too; ines and costa do not."
        assert post.name == "Inês Barros"
        assert session.get_one(DraftRow, "b").body["raw"] == "Good morning, Inês."


THEIRS = "I read the list aloud."
QUOTED = (
    f'[quote="ines.costa, post:1, topic:1"]\nBefore.\n[quote="bo"]\nAn inner one.\n[/quote]\n{THEIRS}\n[/quote]\n\n'
    f'We do that too.\n\n[quote="old-name, post:1, topic:1"]\n{THEIRS}\n[/quote]\n\n[quote="bo"]\nBo stays.\n[/quote]'
)
BOXES = (
    f'<aside class="quote" data-username="ines.costa"><blockquote><p>{THEIRS}</p></blockquote></aside><p>We do.</p>'
    f'<aside class="quote" data-username="old" data-post="1" data-topic="1"><blockquote>{THEIRS}</blockquote></aside>'
    '<aside class="quote" data-username="bo"><blockquote><p>Bo stays.</p></blockquote></aside>'
)


def test_what_others_quote_of_them_goes_and_so_do_the_titles_they_wrote_and_copies_of_our_texts(store: Store) -> None:
    title = "How we hand over now"
    with store.begin() as session:
        for number, name in ((1, title), (2, "A story"), (3, "What we found out")):
            session.add(TopicRow(forum=FORUM, id=number, category_id=5, title=name, slug="some-words", created_at=NOON))
        for number, topic, place, user, raw, cooked in (
            (1, 1, 1, 4711, THEIRS, THEIRS),
            (2, 1, 2, 8, QUOTED, BOXES),
            (3, 2, 1, 1, f"> {THEIRS}", f"<blockquote>{THEIRS}</blockquote>"),
            (4, 2, 2, 8, "A good one.", "A good one."),
        ):
            session.add(
                PostRow(forum=FORUM, id=number, topic_id=topic, number=place, user_id=user, username=f"user-{user}",
                        name="", created_at=NOON, raw=raw, cooked=cooked)
            )  # fmt: skip
        common = {"forum": FORUM, "cohort": "spring", "playbook": "p", "step": "s", "slot": NOON, "attempts": 1}
        common |= {"created_at": NOON, "updated_at": NOON}
        story = {"raw": f"> {THEIRS}", "refs": ["story"], "about_posts": [1], "about_users": [4711]}
        named = {"use": "call", "topic_id": 1, "post_id": 2, "user_id": 8, "title": title, "passages": [], "pieces": []}
        refs = ["roundup", f"shown:On “{title}”", "shown:x"]
        roundup = {"raw": f"On “{title}”: more", "refs": refs, "citations": [named], "about_posts": [2]}
        parts = [[f"On “{title}”", f"> {THEIRS}"], ["On “Boards”", "> Bo stays."]]
        for key, action, state, payload in (
            ("a", "topic", "done", story),
            ("b", "topic", "done", roundup),
            ("c", "revision", "done", {"of": "b", "parts": parts, "about_users": [4711]}),
            ("d", "unpublish", "intended", {"of": "a", "title": THEIRS, "about_users": [4711]}),
        ):
            result = {"topic_id": 2} if key == "a" else {}
            session.add(LedgerRow(key=key, action=action, state=state, payload=payload, result=result, **common))
    with store.begin() as session:
        take_out(session, FORUM, INES)
    with store.begin() as session:
        everything = "\n".join(str(row) for table in TABLES for row in session.execute(select(table)))
        assert "list aloud" not in everything
        assert title not in everything
        [quoting, reply] = session.scalars(select(PostRow).order_by(PostRow.id))
        assert (quoting.id, reply.id) == (2, 4)
        for text in (quoting.raw or "", quoting.cooked):
            assert text.count(GONE) >= 2
            assert "We do" in text
            assert "Bo stays." in text
        rows = {row.key: row for row in session.scalars(select(LedgerRow))}
        assert rows["b"].payload["refs"] == ["roundup", "shown:x"]
        assert rows["c"].payload["parts"] == [["On “Boards”", "> Bo stays."]]
        assert rows["d"].state == "intended"  # what is being taken down still comes down
        slugs = {row.id: (row.title, row.slug) for row in session.scalars(select(TopicRow))}
        assert slugs == {1: (GONE, "-"), 2: (GONE, "-"), 3: ("What we found out", "some-words")}


def settings(**kept: Any) -> Settings:
    return Settings(forum=ForumSettings(url=f"https://{FORUM}"), retention=RetentionSettings(**kept))


def test_what_was_kept_long_enough_is_deleted_once_a_day_by_kind(store: Store) -> None:
    fill(store, "Hello to you.", 1)
    later = NOON + timedelta(days=40)
    kept = {"activity": "30d", "visits": "30d", "drafts": "30d", "ledger": "30d", "changes": "30d", "facts": "forever"}
    swept = sweep(store, settings(**kept), later)
    assert swept == {
        "activity": 8, "visits": 1, "drafts": 2, "evidence": 1, "replies": 1, "changes": 1, "ledger": 1, "webhooks": 1,
            "case studies": 2,
    }  # fmt: skip
    after = counts(store)
    assert {name for name in after if not after[name]} == {
        "posts", "likes", "topics", "visits", "drafts", "evidence", "changes", "webhook_events", "activity_days",
        "answer_weeks", "blocker_words", "case_notes", "cases", "dismissals", "proposals", "trials", "waiting",
    }  # fmt: skip
    assert sweep(store, settings(**kept), later + timedelta(hours=23)) is None
    assert sweep(store, settings(**kept), later + timedelta(hours=25)) == {}


def test_a_sign_that_was_put_aside_is_kept_while_it_is_aside(store: Store) -> None:
    sixty_days = NOON + timedelta(days=60)
    common = {"forum": FORUM, "reason": "on a project", "by": "lea", "at": NOON}
    with store.begin() as session:
        session.add(DismissalRow(cohort="under-way", user_id=1, until=None, **common))
        session.add(DismissalRow(cohort="under-way", user_id=2, until=sixty_days, **common))
        session.add(DismissalRow(cohort="under-way", user_id=3, until=NOON + timedelta(days=2), **common))
        session.add(DismissalRow(cohort="over", user_id=4, until=None, **common))
    going_on = {"key": "under-way", "name": "Under way", "start": "2026-10-05", "end": "9999-12-31", "timezone": "UTC"}
    kept = settings(activity="30d").model_copy(update={"cohorts": (CohortSettings(**going_on),)})
    assert sweep(store, kept, NOON + timedelta(days=40)) == {"activity": 2}
    with store.begin() as session:
        assert set(session.scalars(select(DismissalRow.user_id))) == {1, 2}


def test_what_managers_answered_is_kept_as_long_as_facts(store: Store) -> None:
    fill(store, "Hello to you.", 1)
    assert counts(store)["briefing_answers"] == 1
    swept = sweep(store, settings(facts="30d"), NOON + timedelta(days=40))
    assert swept is not None
    assert swept["facts"] == 2
    assert counts(store)["briefing_answers"] == 0


def test_what_the_worker_needs_to_know_what_it_did_is_never_deleted(store: Store) -> None:
    fill(store, "Hello to you.", 1)
    sweep(store, settings(), NOON + timedelta(days=10_000))
    after = counts(store)
    assert all(after[name] for name in ("ledger", "occurrences", "memberships", "identities", "consents", "choices"))


def test_who_was_in_a_conversation_about_consent_stays_known_when_its_text_goes(store: Store) -> None:
    common = {"forum": FORUM, "cohort": "over", "playbook": "p", "step": "s", "slot": NOON, "state": "done", "part": ""}
    common |= {"attempts": 1, "created_at": NOON, "updated_at": NOON, "action": "message", "to_learner": 7}
    with store.begin() as session:
        for mark in (*sorted(CONSENT), "nudge"):
            payload = {
                "refs": [mark],
                "raw": "Text",
                "recipients": ["ana", "lea"],
                "about_users": [7],
                "signed": ["Lea"],
            }
            session.add(LedgerRow(key=mark, payload=payload, **common))
    assert sweep(store, settings(ledger="30d"), NOON + timedelta(days=40)) == {"ledger": 4}
    with store.begin() as session:
        for row in session.scalars(select(LedgerRow)):
            is_asked = row.key != "nudge"
            assert row.payload["recipients"] == (["ana", "lea"] if is_asked else [])
            assert row.payload["about_users"] == ([7] if is_asked else [])
            assert (row.payload["raw"], row.to_learner) == (GONE, None)
    assert sweep(store, settings(ledger="30d"), NOON + timedelta(days=42)) == {}


def test_the_address_of_a_topic_and_the_part_of_an_entry_do_not_keep_the_person(store: Store) -> None:
    common = {"forum": FORUM, "cohort": "spring", "playbook": "p", "step": "s", "slot": NOON, "state": "done"}
    common |= {"attempts": 1, "created_at": NOON, "updated_at": NOON, "action": "message"}
    with store.begin() as session:
        session.add(
            TopicRow(forum=FORUM, id=1, category_id=5, title="Meet Inês Costa", slug="meet-ines-costa", created_at=NOON)
        )
        session.add(TopicRow(forum=FORUM, id=2, category_id=5, title="Shifts", slug="shifts", created_at=NOON))
        for key, part in (("a", "to-4711"), ("b", "with-17-4711-20"), ("c", "ask-4711")):
            about = [9] if key == "c" else [4711]
            session.add(LedgerRow(key=key, part=part, payload={"about_users": about}, **common))
    with store.begin() as session:
        take_out(session, FORUM, INES)
    with store.begin() as session:
        assert [row.slug for row in session.scalars(select(TopicRow).order_by(TopicRow.id))] == ["-", "shifts"]
        parts = {row.key: row.part for row in session.scalars(select(LedgerRow))}
    assert parts == {"a": "to-0", "b": "with-17-0-20", "c": "ask-4711"}  # the last is of a post with that number


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "emptied by the retention"])
def test_what_an_entry_keeps_to_be_done_again_has_no_account_and_no_digest_of_an_address(
    store: Store, *, is_old: bool
) -> None:
    common = {"forum": FORUM, "cohort": "spring", "playbook": "p", "step": "s", "slot": NOON, "state": "done"}
    common |= {"attempts": 1, "created_at": NOON, "updated_at": NOON, "action": "message"}
    about = () if is_old else (4711,)
    told = Draft(DraftKind.MESSAGE, "Read this.", "why", part="guide-to-4711", about_users=about)
    note = Draft(DraftKind.MESSAGE, "Look.", "why", part="note", about_users=about, refs=("no-manager:4711", "x:4711"))
    mail = Draft(DraftKind.MAIL, "Read this.", "why", part="to-manager-0a1b2c3d4e5f", recipients=("ines@example.org",))
    with store.begin() as session:
        for key, draft in (("a", told), ("b", note), *((("c", mail),) if not is_old else ())):
            session.add(LedgerRow(key=key, part=draft.part, payload=draft_to_json(draft), **common))
            body = draft_to_json(draft)
            session.add(DraftRow(key=key, forum=FORUM, cohort="spring", state="rejected", body=body, created_at=NOON))
    with store.begin() as session:
        take_out(session, FORUM, INES)
    with store.begin() as session:
        entries = [(row.part, row.payload) for row in session.scalars(select(LedgerRow).order_by(LedgerRow.key))]
        bodies = [row.body for row in session.scalars(select(DraftRow).order_by(DraftRow.key))]
    parts = ["guide-to-0", "note", *(["to-manager"] if not is_old else [])]
    assert [part for part, _ in entries] == parts
    assert [body["part"] for body in (*(payload for _, payload in entries), *bodies)] == parts * 2
    assert entries[1][1]["refs"] == bodies[1]["refs"] == ["x:4711"]  # that is the number of a topic
