"""An answer that no sound server gives is an error with its place, whatever is wrong with it; never a traceback."""

from __future__ import annotations

import contextlib
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.errors import ForumError
from sync_worker.forum import FailedCall, Forum, Outcome

if TYPE_CHECKING:
    from tests.forum.conftest import Naps

GROUPS = "/groups/search.json"
DEEP = "[" * 100_000 + "]" * 100_000
NO_ADDRESSES = [
    *("http://[", "http://[::1", "//[", "http://a:b:c/", "http://[v1.x]/"),
    *("\xff\xfe", "http://\x7f", "http://a\u200b/", "", " "),
]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("location", NO_ADDRESSES, ids=ascii)
def test_a_redirect_to_what_is_no_address_is_told_and_not_followed(
    forum: Forum, scripted: Any, status: int, location: str
) -> None:
    headers = {"Location": location.encode("utf-8").decode("latin-1")}
    scripted.on("GET", GROUPS, scripted.reply("", status=status, headers=headers))
    with pytest.raises(FailedCall) as caught:
        forum.groups()
    assert (caught.value.outcome, caught.value.unreachable) == (Outcome.POSTPONED, True)  # the forum said nothing
    assert len(scripted.calls) == 1
    assert f"redirects ({status})" in caught.value.what
    assert (caught.value.url or "").endswith(GROUPS)


BODIES: dict[str, Any] = {
    "empty": {"body": ""},
    "blank": {"body": " \n"},
    "null": {"body": "null"},
    "broken off": {"body": '[{"id": 1'},
    "nested too deep": {"body": DEEP},
    "an object nested too deep": {"body": '{"a":' * 100_000 + "1" + "}" * 100_000},
    "an endless number": {"body": '[{"id": ' + "9" * 5_000 + "}]"},
    "no UTF-8": {"body": b'[{"id": 1, "name": "\xff\xfe"}]'},
    "UTF-16 with half a character": {"body": '[{"id": 1, "name": "x"}]'.encode("utf-16-le") + b"\xd8"},
    "no gzip": {"body": b"[]", "headers": {"Content-Encoding": "gzip"}},
    "half a gzip": {"body": gzip.compress(b"[]" * 999)[:20], "headers": {"Content-Encoding": "gzip"}},
    "no deflate": {"body": b"\x00\xff", "headers": {"Content-Encoding": "deflate"}},
    "an unknown encoding": {"body": b"\x00\xff", "headers": {"Content-Encoding": "x-own"}},
    "a number": {"body": "7"},
    "a list of lists": {"body": "[[]]"},
    "a number too large to keep": {"body": '[{"id": 100000000000000000000, "name": "x"}]'},
    "not a number": {"body": '[{"id": NaN, "name": "x"}]'},
    "half a character": {"body": '[{"id": 1, "name": "\\ud800"}]'},
    "a zero byte": {"body": '[{"id": 1, "name": "a\\u0000b"}]'},
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_an_error_with_its_place(
    forum: Forum, scripted: Any, naps: Naps, name: str
) -> None:
    del naps
    scripted.on("GET", GROUPS, scripted.reply(**BODIES[name]))
    with pytest.raises(ForumError) as caught:
        forum.groups()
    assert caught.value.what
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("status", [403, 422, 429, 500, 503])
@pytest.mark.parametrize("name", BODIES)
def test_a_refusal_whose_words_cannot_be_read_is_still_a_refusal(
    forum: Forum, scripted: Any, naps: Naps, name: str, status: int
) -> None:
    del naps
    scripted.on("GET", GROUPS, scripted.reply(status=status, **BODIES[name]))
    with pytest.raises(FailedCall) as caught:
        forum.groups()
    assert caught.value.url


@pytest.mark.parametrize(
    "after",
    [
        "-1",
        "nan",
        "inf",
        "1e400",
        "9" * 400,
        "Mon, 31 Feb 2027 25:61:61 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "\xb2",
        "0x10",
    ],
)
def test_a_wait_that_is_none_is_ten_seconds_or_the_end(forum: Forum, scripted: Any, naps: Naps, after: str) -> None:
    reply = scripted.reply("", status=429, headers={"Retry-After": after, "Date": "Mon, 31 Dec 9999 23:59:59 -2359"})
    scripted.on("GET", GROUPS, reply, scripted.reply([]))
    forum.groups()
    assert all(10 <= nap <= 11 or nap <= 1 for nap in naps)


@pytest.mark.parametrize("wait", ["9" * 400, "1e999", "-1", "NaN", "true", '"5"', "[]"])
def test_a_wait_in_the_body_that_is_none_is_ten_seconds(forum: Forum, scripted: Any, naps: Naps, wait: str) -> None:
    body = f'{{"errors": ["slow"], "extras": {{"wait_seconds": {wait}}}}}'
    scripted.on("GET", GROUPS, scripted.reply(body, status=429), scripted.reply([]))
    forum.groups()
    assert [10 <= nap <= 11 for nap in naps] == [True]


@pytest.mark.parametrize("runtime", ["nan", "inf", "-inf", "-1", "0", "1e400", "soon", ""])
def test_a_measured_time_that_is_none_stops_no_batch(forum: Forum, scripted: Any, runtime: str) -> None:
    ids = list(range(1, 201))
    answer = {"success": "OK", "usernames": [f"user{number}" for number in ids]}
    scripted.on("PUT", "/groups/5/members.json", scripted.reply(answer, headers={"X-Runtime": runtime}))
    for _ in range(2):
        assert forum.add_members(5, ids).done == tuple(ids)


HEADERS = ("Location", "Retry-After", "X-Runtime", "Content-Encoding", "Date", "Discourse-Rate-Limit-Error-Code")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from([200, 200, 200, 204, 301, 304, 400, 404, 422, 429, 500, 599]),
    body=st.binary(max_size=30) | values,
    headers=st.dictionaries(
        st.sampled_from(
            ["Location", "Retry-After", "X-Runtime", "Content-Encoding", "Date", "Discourse-Rate-Limit-Error-Code"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12)
        | st.sampled_from(["gzip", "identity", "nan", "1e999", "http://[", "Mon, 01 Jan 2027 00:00:00 GMT"]),
        max_size=3,
    ),
)
def test_whatever_is_answered_is_taken_or_told(
    forum: Forum, scripted: Any, naps: Naps, status: int, body: Any, headers: dict[str, str]
) -> None:
    del naps
    scripted.on("GET", GROUPS, scripted.reply(body, status=status, headers=headers))
    with contextlib.suppress(ForumError):
        assert isinstance(forum.groups(), list)


def test_what_is_cleaned_up_at_the_end_of_the_stack_fails_no_test() -> None:
    class Pool:
        def __del__(self) -> None:
            raise RecursionError

    pool = Pool()
    del pool
