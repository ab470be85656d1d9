"""The page that a link in a mail opens enters nothing until its button is pressed, and nobody can make a link up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from sync_worker.cli.briefings import answer, briefings, settle, stop_mails
from sync_worker.errors import UsageError
from sync_worker.store import mails
from sync_worker.store.database import Store, open_store
from sync_worker.store.facts import facts_of, set_fact
from sync_worker.store.personal import Subject, held_about
from sync_worker.store.tables import BriefingAnswerRow, LedgerRow, MailStopRow
from sync_worker.worker.answer_pages import AnswerPages
from sync_worker.worker.metrics import Standing
from sync_worker.worker.personal_data import forget_person, identify
from sync_worker.worker.web_server import serving

NOW = datetime(2027, 3, 5, 9, tzinfo=UTC)
FORUM, KEY = "forum.example.org", "lcm-spring-brief-20270301-0123456789ab"
SETTINGS = """\
forum: {{url: "https://forum.example.org"}}
store: "sqlite:///{store}"
cohorts:
  - {{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-30, timezone: UTC}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as opened:
        with opened.begin() as session:
            payload = {
                "kind": "mail", "recipients": ["Bea Boss <bea@example.org>"], "refs": ["asks", "to-manager"],
                "about_users": [7], "title": "Ana", "raw": "Hello Bea Boss,", "locale": "fr", "reason": "Bea Boss, Ana",
            }  # fmt: skip
            session.add(
                LedgerRow(
                    key=KEY, forum=FORUM, cohort="spring", playbook="p", step="brief", slot=NOW, state="done",
                    part="to-manager-0123456789ab", action="mail", payload=payload, sent_at=NOW, created_at=NOW,
                    updated_at=NOW,
                )
            )  # fmt: skip
            for name, value in (("manager_email", "bea@example.org"), ("manager_name", "Bea Boss")):
                set_fact(session, FORUM, 7, name, value, "managers", NOW, cohort="spring")
        yield opened


@pytest.fixture
def pages(store: Store) -> Iterator[str]:
    standing = Standing(store, lambda: (None, {}, 0), lambda: None, 60.0, NOW)  # type: ignore[arg-type,return-value]
    with serving(("127.0.0.1", 0), standing, now=lambda: NOW, pages=AnswerPages(store, FORUM)) as server:
        assert server is not None
        yield f"http://127.0.0.1:{server.server_address[1]}/briefing/"


@pytest.fixture
def config(store: Store, tmp_path: Path) -> Path:
    del store
    path = tmp_path / "lcm.yaml"
    path.write_text(SETTINGS.format(store=tmp_path / "lcm.db"), encoding="utf-8")
    return path


def code(store: Store, word: str) -> str:
    with store.begin() as session:
        return mails.seal(mails.mail_secret(session, FORUM), KEY, word)


def answers(store: Store) -> list[tuple[str, str]]:
    with store.begin() as session:
        return [(row.answer, row.source) for row in session.scalars(select(BriefingAnswerRow))]


def test_a_program_that_follows_the_link_answers_nothing_and_the_button_does(store: Store, pages: str) -> None:
    link = pages + code(store, "talk")
    shown = requests.get(link, timeout=5)
    assert shown.status_code == 200
    assert "«\u00a0Parlons-en\u00a0»" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert requests.head(link, timeout=5).status_code == 200
    assert answers(store) == []
    for _ in range(2):
        assert "Merci" in requests.post(link, timeout=5).text
    assert answers(store) == [("talk", "link")]
    with store.begin() as session:
        assert facts_of(session, FORUM, "spring")[7]["manager_answer"].value == "talk"


def test_a_mail_programs_own_unsubscribe_ends_the_mails(store: Store, pages: str) -> None:
    done = requests.post(pages + code(store, "stop"), data={"List-Unsubscribe": "One-Click"}, timeout=5)
    assert done.status_code == 200
    with store.begin() as session:
        assert mails.stopped(session, FORUM, ["Bea@example.org"]) == {"bea@example.org": "unsubscribed"}


def test_a_link_that_is_none_of_ours_enters_nothing(store: Store, pages: str) -> None:
    good = code(store, "yes")
    for bad in (good[:-1] + ("a" if good[-1] != "a" else "b"), good.replace(".yes.", ".talk."), "x", "../metrics", ""):
        assert requests.post(pages + bad, timeout=5).status_code == 404
    assert requests.post(pages + good, data=b"x" * 20_000, timeout=5).status_code == 413
    assert answers(store) == []


def test_who_is_not_the_manager_any_more_is_thanked_and_enters_nothing(store: Store, pages: str, config: Path) -> None:
    with store.begin() as session:
        set_fact(session, FORUM, 7, "manager_email", "new@example.org", "managers", NOW, cohort="spring")
    link = pages + code(store, "talk")
    for answered in (requests.get(link, timeout=5), requests.post(link, timeout=5)):
        assert (answered.status_code, "l’encadrement a changé" in answered.text) == (403, True)
        assert "<button>" not in answered.text
    with pytest.raises(UsageError, match="nobody any more"):
        answer("bea@example.org", "yes", config)
    assert answers(store) == []
    assert requests.post(pages + code(store, "stop"), timeout=5).status_code == 200


def test_an_answer_counts_for_those_whose_manager_still_gives_it(store: Store) -> None:
    with store.begin() as session:
        row = session.get_one(LedgerRow, KEY)
        row.payload = {**row.payload, "about_users": [7, 8]}
        mails.take(session, FORUM, mails.Sealed(KEY, "yes"), "link", NOW)
        known = facts_of(session, FORUM, "spring")
        assert "manager_answer" in known[7]
        assert 8 not in known


def test_an_lcm_enters_what_came_by_mail(store: Store, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer(f"Re: Oui, il y a du temps ({code(store, 'yes').upper()})", None, config)
    answer("Bea@example.org", "talk", config)
    assert answers(store) == [("talk", "lcm")]
    settle("bea@example.org", config)
    stop_mails("bea@example.org", config, undo=False)
    briefings("spring", config, as_json=False)
    told = capsys.readouterr().out
    assert "Bea Boss <bea@example.org>" in told
    assert "sent" in told
    assert "unsubscribed" in told
    stop_mails("bea@example.org", config, undo=True)
    for who, word in (
        ("Re: Oui (lcm-x.yes.aaaaaaaaaaaaaaaa)", None),
        ("jo@example.org", "yes"),
        ("bea@example.org", "?"),
    ):
        with pytest.raises(UsageError):
            answer(who, word, config)


def test_a_manager_who_is_forgotten_is_nowhere_and_gets_no_mail_again(store: Store) -> None:
    with store.begin() as session:
        mails.take(session, FORUM, mails.Sealed(KEY, "yes"), "link", NOW)
        mails.stop(session, FORUM, "bea@example.org", mails.UNSUBSCRIBED, NOW)
    subject = identify(store, FORUM, "bea@example.org", None)
    assert "Bea Boss" in subject.names
    forget_person(store, FORUM, subject, NOW)
    with store.begin() as session:
        assert held_about(session, FORUM, subject) == {}
        row = session.get_one(LedgerRow, KEY)
        assert (row.payload["raw"], row.part) == ("[forgotten]", "to-manager")
        assert session.scalars(select(MailStopRow)).all() == []
        assert mails.stopped(session, FORUM, ["bea@example.org"]) == {"bea@example.org": "forgotten"}
        set_fact(session, FORUM, 8, "manager_email", "bea@example.org", "managers", NOW, cohort="spring")
        assert 8 not in facts_of(session, FORUM, "spring")


@pytest.mark.parametrize("written", ["Bea@Müller.example", "bea@xn--mller-kva.example"])
def test_an_address_with_letters_of_its_own_is_forgotten_in_each_form(store: Store, written: str) -> None:
    with store.begin() as session:
        row = session.get_one(LedgerRow, KEY)
        row.payload = {**row.payload, "recipients": ["Bea Boss <bea@xn--mller-kva.example>"]}
        set_fact(session, FORUM, 7, "manager_email", "bea@müller.example", "managers", NOW, cohort="spring")
        mails.stop(session, FORUM, "bea@xn--mller-kva.example", mails.UNSUBSCRIBED, NOW)
    subject = identify(store, FORUM, written, None)
    forget_person(store, FORUM, subject, NOW)
    with store.begin() as session:
        assert held_about(session, FORUM, subject) == {}
        assert "ller" not in repr(session.get_one(LedgerRow, KEY).payload)
        for form in ("bea@müller.example", "bea@xn--mller-kva.example"):
            assert list(mails.stopped(session, FORUM, [form]).values()) == ["forgotten"]
            set_fact(session, FORUM, 8, "manager_email", form, "managers", NOW, cohort="spring")
            assert 8 not in facts_of(session, FORUM, "spring")


def test_a_learner_who_is_forgotten_leaves_nothing_in_mails_and_answers(store: Store) -> None:
    with store.begin() as session:
        mails.take(session, FORUM, mails.Sealed(KEY, "yes"), "link", NOW)
    forget_person(store, FORUM, Subject(accounts=frozenset({7}), usernames=frozenset({"ana"})), NOW)
    with store.begin() as session:
        assert session.get_one(LedgerRow, KEY).payload["raw"] == "[forgotten]"
        assert [row.about_users for row in session.scalars(select(BriefingAnswerRow))] == [[]]
        assert facts_of(session, FORUM, "spring") == {}
