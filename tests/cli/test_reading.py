"""The reading of a forum's topics shows on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest

from sync_worker.cli.workspace import reading_topics


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_the_reading_has_come_and_is_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with reading_topics() as progress:
        assert progress is not None
        progress(1200, 0)
        progress(3, 1200)
    assert "Listing topics: 1,200" in terminal.getvalue()
    assert "Reading topics: 3 of 1,200" in terminal.getvalue()
    assert terminal.getvalue().rpartition("\r")[2] == ""


def test_a_file_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with reading_topics() as progress:
        assert progress is None
