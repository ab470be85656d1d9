"""The whole check, from the configuration to the forum; stops where going on would only repeat the same problem."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sync_worker.checks import Finding, Verdict, failed, ok, warn
from sync_worker.config.load import api_key, load_settings
from sync_worker.errors import LcmError
from sync_worker.forum.budget import open_budget
from sync_worker.forum.budget_rules import Priority
from sync_worker.forum.checks.connection import check_connection
from sync_worker.forum.checks.rights import check_rights
from sync_worker.forum.checks.rungs import check_plugin_alone
from sync_worker.forum.checks.site import check_site
from sync_worker.forum.client import Forum
from sync_worker.forum.failures import Patience
from sync_worker.forum.transport import Transport
from sync_worker.store.database import open_store
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config import ForumSettings, Settings
    from sync_worker.store.database import Store


class RosterCheck(Protocol):
    """What looks at the roster: returns the settings with the cohorts that it has, and its lines."""

    def __call__(
        self, settings: Settings, store: Store, environment: Mapping[str, str], now: datetime
    ) -> tuple[Settings, list[Finding]]:
        """Look at the roster."""


def check_setup(
    config: Path, environ: Mapping[str, str], now: datetime, check_roster: RosterCheck | None = None
) -> list[Finding]:
    """Return a line for everything looked at. Calls to the forum: at most 6, none of them a write."""
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
