"""The discourse-lcm plugin as far as the worker meets it: its part of the contract, and people's decisions.

The contract is `discourse_plugin/openapi.yaml`. Left out are the pages that only people look at (the desk, the box, the
console); what people decide there can be sent here as they would send it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum.lcm import activity, cohorts, decisions, desk, learners, members, topics, work

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["register"]

_RESOURCES = (activity, cohorts, decisions, desk, learners, members, topics, work)


def register(app: Flask) -> None:
    """Add the plugin's routes to a forum that has the plugin."""
    for resource in _RESOURCES:
        app.register_blueprint(resource.blueprint)
