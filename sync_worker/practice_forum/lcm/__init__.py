"""The part of the discourse-lcm plugin that the worker uses: its contract, and people's decisions.

The contract is `discourse_plugin/openapi.yaml`. Left out is what only the plugin's own pages of the box and the
console read; the practice forum has simple pages of its own for these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm import activity, cohorts, decisions, desk, members, topics
from sync_worker.practice_forum.rules.settings import PLUGIN_SWITCH
from sync_worker.practice_forum.server import requests

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["register"]

_RESOURCES = (activity, cohorts, decisions, desk, members, topics)


def register(app: Flask) -> None:
    """Add the plugin's routes to a forum that has the plugin."""
    for resource in _RESOURCES:
        app.register_blueprint(resource.blueprint)
    names = {resource.blueprint.name for resource in _RESOURCES}

    @app.before_request
    def hide_while_off() -> None:
        """Know no route of the plugin while it is switched off, as Discourse does."""
        if request.blueprint in names and not context.settings().flag(PLUGIN_SWITCH):
            raise requests.not_found()
