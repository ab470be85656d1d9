"""Limits, and faults on request."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import requests

from sync_worker.practice_forum.server.options import PROFILES, Fault, FaultProfile, SlidingWindow


class Seconds:
    """A clock to turn manually."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_lets_calls_in_again_when_the_oldest_is_old_enough() -> None:
    clock = Seconds()
    window = SlidingWindow(2, 60, clock=clock)
    assert window.enter() is None
    clock.now += 10
    assert window.enter() is None
    assert window.enter() == 50
    clock.now += 50
    assert window.enter() is None
    assert window.enter() == 10


def test_hammering_an_aggressive_window_never_recovers() -> None:
    clock = Seconds()
    window = SlidingWindow(2, 10, aggressive=True, clock=clock)
    waits = []
    for _ in range(30):
        waits.append(window.enter())
        clock.now += 1
    assert waits[:2] == [None, None]
    assert None not in waits[2:]


def test_the_site_s_admin_keys_share_one_minute(make_practice_forum: Any) -> None:
    forum = make_practice_forum(admin_requests_per_minute=3, admin_key="of-one-user")
    for _ in range(3):
        forum.get("/session/current.json")
    headers = {"Api-Key": "of-one-user"}
    refused = forum.client.get(f"{forum.url}/groups", headers=headers, timeout=60)
    wait = int(refused.headers["retry-after"])
    assert (refused.status_code, refused.json()["error_type"]) == (429, "rate_limit")
    assert refused.headers["discourse-rate-limit-error-code"] == "admin_api_key_rate_limit"
    assert refused.json()["extras"] == {"wait_seconds": wait, "time_left": f"{wait} seconds"}
    assert forum.call("GET", "/nothing.json").status_code == 404
    assert forum.call("GET", "/session/current.json", headers={"Api-Key": "wrong"}).status_code == 403


def test_a_public_address_is_limited_before_its_key_is_read(practice_forum: Any) -> None:
    visitor = {"X-Forwarded-For": "203.0.113.77"}
    answers = [
        practice_forum.client.get(f"{practice_forum.url}/site/basic-info.json", headers=visitor, timeout=60)
        for _ in range(51)
    ]
    assert [answer.status_code for answer in answers].count(200) == 50
    refused = practice_forum.call("GET", "/groups.json", headers=visitor)
    assert (refused.status_code, refused.headers["content-type"]) == (429, "text/plain")
    assert refused.headers["discourse-rate-limit-error-code"] == "ip_10_secs_limit"


def one(fault: Fault, **more: Any) -> FaultProfile:
    return FaultProfile("test", 1.0, (fault,), **more)


def make_group(forum: Any, name: str = "spring") -> Any:
    return forum.call("POST", "/admin/groups.json", json={"group": {"name": name}})


def has_group(forum: Any) -> bool:
    forum.faults.set(PROFILES["none"], 0)
    return bool(forum.call("GET", "/groups/spring.json").status_code == 200)


@pytest.mark.parametrize(
    ("fault", "status", "kind", "retry_after"),
    [
        (Fault.RATE_LIMIT_JSON, 429, "application/json; charset=utf-8", "7"),
        (Fault.RATE_LIMIT_BARE_JSON, 429, "application/json; charset=utf-8", None),
        (Fault.RATE_LIMIT_TEXT, 429, "text/plain", "7"),
        (Fault.RATE_LIMIT_HTML, 429, "text/html", None),
        (Fault.INTERNAL_ERROR, 500, "application/json; charset=utf-8", None),
        (Fault.BAD_GATEWAY, 502, "text/html", None),
        (Fault.UNAVAILABLE, 503, "text/html", None),
        (Fault.LOGIN_PAGE, 200, "text/html; charset=utf-8", None),
        (Fault.READ_ONLY, 503, "application/json; charset=utf-8", None),
    ],
)
def test_refusals_of_every_shape_have_no_effect(
    practice_forum: Any, fault: Fault, status: int, kind: str, retry_after: str | None
) -> None:
    practice_forum.faults.set(one(fault, wait_seconds=7), 1)
    answer = make_group(practice_forum)
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
    assert answer.headers.get("retry-after") == retry_after
    assert not has_group(practice_forum)


def test_a_bad_gateway_can_come_after_the_effect(practice_forum: Any) -> None:
    practice_forum.faults.set(one(Fault.BAD_GATEWAY_AFTER), 1)
    assert make_group(practice_forum).status_code == 502
    assert has_group(practice_forum)


@pytest.mark.parametrize(
    ("fault", "effect"),
    [(Fault.CLOSED_BEFORE, False), (Fault.CLOSED_AFTER, True), (Fault.CLOSED_DURING, True)],
)
def test_a_lost_connection_may_or_may_not_have_had_its_effect(practice_forum: Any, fault: Fault, effect: bool) -> None:
    practice_forum.faults.set(one(fault), 1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        make_group(practice_forum)
    assert has_group(practice_forum) is effect


def test_cut_json_cannot_be_parsed_but_was_effective(practice_forum: Any) -> None:
    practice_forum.faults.set(one(Fault.CUT_JSON), 1)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        make_group(practice_forum).json()
    assert has_group(practice_forum)


def test_a_killed_bulk_add_leaves_the_first_half(practice_forum: Any) -> None:
    make_group(practice_forum)
    practice_forum.add_many_users(10)
    names = ",".join(f"bulk{number:04d}" for number in range(1, 11))
    practice_forum.faults.set(one(Fault.KILLED), 1)
    with pytest.raises(requests.ConnectionError):
        practice_forum.call("PUT", "/groups/41/members.json", data={"usernames": names})
    practice_forum.faults.set(PROFILES["none"], 0)
    assert practice_forum.get("/groups/spring/members.json")["meta"]["total"] == 5


def test_a_read_only_spell_lasts_for_some_calls_and_lets_reads_pass(practice_forum: Any) -> None:
    profile = FaultProfile("test", 0.0, (Fault.READ_ONLY,), read_only_calls=2)
    practice_forum.faults.set(profile, 1)
    practice_forum.faults._read_only_until = 2
    assert make_group(practice_forum).status_code == 503
    assert practice_forum.call("GET", "/groups.json").status_code == 200
    assert make_group(practice_forum).status_code == 200


def test_the_same_profile_and_seed_fail_the_same_calls() -> None:
    profile = PROFILES["everything"]
    first, again, other = ([profile.fault_of(seed, number) for number in range(500)] for seed in (1, 1, 2))
    assert first == again != other
    assert 60 < sum(fault is not None for fault in first) < 140
    assert set(Counter(first)) == {None, *Fault}


def test_faults_are_switched_over_http_and_spare_calls_without_a_key(practice_forum: Any) -> None:
    url = f"{practice_forum.url}/practice/faults.json"
    body = {"profile": "rate-limits", "share": 1, "seed": 3, "wait_seconds": 2}
    assert practice_forum.client.put(url, json=body, timeout=60).json()["share"] == 1
    assert practice_forum.call("GET", "/groups.json").status_code == 429
    assert practice_forum.client.get(f"{practice_forum.url}/site/basic-info.json", timeout=60).status_code == 200
    told = practice_forum.client.get(url, timeout=60).json()
    assert (told["calls"], sum(told["happened"].values())) == (1, 1)
    assert practice_forum.client.put(url, json={"profile": "no such"}, timeout=60).status_code == 400
    assert practice_forum.client.put(url, json={}, timeout=60).json()["profile"] == "none"
