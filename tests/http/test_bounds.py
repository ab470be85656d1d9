"""No answer holds a call for ever or fills the memory, no matter who gives it: the forum or a roster's source."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError, LcmError, SourceError
from sync_worker.forum import Patience
from sync_worker.forum.transport import Transport
from sync_worker.http import LARGEST_ANSWER
from sync_worker.rosters.web_session import Pace, SourceSession
from tests.http.endless import BOMBS, BROKEN, ENDLESS, GOOD, Answer, RawServer, pours, says_four_gigabytes

WHOLE = 0.5  # seconds for the whole of a call; nothing that is asserted depends on how long they really take


@dataclass
class Caller:
    """One of the two that call: `ask` returns the JSON of an address."""

    error: type[LcmError]
    ask: Callable[[str], Any]


@contextmanager
def forum_caller(limit: int) -> Iterator[Caller]:
    def ask(url: str) -> Any:
        settings = ForumSettings(url=url, connect_timeout=60, read_timeout=60)
        http = Transport(settings, "k" * 64, patience=Patience(sleep=lambda _: None), largest_answer=limit)
        if limit == LARGEST_ANSWER:
            http._bounds = replace(http._bounds, whole=WHOLE)
        try:
            return http.ask("GET", "/x.json").json()
        finally:
            http.close()

    yield Caller(ForumError, ask)


@contextmanager
def source_caller(limit: int) -> Iterator[Caller]:
    whole = WHOLE if limit == LARGEST_ANSWER else 60
    pace = Pace(sleep=lambda _: None)
    session = SourceSession(dict, pace=pace, timeouts=(60, 60), max_bytes=limit, longest_call=whole)
    yield Caller(SourceError, lambda url: session.get(f"{url}/x").json)
    session.close()


CALLERS = {"the forum": forum_caller, "a source": source_caller}
SMALL = 4 * 1024 * 1024


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("how", ENDLESS)
def test_a_call_ends_at_its_deadline_however_its_answer_drips(who: str, how: str) -> None:
    with RawServer(ENDLESS[how]) as server, CALLERS[who](LARGEST_ANSWER) as caller:
        with pytest.raises(caller.error, match="not complete after 0 s"):
            caller.ask(server.url)
        assert server.asked == 1  # a deadline that passed once would pass again


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("answer", [pours, says_four_gigabytes, *BOMBS.values()], ids=["pours", "says", *BOMBS])
def test_what_is_too_large_is_refused_with_little_memory(who: str, answer: Answer) -> None:
    with RawServer(answer) as server, CALLERS[who](SMALL) as caller:
        tracemalloc.start()
        try:
            with pytest.raises(caller.error, match="larger than 4"):
                caller.ask(server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 4 * SMALL
        assert server.asked == 1


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("how", GOOD)
def test_what_is_packed_well_is_read(who: str, how: str) -> None:
    with RawServer(GOOD[how]) as server, CALLERS[who](SMALL) as caller:
        assert caller.ask(server.url) == []


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("how", BROKEN)
def test_what_is_packed_badly_is_an_error(who: str, how: str) -> None:
    with RawServer(BROKEN[how]) as server, CALLERS[who](SMALL) as caller, pytest.raises(caller.error, match="unpacked"):
        caller.ask(server.url)
