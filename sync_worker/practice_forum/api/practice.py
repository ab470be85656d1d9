"""Endpoints that only a practice forum has: its clock and its faults.

They need no key: the server listens on loopback only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, current_app

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.clock import iso, parse_moment
from sync_worker.practice_forum.server.options import PROFILES

if TYPE_CHECKING:
    from sync_worker.practice_forum.server.faults import FaultLayer

blueprint = Blueprint("practice", __name__)


@blueprint.get("/practice/clock", endpoint="practice/show_clock")
def show_clock() -> dict[str, Any]:
    """Tell the forum's now, and whether it is a virtual one."""
    clock = context.forum().clock
    return {"now": iso(clock.now()), "virtual": clock.virtual is not None}


@blueprint.put("/practice/clock", endpoint="practice/set_clock")
def set_clock() -> dict[str, Any]:
    """Set the virtual now to `now` (ISO, UTC where zoneless); null goes back to real time."""
    text = context.params().text("now")
    moment = parse_moment(text) if text else None
    if text and moment is None:
        raise refusals.invalid_parameters("now")
    context.forum().set_clock(context.session(), moment)
    return show_clock()


@blueprint.get("/practice/faults", endpoint="practice/show_faults")
def show_faults() -> dict[str, Any]:
    """Tell which calls fail, and how many did so far."""
    layer = _faults()
    return {
        "profile": layer.profile.name,
        "share": layer.profile.share,
        "seed": layer.seed,
        "calls": layer.calls,
        "happened": {str(fault): count for fault, count in sorted(layer.happened.items())},
        "profiles": sorted(PROFILES),
    }


@blueprint.put("/practice/faults", endpoint="practice/set_faults")
def set_faults() -> dict[str, Any]:
    """Let calls fail as `profile` says, from `seed`; `share` and `wait_seconds` differ from the profile's if given."""
    params = context.params()
    profile = PROFILES.get(params.text("profile") or "none")
    if profile is None:
        raise refusals.invalid_parameters(f"profile (one of {', '.join(sorted(PROFILES))})")
    try:
        if share := params.text("share"):
            profile = replace(profile, share=float(share))
        if wait := params.text("wait_seconds"):
            profile = replace(profile, wait_seconds=int(wait))
    except ValueError:
        raise refusals.invalid_parameters("share and wait_seconds are numbers") from None
    _faults().set(profile, params.integer("seed"))
    return show_faults()


def _faults() -> FaultLayer:
    return cast("FaultLayer", current_app.extensions["faults"])
