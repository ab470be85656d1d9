"""The practice forum as pages that a person can look at and act on, under the same addresses as Discourse's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum.pages import forms, views

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["register"]


def register(app: Flask, *, plugin: bool) -> None:
    """Add the pages and their forms; with the plugin, its pages as well."""
    for part in (views, forms):
        app.register_blueprint(part.blueprint)
        if plugin:
            app.register_blueprint(part.lcm_blueprint)
