"""How a service stands: health, and numbers in Prometheus's text format, by a small HTTP server beside the ticks."""

from __future__ import annotations

import errno
import json
import logging
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from sync_worker import __version__
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ConfigError, LcmError
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.jobs import read_queue
from sync_worker.store.ledger import counts_by_state, drafts, given_up, occurrences_over
from sync_worker.store.pauses import held, read_clock, remember, remembered
from sync_worker.worker.answer_pages import HEADERS as PAGE_HEADERS
from sync_worker.worker.answer_pages import HTML_TYPE, MOST_BYTES
from sync_worker.worker.answer_pages import PATH as ANSWERS_PATH
from sync_worker.worker.drafting import COLLECTED
from sync_worker.worker.due import plan, read_late
from sync_worker.worker.roster_sync import read_state
from sync_worker.worker.service import log_failure
from sync_worker.worker.start import DOUBT, present
from sync_worker.worker.webhooks import MAX_BYTES, PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import CohortSettings, Settings
    from sync_worker.forum.budget import Usage
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.worker.answer_pages import AnswerPages, Page
    from sync_worker.worker.run_report import RunReport
    from sync_worker.worker.webhooks import Receiver


MOST_COHORTS = 200
"""So many cohorts get numbers of their own; all further ones share one label, so that nobody's database fills up."""
OTHERS = "(others)"
FRESH = timedelta(seconds=15)
MANY_TICKS, SHORTEST = 3, 180.0
STUCK = 1800.0
"""Seconds without the end of a tick after which a process counts as stuck; a tick may wait for a forum for a third."""
HELP = {
    "lcm_info": "The version, as a label.",
    "lcm_last_tick_timestamp_seconds": "When a tick ended last.",
    "lcm_last_good_tick_timestamp_seconds": "When a tick ended last that did its work; the start, before the first.",
    "lcm_ticks_total": "Ticks since the start, by how they ended.",
    "lcm_steps_due": "Steps whose time has come and that are not done.",
    "lcm_steps_late": "Those that have been due for longer than service.late_after.",
    "lcm_steps_missed": "Steps that came too late and were not done.",
    "lcm_entries": "Entries of the ledger, by state.",
    "lcm_drafts_waiting": "Drafts that wait for an LCM.",
    "lcm_activity_age_seconds": "Since when the cohort's activity was not read; it is read when a step needs it.",
    "lcm_given_up": "Entries that were given up and that nobody has settled.",
    "lcm_call_budget_limit": "Calls that all processes together may make in a minute.",
    "lcm_call_budget_used": "Calls of the last minute, by whose work it was.",
    "lcm_call_budget_waiting": "Calls that wait for the budget, by whose work it is.",
    "lcm_call_budget_paused_seconds": "For how long the forum sent all calls away.",
    "lcm_people_sync_timestamp_seconds": "When people were synced last, or that was tried.",
    "lcm_people_sync_ok": "Whether the last sync of people went well.",
    "lcm_roster_age_seconds": "Since when no roster could be followed without a problem.",
    "lcm_held": "Whether nothing may be changed on the forum until a person has settled why.",
    "lcm_clock_in_doubt": "Whether the machine's clock cannot be trusted, so that nothing is done.",
    "lcm_cluster_processes": "Processes on this store that have said within the last seconds that they are alive.",
    "lcm_jobs": "Jobs of the queue that several processes share, by whether a process has begun them.",
    "lcm_jobs_oldest_seconds": "For how long the oldest job that no process has begun has been waiting.",
    "lcm_edits_not_followed": "Edits of lcm.yaml and playbooks that are not followed, for something in them is wrong.",
}
COUNTERS = frozenset({"lcm_ticks_total"})
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Numbers:
    """Numbers by name and labels; the same labels twice are added up."""

    values: dict[str, dict[Labels, float]] = field(default_factory=dict)

    def add(self, name: str, value: float, **labels: str) -> None:
        """Add a number."""
        of_name = self.values.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        of_name[key] = of_name.get(key, 0.0) + value

    def worst(self, name: str, value: float, **labels: str) -> None:
        """Keep the largest of what is given for these labels: an age, of several cohorts."""
        of_name = self.values.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        of_name[key] = max(of_name.get(key, value), value)

    def __str__(self) -> str:
        """Return them in Prometheus's text format, version 0.0.4."""
        lines: list[str] = []
        for name, of_name in sorted(self.values.items()):
            lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {'counter' if name in COUNTERS else 'gauge'}"]
            lines += [f"{name}{_labels(key)} {value:.15g}" for key, value in sorted(of_name.items())]
        return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


