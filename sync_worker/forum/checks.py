"""Finds what is wrong with a set-up, from the configuration to the forum, and says what to change and where."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from sync_worker.checks import Finding, Verdict, fail, failed, ok, warn
from sync_worker.config.load import api_key, load_settings
from sync_worker.errors import ForumError, LcmError
from sync_worker.forum.answers import http_date
from sync_worker.forum.budget import open_budget
from sync_worker.forum.client import Forum
from sync_worker.forum.parse import Shape
from sync_worker.forum.patience import Patience, Priority
from sync_worker.forum.site_checks import check_plugin_alone, check_site
from sync_worker.forum.transport import Transport
from sync_worker.store.database import open_store
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config import ForumSettings, Settings
    from sync_worker.store.database import Store


AREA = "encryption"
EXPIRES_SOON = timedelta(days=14)
# OpenSSL's numbers of what can be wrong (X509_V_ERR_..., openssl/x509_vfy.h).
NOT_YET_VALID, EXPIRED = 9, 10
UNKNOWN_AUTHORITY = (18, 19, 20, 21)
OTHER_NAME = (62, 64)


def check_certificate(settings: ForumSettings, host: str, port: int, now: datetime) -> Finding:
    """Open a TLS connection and look at the certificate; sends no call to the forum."""
    bundle = _authorities(settings.url)
    try:
        context = ssl.create_default_context(
            **{"capath" if bundle.is_dir() else "cafile": str(bundle)},  # type: ignore[arg-type]
        )
    except OSError as error:
        do = "Correct REQUESTS_CA_BUNDLE, or unset it."
        return fail(AREA, f"the authorities in {bundle} cannot be read: {error.strerror or error}.", do)
    try:
        with (
            socket.create_connection((host, port), timeout=settings.connect_timeout) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
            version = secure.version()
    except ssl.SSLCertVerificationError as error:
        return _refused(error, host, now)
    except ssl.SSLError as error:
        do = "Does this port speak https? If so, see the TLS settings of what is in front of the forum."
        return fail(AREA, f"no encrypted connection to port {port}: {error.reason or error}.", do)
    except OSError as error:
        do = "Check forum.url, firewalls, and whether a proxy is needed (HTTPS_PROXY)."
        return warn(AREA, f"no direct connection to port {port}: {error.strerror or error}.", do)
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if expires - now < EXPIRES_SOON:
        do = "See why it is not renewed; without it every call will fail."
        return warn(AREA, f"the certificate expires on {expires:%Y-%m-%d}.", do)
    return ok(AREA, f"{version}, certificate valid until {expires:%Y-%m-%d}.")


def _authorities(url: str) -> Path:
    """Return the file or folder with the certificates of the authorities that `requests` trusts."""
    with requests.Session() as session:
        verify = session.merge_environment_settings(url, {}, None, None, None)["verify"]
    return Path(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)


def _refused(error: ssl.SSLCertVerificationError, host: str, now: datetime) -> Finding:
    what = f"the certificate is not accepted: {error.verify_message.rstrip('.')}."
    code = error.verify_code
    if code in (EXPIRED, NOT_YET_VALID):
        do = f"Renew it on the forum's server, or set this machine's clock, which says {now:%Y-%m-%d %H:%M} UTC."
    elif code in OTHER_NAME:
        do = f"Put the name that the certificate is for into forum.url in lcm.yaml, or get one that covers {host}."
    elif code in UNKNOWN_AUTHORITY:
        do = "Let the forum send its whole chain; if the authority is your own, name its file in REQUESTS_CA_BUNDLE."
    else:
        do = "Replace or renew the certificate on the forum's server."
    return fail(AREA, what, do)


# Whether the forum can be reached safely: name, certificate, clock.


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


# What the key and the API user may do.


PLUGIN_SCOPE = "lcm:worker"
ONLY_THE_PLUGIN = (
    f"the key is limited to {PLUGIN_SCOPE}. With it work: syncs of people through the plugin, in groups and categories"
    " that it makes, and what is read and shown for the desks. Without a wider key do not work: posts and messages, so"
    " no playbook; groups and categories beyond the plugin's; this check of the forum's settings."
)
WIDER = "That is enough where lcm only syncs people; for playbooks make a key of scope Global (Admin > API)."
MAKE_A_KEY = "Make one in Discourse under Admin > API: scope Global, restricted to this machine's address."


@dataclass(frozen=True, slots=True)
class Rights:
    """What was found out about the key; one that opens `only_the_plugin` can read nothing else of the forum."""

    findings: list[Finding]
    only_the_plugin: bool = False


def check_rights(http: Transport, now: datetime) -> Rights:
    """Look at what our key opens and who we are to the forum.

    Calls: 2; 1 where the key is not accepted, or opens nothing but our plugin.
    """
    try:
        answer = http.ask("GET", "/session/scopes.json")
    except ForumError as error:
        if not error.refused_with(404):
            return Rights([_no_answer(http, error)])
        findings = [warn("key", "the forum does not tell its scopes.", "Use a Discourse of 3.2 or later.")]
    else:
        rows = Shape(answer.json(), "answer").at("scopes").items()
        if _names(rows) == [PLUGIN_SCOPE]:
            clock = check_clock(answer.headers.get("Date"), now)
            return Rights([warn("key", ONLY_THE_PLUGIN, WIDER), clock], only_the_plugin=True)
        findings = [_scopes(rows)]
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        return Rights(findings)
    try:
        answer = http.ask("GET", "/session/current.json")
    except ForumError as error:
        return Rights([*findings, _no_answer(http, error)])
    findings += [ok("forum", "it answers."), check_clock(answer.headers.get("Date"), now)]
    if answer.headers.get("Discourse-Readonly") == "true":
        findings.append(warn("forum", "it is in read-only mode.", "Wait until its backup or upgrade is over."))
    return Rights([*findings, _user(Shape(answer.json(), "session").at("current_user"))])


def _no_answer(http: Transport, error: ForumError) -> Finding:
    if not error.refused_with(403, 404):
        return fail("forum", error.what, error.do or "")
    what = f"the forum does not accept the key for the user '{http.api_username}'."
    do = "Check the key and forum.api_username, and that this user is neither suspended nor inactive."
    return fail("key", what, f"{do} {MAKE_A_KEY}")


def _names(rows: list[Shape]) -> list[str]:
    return sorted(f"{row.get('resource', '?').value}:{row.get('action', '?').value}" for row in rows)


def _scopes(rows: list[Shape]) -> Finding:
    if not rows:
        return ok("key", "accepted, with all scopes.")
    scopes = _names(rows)
    what = f"the key is limited to {', '.join(scopes)}."
    if scopes == ["global:read"]:
        return warn("key", what, f"That is enough for plans and previews, not for changes. {MAKE_A_KEY}")
    return fail("key", what, f"No set of scopes covers categories, owners and messages. {MAKE_A_KEY}")


def _user(user: Shape) -> Finding:
    name = user.at("username").text()
    if user.get("admin").value is None:
        what = f"the forum does not say whether '{name}' is an administrator."
        return warn("API user", what, "See on the forum (Admin > Users) that it is one.")
    if user.get("admin", default=False).flag():
        return ok("API user", f"'{name}' is an administrator.")
    what = f"'{name}' is not an administrator: it may not list e-mail addresses or make groups and categories."
    return fail("API user", what, "Use 'system' or an administrator as forum.api_username.")


# The whole check, from the configuration to the forum; stops where going on would only repeat the same problem.


class RosterCheck(Protocol):
    """What looks at the roster: returns the settings with the cohorts that it has, and its lines."""

    def __call__(
        self, settings: Settings, store: Store, environment: Mapping[str, str], now: datetime
    ) -> tuple[Settings, list[Finding]]:
        """Look at the roster."""


def check_setup(
    config: Path, environ: Mapping[str, str], now: datetime, check_roster: RosterCheck | None = None
) -> list[Finding]:
    """Return a line for everything looked at.

    Calls to the forum: at most 8, 1 more for each cohort that has a category and for each published workflow; none of
    them a write.
    """
    try:
        settings = load_settings(config)
    except LcmError as error:
        do = error.do or f"Change what is named above in {config}, and check again."
        return [replace(failed("configuration", error), do=do)]
    sourced = ", and those of the source" if settings.cohorts_from else ""
    findings = [ok("configuration", f"{config}: {counted(len(settings.cohorts), 'cohort')}{sourced}.")]
    try:
        store = open_store(settings.store)
    except LcmError as error:
        return [*findings, failed("store", error)]
    try:
        findings.append(ok("store", "it opens, and its tables are up to date."))
        if check_roster:
            settings, lines = check_roster(settings, store, environ, now)
            findings += lines
        return findings + _check_forum(settings, store, environ, now)
    finally:
        store.close()


def _check_forum(settings: Settings, store: Store, environ: Mapping[str, str], now: datetime) -> list[Finding]:
    try:
        key = api_key(settings.forum, environ)
    except LcmError as error:
        return [failed("key", error)]
    findings = [*_key_file(settings.forum), *check_connection(settings.forum, now)]
    if _failed(findings):
        return findings
    budget = open_budget(store.engine, settings.forum.name, settings.forum.calls_per_minute, Priority.PERSON)
    http = Transport(settings.forum, key, read_only=True, budget=budget, patience=Patience(attempts=2))
    with Forum(http) as forum:
        rights = check_rights(http, now)
        findings += rights.findings
        if rights.only_the_plugin:
            findings += check_plugin_alone(forum, settings)
        elif not _failed(findings):
            findings += check_site(forum, settings)
    return findings


def _failed(findings: list[Finding]) -> bool:
    return any(finding.verdict is Verdict.FAIL for finding in findings)


def _key_file(forum: ForumSettings) -> list[Finding]:
    if forum.key_file is None or not forum.key_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    do = f"Run: chmod 600 {forum.key_file}"
    return [warn("key", f"{forum.key_file} can be read by other users of this machine.", do)]
