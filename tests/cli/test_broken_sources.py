"""A broken workbook, export, database, source of one's own or set of sources is refused with its exit code, place and
what to do. The forum and the store, both filled by a good sync before, stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.broken_sources import ALL, Broken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.place import Place


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_it_is_refused_with_place_and_advice_and_nothing_is_changed(
    broken: Broken, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)  # where the packages with sources of one's own are
    place.check_refused(tmp_path, broken.write(tmp_path), code=broken.code, says=broken.says, where=broken.place)


def test_there_are_enough_of_them_and_each_is_told_apart() -> None:
    assert len({broken.name for broken in ALL}) == len(ALL) >= 100
