"""What the simulated LCMs do once a day: decide about the drafts that wait in their name, each as herself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.config import load_settings
from sync_worker.store.database import open_store
from sync_worker.store.ledger import decide_draft, drafts

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.demo.learners.browser import Browser
    from sync_worker.demo.scenario import DemoCohort


def at_the_desk(browser: Browser, cohort: DemoCohort) -> None:
    """Open the cohort's desk on the forum and approve what waits there, as the desk's own page would send it."""
    username = cohort.lcm.username
    desk = browser.get(f"/lcm/desk/{cohort.key}.json", username)
    for draft in desk["drafts"] if desk else ():
        if draft["state"] == "pending":
            path = f"/lcm/desk/{cohort.key}/drafts/{draft['key']}.json"
            browser.send(path, username, {"decision": "approve"}, method="PUT")


def at_the_command_line(settings_file: Path, cohort: DemoCohort, now: datetime) -> None:
    """Do what `lcm drafts approve` does, on a forum that has no desk."""
    settings = load_settings(settings_file)
    store = open_store(settings.store)
    try:
        with store.begin() as session:
            for draft in drafts(session, settings.forum.name, cohort.key):
                decide_draft(draft, "approved", cohort.lcm.username, now)
    finally:
        store.close()