GOOD_TICK = "good tick"  # the cursor under which processes that share a forum's work note when a tick did its work


@dataclass(slots=True)
class Shared:
    """What processes that do a forum's work together know of each other; `turned` is when this one last took part."""

    store: Store
    forum: str
    turned: datetime | None = None

    def note_good(self, now: datetime) -> None:
        """Let the others know that a tick did its work."""
        with self.store.begin() as session:
            remember(session, self.forum, GOOD_TICK, now.isoformat())

    def last_good(self) -> datetime | None:
        """Return when a tick of any of them did its work."""
        with self.store.begin() as session:
            noted = remembered(session, self.forum, GOOD_TICK)
        return datetime.fromisoformat(noted) if noted else None


@dataclass(slots=True)
class Standing:
    """How a running service stands; told by its ticks, asked by the web server's threads.

    Args:
        store: the worker's.
        following: gives the settings and playbooks that are followed now, and how many edits are not.
        usage: gives what is used of the budget of calls; None where there is no limit.
        seconds: from tick to tick.
        started: when the service was started.
        shared: what several processes that do this work together know of each other; None where this one is alone.

    """

    store: Store
    following: Callable[[], tuple[Settings, Mapping[str, Playbook], int]]
    usage: Callable[[], Usage | None]
    seconds: float
    started: datetime
    ended: datetime | None = None
    good: datetime | None = None
    ticks: dict[str, int] = field(default_factory=lambda: {"done": 0, "not_done": 0})
    shared: Shared | None = None
    _shown: tuple[datetime, str] | None = None

    def ticked(self, report: RunReport | None, now: datetime) -> None:
        """Note that a tick is over, with what it did; None where it could do nothing."""
        self.ended = now
        self.ticks["done" if report is not None else "not_done"] += 1
        if report is not None:
            self.good = now
            if self.shared is not None:
                self.shared.note_good(now)

    def is_alive(self, now: datetime) -> bool:
        """Whether the process works: a tick may take long, but not for ever. Of several, one may have none to do."""
        last = self.shared.turned if self.shared is not None else self.ended
        return (now - (last or self.started)).total_seconds() < max(STUCK, MANY_TICKS * self.seconds)

    def last_good(self) -> datetime | None:
        """Return when a tick of this process, or of another that does the same work, ended that could do its work."""
        known = [self.good, self.shared.last_good() if self.shared is not None else None]
        return max((moment for moment in known if moment is not None), default=None)

    def why_not_ready(self, now: datetime) -> list[str]:
        """Return what keeps the service from its work; nobody is named."""
        reasons: list[str] = []
        patience = max(SHORTEST, MANY_TICKS * self.seconds)
        settings, _, _ = self.following()
        try:
            good = self.last_good()
            if good is None:
                reasons.append("no tick has done its work yet")
            elif (now - good).total_seconds() > patience:
                reasons.append(f"no tick has done its work for {(now - good).total_seconds():.0f} s")
            with self.store.begin() as session:
                if held(session, settings.forum.name) is not None:
                    reasons.append("nothing may be changed on the forum until a person has settled why (lcm status)")
                if remembered(session, settings.forum.name, DOUBT):
                    reasons.append("the machine's clock is in doubt (lcm status)")
        except Exception as error:  # whatever keeps the store from answering
            reasons.append(f"the store does not answer ({type(error).__name__})")
        return reasons

    def metrics(self, now: datetime) -> str:
        """Return all numbers as text; those of the last seconds again, however often somebody asks."""
        if self._shown is not None and timedelta(0) <= now - self._shown[0] < FRESH:
            return self._shown[1]
        numbers = self._numbers(now)
        self._shown = (now, str(numbers))
        return self._shown[1]

    def _numbers(self, now: datetime) -> Numbers:
        numbers = Numbers()
        written, playbooks, not_followed = self.following()
        settings = known_cohorts(written, self.store)
        forum = settings.forum.name
        numbers.add("lcm_info", 1, version=__version__)
        numbers.add("lcm_edits_not_followed", not_followed, forum=forum)
        for result, count in self.ticks.items():
            numbers.add("lcm_ticks_total", count, forum=forum, result=result)
        for name, moment in (("last", self.ended), ("last_good", self.last_good() or self.started)):
            if moment is not None:
                numbers.add(f"lcm_{name}_tick_timestamp_seconds", moment.timestamp(), forum=forum)
        with self.store.begin() as session:
            for position, declared in enumerate(settings.cohorts):
                label = declared.key if position < MOST_COHORTS else OTHERS
                self._of_cohort(numbers, session, settings, declared, playbooks, label, now)
            numbers.add("lcm_held", held(session, forum) is not None, forum=forum)
            numbers.add("lcm_clock_in_doubt", bool(remembered(session, forum, DOUBT)), forum=forum)
            numbers.add("lcm_given_up", len(given_up(session, forum)), forum=forum)
        self._of_people(numbers, forum, now)
        self._of_calls(numbers, forum)
        self._of_queue(numbers, forum)
        return numbers

    def _of_cohort(  # noqa: PLR0917
        self,
        numbers: Numbers,
        session: Session,
        settings: Settings,
        declared: CohortSettings,
        playbooks: Mapping[str, Playbook],
        label: str,
        now: datetime,
    ) -> None:
        forum = settings.forum.name
        for state, count in counts_by_state(session, forum, declared.key).items():
            numbers.add("lcm_entries", count, forum=forum, cohort=label, state=state)
        numbers.add("lcm_drafts_waiting", len(drafts(session, forum, declared.key)), forum=forum, cohort=label)
        collected = remembered(session, forum, f"{COLLECTED}{declared.key}")
        if collected:
            age = (now - datetime.fromisoformat(collected)).total_seconds()
            numbers.worst("lcm_activity_age_seconds", age, forum=forum, cohort=label)
        playbook = playbooks.get(declared.playbook or "")
        if playbook is None:
            return
        try:
            clock = read_clock(session, forum, declared.key)
            over = occurrences_over(session, forum, declared.key, playbook.name)
            late = read_late(session, forum, declared.key)
            planned = plan(forum, playbook.file, clock.shifted(complete_cohort(declared)), over, late, now)
        except LcmError:  # the tick reports it
            return
        due = [] if clock.stands_still(now) else [one for one in planned if one.is_due(now)]
        overdue = [one for one in due if now - one.occurrence.at > settings.service.late_after]
        missed = [one for one in planned if one.over is None and one.is_missed(now)]
        numbers.add("lcm_steps_due", len(due), forum=forum, cohort=label)
        numbers.add("lcm_steps_late", len(overdue), forum=forum, cohort=label)
        numbers.add("lcm_steps_missed", len(missed), forum=forum, cohort=label)

    def _of_people(self, numbers: Numbers, forum: str, now: datetime) -> None:
        state = read_state(self.store, forum)
        if state.at is not None:
            numbers.add("lcm_people_sync_timestamp_seconds", state.at.timestamp(), forum=forum)
            numbers.add("lcm_people_sync_ok", not state.problem, forum=forum)
            good = state.since if state.problem and state.since else state.at
            numbers.add("lcm_roster_age_seconds", (now - good).total_seconds(), forum=forum)

    def _of_queue(self, numbers: Numbers, forum: str) -> None:
        state = read_queue(self.store, forum) if self.shared is not None else None
        if state is not None:
            numbers.add("lcm_cluster_processes", state.processes)
            numbers.add("lcm_jobs", state.waiting, forum=forum, state="waiting")
            numbers.add("lcm_jobs", state.running, forum=forum, state="running")
            numbers.add("lcm_jobs_oldest_seconds", state.oldest, forum=forum)

    def _of_calls(self, numbers: Numbers, forum: str) -> None:
        usage = self.usage()
        if usage is None:
            return
        numbers.add("lcm_call_budget_limit", usage.limit, forum=forum)
        numbers.add("lcm_call_budget_paused_seconds", usage.paused, forum=forum)
        for name, of_lane in (("used", usage.used), ("waiting", usage.waiting)):
            for lane, count in of_lane.items():
                numbers.add(f"lcm_call_budget_{name}", count, forum=forum, lane=lane.name.lower())


