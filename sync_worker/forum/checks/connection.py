"""Whether the forum can be reached safely: name, certificate, clock."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sync_worker.checks import Finding, Verdict, fail, ok, warn
from sync_worker.forum.answer import http_date
from sync_worker.forum.checks.certificate import check_certificate

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.config import ForumSettings

SKEW_TO_MENTION = 30
SKEW_TO_REFUSE = 300


def check_connection(settings: ForumSettings, now: datetime) -> list[Finding]:
    """Look up the forum's name and its certificate; sends no call to the forum."""
    parts = urlsplit(settings.url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        do = f"Correct forum.url in lcm.yaml, or this machine's DNS (try: getent hosts {host})."
        return [fail("name", f"{host} cannot be resolved.", do)]
    found = [ok("name", f"{host} is {', '.join(sorted(addresses))}.")]
    if parts.scheme == "https":
        return [*found, check_certificate(settings, host, port, now)]
    if all(ipaddress.ip_address(address).is_loopback for address in addresses):
        return [*found, ok("encryption", "none, and none is needed on this machine itself.")]
    do = "Use https in forum.url; anybody on the way can read the API key."
    return [*found, warn("encryption", "the forum is called without encryption.", do)]


def check_clock(date_header: str | None, now: datetime) -> Finding:
    """Compare the forum's clock (its Date header) with ours."""
    theirs = http_date(date_header or "")
    if theirs is None:
        return warn("clock", "the forum does not send its time.", "Check manually that both clocks are right.")
    skew = (now - theirs).total_seconds()
    if abs(skew) < SKEW_TO_MENTION:
        return ok("clock", "this machine and the forum agree.")
    verdict = Verdict.FAIL if abs(skew) >= SKEW_TO_REFUSE else Verdict.WARN
    side = "ahead of" if skew > 0 else "behind"
    what = f"this machine's clock is {abs(skew):.0f} s {side} the forum's."
    return Finding("clock", verdict, what, "Turn on time synchronisation (NTP) on the one that is wrong.")
