"""The practice forum answers as a real Discourse did: every recorded call is sent again and the answers compared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.compare import differences
from tests.contract.conftest import Replayed
from tests.contract.left_out import ALSO_UNDETERMINED, LEFT_OUT
from tests.contract.recorded import Recording, read_all

_FOLDER = Path(os.environ.get("LCM_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "recordings"
_RECORDINGS = read_all(_FOLDER) if _FOLDER.is_dir() else []
_ABOUT_LIMITS = [recording for recording in _RECORDINGS if 750 <= recording.number < 760]
_OTHERS = [item for item in _RECORDINGS if item not in _ABOUT_LIMITS and item.number not in LEFT_OUT]


def _check(replayed: Replayed) -> None:
    number = replayed.recording.number
    found = differences(replayed.recording, replayed.answer, also=ALSO_UNDETERMINED.get(number))
    assert not found, "\n".join(found[:40])


@pytest.mark.parametrize("recording", _OTHERS, ids=lambda item: item.id)
def test_the_practice_forum_answers_as_recorded(recording: Recording, replayed: dict[int, Replayed]) -> None:
    _check(replayed[recording.number])


@pytest.mark.parametrize("recording", _ABOUT_LIMITS, ids=lambda item: item.id)
def test_limits_are_refused_as_recorded(recording: Recording, replayed_over_limits: dict[int, Replayed]) -> None:
    _check(replayed_over_limits[recording.number])


def test_every_recording_is_replayed_or_left_out_for_a_reason(
    recordings: dict[int, Recording], replayed: dict[int, Replayed], replayed_over_limits: dict[int, Replayed]
) -> None:
    compared = replayed.keys() | replayed_over_limits.keys()
    assert recordings.keys() - compared == LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
