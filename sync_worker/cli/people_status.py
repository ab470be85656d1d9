"""How the syncs of `lcm run` stand, for `lcm status`."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from sync_worker.config.durations import duration_in_words
from sync_worker.config.sync_settings import hours_in_words
from sync_worker.worker.roster_sync import OUTCOMES, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sync_worker.config.sync_settings import SyncSettings
    from sync_worker.worker.sync_state import SyncState


def people_json(state: SyncState, options: SyncSettings | None, now: datetime) -> dict[str, Any]:
    """Return how the syncs stand as plain data; `settings` is None where lcm.yaml has no `sync`."""
    settings = {
        "every": duration_in_words(options.every),
        "apply": options.apply,
        "between": hours_in_words(options.between) if options.between else None,
        "timezone": options.timezone,
    } if options else None  # fmt: skip
    return {
        "settings": settings,
        "last": state.at.isoformat() if state.at else None,
        "outcome": state.outcome or None,
        "run": state.run or None,
        "counts": dict(state.counts),
        "calls": state.calls,
        "summary": summary(state) if state.at and not state.problem else None,
        "problem": state.problem or None,
        "since": state.since.isoformat() if state.since else None,
        "waits": list(state.waits),
        "next": state.next_at(options, now).astimezone(UTC).isoformat() if options else None,
    }


def people_lines(people: dict[str, Any]) -> Iterator[str]:
    """Yield the same in words; times in UTC."""
    options = people["settings"]
    if options is None:
        yield "People: `lcm run` does not sync them, because lcm.yaml has no `sync`."
        if people["last"] is None:
            return
    else:
        hours = f" between {options['between']} ({options['timezone']})" if options["between"] else ""
        planned = "" if options["apply"] else ", planned only"
        when = f"every {options['every']}{hours}{planned} while `lcm run` runs"
        yield f"People: synced {when}; next {_shown(people['next'])}."
    if people["last"]:
        what = people["summary"] or OUTCOMES[people["outcome"]]
        yield f"  last sync {_shown(people['last'])}: {what}"
    if people["problem"]:
        yield f"  waits for you since {_shown(people['since'])}: {people['problem']}"
    for line in people["waits"]:
        yield f"  waits for you: {line}"


def _shown(moment: str) -> str:
    return moment[:16].replace("T", " ")
