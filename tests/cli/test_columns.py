"""Rows on a terminal stand in columns, whatever is written in them, and no line is longer than the terminal."""

from __future__ import annotations

import io
import shutil
import sys
from os import terminal_size

import click
import pytest

from sync_worker.cli.plan_show import show_plan
from sync_worker.cli.workspace import in_columns
from sync_worker.model import Change, ChangeKind, Plan

ROWS = [("add", "ana", "in the roster since yesterday, with the role of a learner"), ("remove", "李雷", "not listed")]


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_the_last_column_is_wrapped_where_the_terminal_ends() -> None:
    first, second = in_columns(ROWS, 40)
    assert first.splitlines() == [
        "add     ana   in the roster since",
        "              yesterday, with the role",
        "              of a learner",
    ]
    assert second == "remove  李雷  not listed"


def test_a_narrow_terminal_still_shows_everything() -> None:
    (first, _) = in_columns(ROWS, 5)
    assert "".join(first.split()) == "".join("".join(ROWS[0]).split())


def test_a_plan_on_a_terminal_has_titles_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: terminal_size((100, 24)))
    change = Change(ChangeKind.REMOVE, "spring", "lcm-spring", "no longer in the roster", username="ana")
    show_plan(Plan((change,)), everything=False)
    shown = terminal.getvalue()
    assert click.style("remove  ana  lcm-spring  no longer in the roster", fg="red") in shown
    assert "who" in click.unstyle(shown).splitlines()[1]
