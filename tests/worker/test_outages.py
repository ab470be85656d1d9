"""An outage counts for nothing; what the forum refuses is given up after a while, and reported until it is settled."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from urllib3 import HTTPResponse

from sync_worker.errors import ForumError, Outcome, each_apart
from sync_worker.forum import Forum, Patience
from sync_worker.forum.patience import FailedCall
from sync_worker.model import Draft, DraftKind
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays.context import Drafted, Play
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.publish.acts import MAX_ATTEMPTS, Verdict, verdict_of
from sync_worker.publish.entries import ledger_rows
from sync_worker.store.ledger import draft_body, given_up
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.due import drop, try_again
from sync_worker.worker.run import run_due
from tests.worker.conftest import PLAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

HALF_AN_HOUR = timedelta(minutes=30)


@contextmanager
def unreachable() -> Iterator[None]:
    """Nothing listens where the forum was."""

    def refuse(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError("Failed to establish a new connection")

    with patch.object(requests.Session, "send", refuse):
        yield


@contextmanager
def maintenance() -> Iterator[None]:
    """A proxy answers every call with a page that says to come back later."""

    def answer(_: requests.Session, request: requests.PreparedRequest, **__: Any) -> requests.Response:
        body = BytesIO(b"<html><title>Back soon</title></html>")
        page = requests.Response()
        page.status_code, page.raw = 503, HTTPResponse(body, status=503, preload_content=False)
        page.headers["Content-Type"] = "text/html"
        page.request = request
        return page

    with patch.object(requests.Session, "send", answer):
        yield


def try_for(journey: Any, start: Any, hours: float) -> None:
    """Run forty times in that time, whatever happens."""
    for turn in range(40):
        with suppress(ForumError):
            journey.run(start + timedelta(hours=hours * turn / 40))


@pytest.mark.parametrize("outage", [unreachable, maintenance])
@pytest.mark.parametrize("hours", [30, 24 * 9])
def test_an_outage_gives_nothing_up_however_long_it_lasts(journey: Any, at: Any, outage: Any, hours: int) -> None:
    with outage():
        try_for(journey, at(9), hours)
    report = journey.run(at(9 + hours + 1))
    assert report.given_up == []
    assert "Welcome to you all in NAME" in str(journey.seen_on_forum())


@pytest.mark.parametrize("outage", [unreachable, maintenance])
def test_an_outage_after_the_ledger_was_written_gives_nothing_up(
    journey: Any, at: Any, outage: Any, reaper: Any
) -> None:
    journey.run(at(9))
    journey.run(at(10))
    journey.decide("approved")
    with journey.store() as store, store.begin() as session:
        for row in session.scalars(select(LedgerRow).where(LedgerRow.action == "message")):
            row.state, row.result = "intended", {}
    with outage():
        try_for(journey, at(11), 40)
    with journey.store() as store, store.begin() as session:
        assert {row.attempts for row in session.scalars(select(LedgerRow))} == {0}
    journey.run(at(53))
    titles = [title for _, title, *_ in journey.seen_on_forum()]
    assert titles.count("Welcome to NAME, Ines") == titles.count("A question from NAME") == 1


def enter_messages(journey: Any, now: datetime, number: int) -> None:
    """Let so many messages to the learner be about to be sent."""
    journey.run(now)
    with journey.store() as store, store.begin() as session:
        for position in range(number):
            text = f"question {position} of {journey.key}"
            draft = Draft(DraftKind.MESSAGE, f"Here is {text}.", "many", title=f"The {text}", recipients=("ines",))
            body = draft_body(draft, play="ask", step="many", slot=now, playbook="journey")
            rows = ledger_rows(f"{journey.key}-many-{position}", journey.settings.forum.name, journey.key, body, now)
            session.add_all(rows)


def patiently(journey: Any, now: datetime) -> Any:
    """Run with as many attempts for each call as a service has, which costs no time here."""
    patience = Patience(sleep=lambda _: None)
    with journey.store() as store, Forum.connect(journey.settings.forum, DEFAULT_KEY, patience=patience) as forum:
        return run_due(forum, store, journey.settings, playbooks_of(journey.settings, PLAYS), now, plays=PLAYS)


def answering(status: int, body: bytes, kind: str, **headers: str) -> Callable[..., requests.Response]:
    """What stands in the place of `Session.send` while all that writes is answered like this."""
    send = requests.Session.send

    def answer(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if request.method == "GET":
            return send(session, request, **more)
        page = requests.Response()
        page.status_code, page.raw = status, HTTPResponse(BytesIO(body), status=status, preload_content=False)
        page.headers.update({"Content-Type": kind, **headers})
        page.request = request
        return page

    return answer


SITE_AWAY = {
    "read-only mode": (503, b'{"errors": ["read only"], "error_type": "read_only"}', "application/json"),
    "a limit of the site": (429, b"Slow down, too many requests from this IP address", "text/plain"),
    "a gateway": (502, b"<html><title>Bad gateway</title></html>", "text/html"),
    "a maintenance page": (200, b"<html><title>Back soon</title></html>", "text/html"),
    "a cut-off answer": (200, b'{"id": 1', "application/json"),
}


@pytest.mark.parametrize("how", SITE_AWAY)
def test_where_nothing_can_be_written_two_entries_of_a_run_find_out_and_none_is_lost(
    journey: Any, at: Any, how: str
) -> None:
    enter_messages(journey, at(11), 10)
    attempts = Patience().attempts
    with patch.object(requests.Session, "send", autospec=True, side_effect=answering(*SITE_AWAY[how])) as sending:
        patiently(journey, at(11))
    writes = [call for call in sending.call_args_list if call.args[1].method != "GET"]
    assert len(writes) == 2 * attempts
    for minutes in (1, 5):
        patiently(journey, at(11) + timedelta(minutes=minutes))
    with journey.store() as store, store.begin() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.step == "many")).all()
        assert {(row.state, row.attempts) for row in rows} == {("done", 0)}
        assert len({row.result["topic_id"] for row in rows}) == 10


def test_one_entry_that_a_proxy_does_not_let_pass_keeps_none_of_the_others(journey: Any, at: Any) -> None:
    enter_messages(journey, at(11), 4)
    send, blocked = requests.Session.send, answering(403, b"<html><title>Blocked</title></html>", "text/html")

    def answer(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        is_blocked = re.search(r"question.1.of", str(request.body))
        return (blocked if is_blocked else send)(session, request, **more)

    with patch.object(requests.Session, "send", answer):
        report = patiently(journey, at(11))
    assert [deed.state for deed in report.deeds] == ["done", "intended", "done", "done"]


def test_a_weekly_step_that_an_outage_kept_back_is_not_done_once_it_is_due_again(journey: Any, at: Any) -> None:
    with unreachable():
        try_for(journey, at(11), 24 * 3)
    report = journey.run(at(11 + 24 * 3), step="digest")
    assert [happening.outcome for happening in report.happenings] == ["done"]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (FailedCall("", outcome=Outcome.REFUSED, status=422), Verdict.FINAL),
        (FailedCall("", outcome=Outcome.REFUSED, status=403), Verdict.COUNTS),
        (FailedCall("", outcome=Outcome.DOUBTFUL, status=200), Verdict.OUTAGE),
        (FailedCall("", outcome=Outcome.DOUBTFUL, status=502), Verdict.OUTAGE),
        (FailedCall("", outcome=Outcome.POSTPONED, status=429), Verdict.OUTAGE),
        (FailedCall("", outcome=Outcome.REFUSED), Verdict.OUTAGE),
        (ZeroDivisionError(""), Verdict.COUNTS),
    ],
)
def test_only_a_refusal_in_the_words_of_the_forum_counts(error: Exception, verdict: Verdict) -> None:
    assert verdict_of(error) is verdict


def broken(journey: Any) -> dict[str, Play]:
    """Plays whose welcome cannot be written."""

    def fail(context: Any) -> Drafted:
        raise ZeroDivisionError("ouch")

    return {**journey.plays, "welcome": Play("welcome", journey.plays["welcome"].options, fail)}


def give_up(journey: Any, at: Any) -> Any:
    """Fail as often as it takes; return the last report."""
    for hour in range(MAX_ATTEMPTS):
        journey.run(at(9 + hour), plays=broken(journey), step="welcome")
    return journey.run(at(9 + MAX_ATTEMPTS), plays=broken(journey), step="welcome")


def test_what_the_forum_refuses_about_one_keeps_none_of_the_others_and_is_raised_at_the_end() -> None:
    done: list[int] = []

    def do(number: int) -> None:
        if number == 2:
            raise FailedCall("no", outcome=Outcome.DOUBTFUL, status=500)
        if number == 5:
            raise FailedCall("nobody there", outcome=Outcome.DOUBTFUL, unreachable=True)
        done.append(number)

    with pytest.raises(FailedCall, match="no"):
        each_apart([1, 2, 3], do)
    with pytest.raises(FailedCall, match="nobody there"):
        each_apart([4, 5, 6], do)
    assert done == [1, 3, 4]


def test_a_store_that_fails_while_a_text_is_written_counts_for_nothing(journey: Any, at: Any) -> None:
    def fail(context: Any) -> Drafted:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    plays = {**journey.plays, "welcome": Play("welcome", journey.plays["welcome"].options, fail)}
    with pytest.raises(OperationalError):
        journey.run(at(9), plays=plays, step="welcome")
    with journey.store() as store, store.begin() as session:
        assert session.scalars(select(LedgerRow)).all() == []


def test_what_was_put_off_until_it_was_too_late_does_not_count_as_intended_any_more(journey: Any, at: Any) -> None:
    journey.run(at(9), plays=broken(journey), step="welcome")
    report = journey.run(at(24 * 30), plays=broken(journey), step="welcome")
    assert [happening.outcome for happening in report.happenings] == ["skipped"]
    with journey.store() as store, store.begin() as session:
        assert [row.state for row in session.scalars(select(LedgerRow))] == ["done"]


def test_what_was_given_up_is_reported_until_a_person_drops_it(journey: Any, at: Any) -> None:
    report = give_up(journey, at)
    assert report.is_empty
    assert report.given_up == [f"{journey.key} welcome (draft): unexpected ZeroDivisionError; the log says where"]
    with journey.store() as store, store.begin() as session:
        drop(session, given_up(session, journey.settings.forum.name), at(40))
    assert journey.run(at(41), step="welcome").given_up == []
    assert journey.seen_on_forum() == []


def test_what_was_given_up_is_done_once_a_person_wants_it_however_late(journey: Any, at: Any) -> None:
    give_up(journey, at)
    three_weeks = at(24 * 21)
    with journey.store() as store, store.begin() as session:
        try_again(session, given_up(session, journey.settings.forum.name), three_weeks)
    report = journey.run(three_weeks, step="welcome")
    assert [happening.outcome for happening in report.happenings] == ["done"]
    assert report.given_up == []
    assert journey.run(three_weeks + HALF_AN_HOUR, step="welcome").is_empty
