"""Calling a Discourse: without its cookies, and waiting as it asks.

By default it answers no more than 60 calls of administrators' keys a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy

import requests

TRIES = 20
TOO_MANY = 429


def patiently(send: Callable[[], requests.Response], wait: Callable[[float], None] = time.sleep) -> requests.Response:
    """Make a call; while the forum says that a limit is reached, wait for its `Retry-After` and make it again.

    Args:
        send: makes the call once.
        wait: waits for so many seconds.

    Returns:
        The answer; after 20 calls it may still be a 429.

    """
    answer = send()
    for _ in range(TRIES - 1):
        if answer.status_code != TOO_MANY:
            break
        wait(float(answer.headers.get("Retry-After", 1)))
        answer = send()
    return answer


def without_cookies() -> requests.Session:
    """Return a session that keeps no cookie.

    Discourse logs in whom an administrator's key registers, and refuses every call with the cookie of that login once
    that account is gone, whatever its key.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
