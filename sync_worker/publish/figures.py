"""The picture of a draft, uploaded right before the draft goes out; without one, the text is the text alone."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.content.figure import MARK, PLACE, can_draw, draw
from sync_worker.errors import ForumError, Outcome
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.model import Draft, Figure

LOG = logging.getLogger(__name__)
KEPT = "figure of a roundup:"  # and the cohort's key: under this name the store knows the last picture
STILL_THERE = timedelta(hours=24)  # Discourse deletes what no post shows after two days, if nobody changed that


def with_picture(forum: Forum, sessions: sessionmaker[Session], draft: Draft, cohort: str, now: datetime) -> Draft:
    """Return a draft with its picture in place of the mark; without both where it cannot be drawn or uploaded.

    Calls: 1 where the draft has a figure that was not uploaded a short while ago, else none.

    Raises:
        ForumError: the forum does not answer at all, so that the draft could not go out either.

    """
    if MARK.search(draft.raw) is None:
        return draft
    address = _uploaded(forum, sessions, draft.figure, cohort, now) if draft.figure and can_draw() else ""
    if address:
        return replace(draft, raw=MARK.sub(lambda found: found[0].replace(PLACE, address), draft.raw))
    return replace(draft, raw=MARK.sub("", draft.raw).rstrip())


def _uploaded(forum: Forum, sessions: sessionmaker[Session], figure: Figure, cohort: str, now: datetime) -> str:
    """Return where the picture is; the same one is not uploaded again while it is still there."""
    digest = hashlib.sha256(json.dumps(asdict(figure)).encode()).hexdigest()
    with sessions() as session:
        known = json.loads(remembered(session, forum.name, f"{KEPT}{cohort}") or "{}")
    if known.get("digest") == digest and now - datetime.fromisoformat(known["at"]) < STILL_THERE:
        return str(known["address"])
    try:
        address = forum.upload_image(f"{cohort}-weeks.png", draw(figure))
    except ForumError as error:
        if error.unreachable or error.outcome is Outcome.POSTPONED:
            raise
        LOG.warning("the figure of a roundup of %s was not uploaded: %s", cohort, error.what)
        return ""
    with sessions.begin() as session:
        kept = {"digest": digest, "at": now.isoformat(), "address": address}
        remember(session, forum.name, f"{KEPT}{cohort}", json.dumps(kept))
    return address
