"""Whether the forum can be reached safely: name, certificate, clock."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sync_worker.forum.checks.finding import Finding, Verdict, fail, ok, warn

if TYPE_CHECKING:
    from sync_worker.config import ForumSettings

EXPIRES_SOON = timedelta(days=14)
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
        return [*found, _certificate(host, port, settings.connect_timeout, now)]
    if all(ipaddress.ip_address(address).is_loopback for address in addresses):
        return [*found, ok("encryption", "none, and none is needed on this machine itself.")]
    do = "Use https in forum.url; anybody on the way can read the API key."
    return [*found, warn("encryption", "the forum is called without encryption.", do)]


def _certificate(host: str, port: int, timeout: float, now: datetime) -> Finding:
    try:
        with (
            socket.create_connection((host, port), timeout=timeout) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
            version = secure.version()
    except ssl.SSLCertVerificationError as error:
        do = "Renew the certificate, or correct the address or this machine's clock."
        return fail("encryption", f"the certificate is not accepted: {error.verify_message}.", do)
    except OSError as error:
        do = "Check forum.url, firewalls, and whether a proxy is needed (HTTPS_PROXY)."
        return warn("encryption", f"no direct connection to port {port}: {error.strerror or error}.", do)
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if expires - now < EXPIRES_SOON:
        do = "See why it is not renewed; without it every call will fail."
        return warn("encryption", f"the certificate expires on {expires:%Y-%m-%d}.", do)
    return ok("encryption", f"{version}, certificate valid until {expires:%Y-%m-%d}.")


def check_clock(date_header: str | None, now: datetime) -> Finding:
    """Compare the forum's clock (its Date header) with ours."""
    try:
        theirs = parsedate_to_datetime(date_header or "")
    except ValueError:
        return warn("clock", "the forum does not tell its time.", "Check by hand that both clocks are right.")
    skew = (now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))).total_seconds()
    if abs(skew) < SKEW_TO_MENTION:
        return ok("clock", "this machine and the forum agree.")
    verdict = Verdict.FAIL if abs(skew) >= SKEW_TO_REFUSE else Verdict.WARN
    side = "ahead of" if skew > 0 else "behind"
    what = f"this machine's clock is {abs(skew):.0f} s {side} the forum's."
    return Finding("clock", verdict, what, "Turn on time synchronisation (NTP) on whichever of the two is wrong.")
