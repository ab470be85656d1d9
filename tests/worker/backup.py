"""Backups of a practice forum's database, and putting them back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flask import Flask


def back_up(app: Flask) -> sqlite3.Connection:
    """Return a copy of everything on the forum."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with app.extensions["forum"].database._lock:
        _connection(app).backup(copy)
    return copy


def put_back(app: Flask, copy: sqlite3.Connection) -> None:
    """Make the forum what it was when the copy was made, numbers to come included."""
    with app.extensions["forum"].database._lock:
        copy.backup(_connection(app))


def _connection(app: Flask) -> sqlite3.Connection:
    raw = app.extensions["forum"].database.engine.raw_connection()
    return cast("sqlite3.Connection", raw.driver_connection)
