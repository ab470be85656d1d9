"""What the key and the API user may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.checks import Finding, Verdict, fail, ok, warn
from sync_worker.errors import ForumError
from sync_worker.forum.checks.connection import check_clock
from sync_worker.forum.parse import Shape

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.forum.transport import Transport

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
    if user.get("admin", default=False).flag():
        return ok("API user", f"'{name}' is an administrator.")
    what = f"'{name}' is not an administrator: it may not list e-mail addresses or make groups and categories."
    return fail("API user", what, "Use 'system' or an administrator as forum.api_username.")