# A small HTTP server beside the ticks: health, metrics and webhooks. Bounded in all it takes.


LOG = logging.getLogger(__name__)
REQUEST_SECONDS, WHOLE_REQUEST_SECONDS = 10.0, 30.0
"""For each wait, and for all of a request together."""
AT_ONCE = 16
MOST_DROPPED = 4 * MAX_BYTES
DIGITS = 9
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JSON_TYPE = "application/json"


class Server(ThreadingHTTPServer):
    """Serves how a service stands; more than a few requests at once are sent away."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(
        self,
        place: tuple[str, int],
        standing: Standing,
        now: Callable[[], datetime] = present,
        receiver: Receiver | None = None,
        pages: AnswerPages | None = None,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.standing = standing
        self.now = now
        self.receiver = receiver
        self.pages = pages
        self._room = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(place, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there is room for one."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room; who takes too long is cut off, however steadily they send."""
        cut_off = threading.Timer(WHOLE_REQUEST_SECONDS, _end, [request])
        cut_off.daemon = True
        cut_off.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut_off.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that a request failed: a caller who hangs up is no error of ours."""
        del request, client_address
        LOG.debug("a request was not answered", exc_info=True)


def _end(request: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        request.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    timeout = REQUEST_SECONDS
    server_version = "lcm"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer health, readiness and metrics."""
        now, standing = self.server.now(), self.server.standing
        path = self.path.partition("?")[0]
        if path == "/healthz":
            alive = standing.is_alive(now)
            self.answer(HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE, {"alive": alive})
        elif path == "/readyz":
            reasons = standing.why_not_ready(now)
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK,
                        {"ready": not reasons, "reasons": reasons})  # fmt: skip
        elif path == "/metrics":
            self._metrics(now)
        elif self.server.pages is not None and path.startswith(ANSWERS_PATH):
            self._page(lambda pages: pages.show(path))
        else:
            self.answer(HTTPStatus.NOT_FOUND, {"error": "there are /healthz, /readyz and /metrics"})

    do_HEAD = do_GET  # noqa: N815  (the same)

    def do_POST(self) -> None:
        """Take in a webhook (written down, answered at once, worked later), or what a reader of a mail chose."""
        receiver, path = self.server.receiver, self.path.partition("?")[0]
        is_answer = self.server.pages is not None and path.startswith(ANSWERS_PATH)
        if not is_answer and (receiver is None or path != PATH):
            self.answer(HTTPStatus.NOT_FOUND, {"error": "nothing is taken in here"})
            return
        length = self.headers.get("Content-Length") or ""
        if not (length.isascii() and length.isdecimal()):
            self.refuse(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > DIGITS or int(length) > (MOST_BYTES if is_answer else MAX_BYTES):
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif is_answer:
            self.rfile.read(int(length))
            self._page(lambda pages: pages.enter(path, self.server.now()))
        elif receiver is not None:
            self._receive(receiver, int(length))

    def _page(self, make: Callable[[AnswerPages], Page]) -> None:
        pages = self.server.pages
        if pages is None:
            return
        try:
            page = make(pages)
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "an answer to a mail could not be taken in")
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again in a minute"})
        else:
            self.send(page.status, HTML_TYPE, page.body, PAGE_HEADERS)

    def _receive(self, receiver: Receiver, length: int) -> None:
        body = self.rfile.read(length)
        if len(body) < length:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            status = receiver.receive(dict(self.headers.items()), body, self.server.now())
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "a webhook could not be written down")
            status = HTTPStatus.SERVICE_UNAVAILABLE
        self.answer(status, {"taken": status == HTTPStatus.OK})

    def refuse(self, status: HTTPStatus) -> None:
        """Answer before what was sent is read; the connection ends, for the rest would be taken for a request.

        What still comes is read and dropped, in bounds: an end with bytes that nobody has read is a reset, and who is
        still sending, as a proxy, would not get the answer.
        """
        self.close_connection = True
        self.answer(status, {"taken": False})
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            left = MOST_DROPPED
            while left > 0 and (got := self.rfile.read1(left)):
                left -= len(got)

    def _metrics(self, now: datetime) -> None:
        try:
            text = self.server.standing.metrics(now)
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "the metrics could not be gathered")
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the store does not answer"})
        else:
            self.send(HTTPStatus.OK, METRICS_TYPE, text.encode())

    def answer(self, status: HTTPStatus, body: object) -> None:
        """Answer with JSON."""
        self.send(status, JSON_TYPE, json.dumps(body).encode() + b"\n")

    def send(self, status: HTTPStatus, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer; nobody may keep it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the standard library's name)
        """Log requests for those who look for mistakes; an address that somebody calls may be anything."""
        LOG.debug("%s %s", self.command, args[1] if len(args) > 1 else "")


class PortTakenError(ConfigError):
    """Another process listens at this place."""


@contextmanager
def serving(place: tuple[str, int] | None, standing: Standing, **more: Any) -> Iterator[Server | None]:
    """Serve at a place meanwhile; nothing where it is None.

    Raises:
        PortTakenError: another process listens there.
        ConfigError: nobody can listen there.

    """
    if place is None:
        yield None
        return
    try:
        server = Server(place, standing, **more)
    except OSError as error:
        kind = PortTakenError if error.errno == errno.EADDRINUSE else ConfigError
        raise kind(
            f"nothing can listen at {place[0]}:{place[1]}: {error.strerror}.",
            where="service.listen",
            do="Give another address or port in lcm.yaml, or stop what listens there.",
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    LOG.info("health and metrics at http://%s:%s", *server.server_address[:2])
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(REQUEST_SECONDS)
