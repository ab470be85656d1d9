"""The page that shows a person all that is held about them: complete, in their language, without words of others."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from sync_worker.desk.sections import learners_section
from sync_worker.desk.words import words_for
from sync_worker.languages.parts import PERSONAL
from sync_worker.report.about_person import ENTRIES, page_of, write_page
from sync_worker.signals.needs_hand import Around
from sync_worker.signals.participation import LearnerActivity
from sync_worker.store.database import open_store
from sync_worker.store.personal import Subject, held_about
from sync_worker.store.tables import (
    ChoiceRow,
    DismissalRow,
    DraftRow,
    EvidenceRow,
    FactRow,
    LedgerRow,
    PostRow,
    Table,
    TrialRow,
)
from sync_worker.worker.taking_part import TakingPart

FORUM = "forum.example.org"
NOON = datetime(2027, 3, 18, 12, tzinfo=UTC)
ANA = Subject(accounts=frozenset({7}), usernames=frozenset({"ana"}), names=frozenset({"Ana Alves"}))
SECRET = "BEN-SAID-THIS"


def message(key: str, title: str, raw: str, *, to: int | None, about: list[int], state: str = "done") -> LedgerRow:
    place = {"forum": FORUM, "cohort": "spring", "playbook": "ours", "step": "quiet"}
    payload = {"title": title, "raw": raw, "reason": f"why: {title}", "to_learner": to, "about_users": about}
    moments = {"slot": NOON, "created_at": NOON, "updated_at": NOON, "sent_at": NOON}
    return LedgerRow(key=key, action="message", state=state, payload=payload, to_learner=to, **place, **moments)


@pytest.fixture
def held(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store, store.begin() as session:
        session.add_all([
            message("lcm-1", "Ana, one thing from Spring", "The newest question is here.", to=7, about=[7]),
            message("lcm-2", "Spring: over to you", f"Ana Alves and Ben. {SECRET}", to=None, about=[7, 8]),
            DraftRow(
                key="lcm-3", forum=FORUM, cohort="spring", state="rejected", created_at=NOON,
                body={"title": "Ana, not this", "raw": "A text for Ana.", "to_learner": 7, "about_users": [7]},
            ),
            EvidenceRow(key="lcm-1", forum=FORUM, user_id=7, content={"facts": {"site": "Porto"}}, at=NOON),
            post(1, 7, "ana", "I handed over on <b>Monday</b>."),
            post(2, 8, "ben", f"As Ana Alves said. {SECRET}"),
            FactRow(forum=FORUM, user_id=7, name="site", type="text", value="Porto", source="the roster", at=NOON),
            ChoiceRow(forum=FORUM, user_id=7, username="ana", nudges=False, at=NOON),
            DismissalRow(forum=FORUM, cohort="spring", user_id=7, reason="on a project", by="lea", at=NOON),
            TrialRow(
                key="lcm-4", forum=FORUM, cohort="spring", playbook="ours", step="quiet", user_id=7, held_out=True,
                share=0.2, slot=NOON, until=NOON,
            ),
        ])  # fmt: skip
        session.flush()
        return held_about(session, FORUM, ANA)


def post(number: int, user: int, username: str, raw: str) -> PostRow:
    place = {"forum": FORUM, "id": number, "topic_id": 1, "number": number, "created_at": NOON}
    return PostRow(user_id=user, username=username, name=username.title(), raw=raw, cooked="", **place)


def test_every_kind_that_is_held_is_on_the_page_and_nobody_elses_words_are(held: dict[str, Any]) -> None:
    html = write_page(held, ANA, "en", ZoneInfo("Europe/Lisbon"), NOON)
    page = BeautifulSoup(html, "html.parser")
    text = page.get_text()
    for said in (
        "Porto",
        "on a project",
        "I handed over on <b>Monday</b>.",
        "may be written to when silent",
        "Ana Alves",
    ):
        assert said in text
    assert "The newest question is here." in text
    assert "why: Ana, one thing from Spring" in text
    assert "What was known then: facts: site: Porto" in text
    assert "18 March 2027" in text.replace("\u00a0", " ")
    assert "Spring: over to you" in text
    assert SECRET not in html
    assert page.find(["script", "link", "img"]) is None
    assert page.find("b") is None


def entry(action: str, title: str, **payload: Any) -> LedgerRow:
    row = message(f"lcm-{title}", title, "Ana Alves wrote after you.", to=payload.get("to_learner"), about=[])
    row.action, row.payload = action, {**row.payload, **payload}
    return row


@pytest.mark.parametrize(
    ("row", "is_shown"),
    [
        (entry("message", "Ben, the door stays open", to_learner=8, about_users=[8]), False),  # Ben was silent
        (entry("message", "Spring: Ben answered, please read", about_users=[8]), False),
        (entry("mail", "Ana Alves and Ben Ode: five minutes", about_users=[7, 8]), False),
        (entry("mail", "Ana Alves: five minutes", about_users=[7]), True),
        (entry("message", "Ana Alves, meet Ben Ode", about_users=[7, 8]), True),  # she is in this conversation
        (entry("topic", "Spring: what we found out", about_users=[8]), True),
    ],
    ids=lambda value: value.payload["title"] if isinstance(value, LedgerRow) else "",
)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_title_that_only_others_read_is_not_shown(
    tmp_path: Path, row: LedgerRow, is_shown: bool, locale: str
) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store, store.begin() as session:
        session.merge(row)
        session.flush()
        held = held_about(session, FORUM, ANA)
    [shown] = page_of(held, ANA, locale, ZoneInfo("UTC")).with_others
    assert shown.title == (row.payload["title"] if is_shown else PERSONAL.of(locale).words["to_others"])


def test_each_row_is_counted_once_as_their_own_as_a_message_or_as_somebody_elses(held: dict[str, Any]) -> None:
    page = page_of(held, ANA, "fr", ZoneInfo("UTC"))
    own = sum(len(section.rows) for section in page.sections)
    others = sum(count for _, count in page.elsewhere)
    entries = len(page.messages) + len(page.with_others)
    assert own + others + entries == sum(len(rows) for name, rows in held.items() if name != "evidence")
    assert (len(page.messages), len(page.with_others), others) == (2, 1, 1)
    assert {one.state for one in page.messages} == {"envoyé", "non envoyé"}
    dates = {value for section in page.sections for row in section.rows for _, value in row if "2027" in value}
    assert dates == {"18\u00a0mars 2027, 12:00"}


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_table_that_may_hold_something_about_a_person_has_a_name_in_plain_words(locale: str) -> None:
    never = {*ENTRIES, "evidence", "budgets", "calls", "call_waiters", "cohort_clocks", "forgotten", "webhook_events"}
    tables = {table.name for table in Table.metadata.sorted_tables} - never
    assert tables <= PERSONAL.of(locale).tables.keys()


def test_the_guide_names_every_table_that_may_hold_something_about_a_person() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    section = text.split("## What is held\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "".join(line.split("|")[3] for line in section.splitlines() if line[:1] == "|")))
    assert named >= {*PERSONAL.of("en").tables, *ENTRIES, "evidence"}


def test_what_an_lcm_sees_of_a_learner_is_what_the_guide_says() -> None:
    activity = {7: LearnerActivity(7)}
    around = Around(NOON, ZoneInfo("UTC"), lambda _: True, {7: NOON})
    [row] = learners_section(TakingPart(activity, {}, around), words_for("en"))
    text = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    section = text.split("## What an LCM can see of a learner")[1].split("\n## ")[0]
    told = [re.findall(r"`(\w+)`", line.split("|")[2]) for line in section.splitlines() if line.startswith("| ")]
    assert sorted(name for names in told for name in names) == sorted(row)
