"""A playbook that is switched off posts nothing; what was told before is looked after all the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from sync_worker.playbook.load import shipped_folder
from tests.worker.story_site import StorySite, day

if TYPE_CHECKING:
    from pathlib import Path


def switch_off(site: StorySite, folder: Path) -> None:
    """Give the cohort a copy of its playbook that is not active."""
    own = folder / "own" / "first-steps"
    shutil.copytree(shipped_folder() / "first-steps", own)
    file = own / "playbook.yml"
    file.write_text(f"active: false\n{file.read_text('utf-8')}", encoding="utf-8")
    site.settings = site.settings.model_copy(update={"playbooks": (own.parent,)})


def test_a_playbook_that_is_switched_off_posts_nothing_and_says_so(asked: StorySite, tmp_path: Path) -> None:
    asked.say(asked.learner, "Yes, you may show it.", day(16, 14))
    switch_off(asked, tmp_path)
    report = asked.run(day(19, 10))
    assert report.happenings == []
    assert asked.stories() == []
    assert "its playbook 'first-steps' is switched off, so nothing is posted." in str(report.standing[0])


@pytest.mark.parametrize("off", [False, True])
def test_a_story_that_is_taken_back_comes_down_though_the_playbook_is_switched_off(
    told: StorySite, tmp_path: Path, off: bool
) -> None:
    if off:
        switch_off(told, tmp_path)
    told.say(told.learner, "No, please do not show it any more.", day(20, 9))
    told.run(day(20, 10.5))
    assert told.stories() == []


def test_a_story_that_is_taken_back_comes_down_while_another_playbook_waits_to_be_confirmed(
    told: StorySite, tmp_path: Path
) -> None:
    own = tmp_path / "own" / "other-steps"
    shutil.copytree(shipped_folder() / "first-steps", own)
    file = own / "playbook.yml"
    file.write_text(file.read_text("utf-8").replace("playbook: first-steps", "playbook: other-steps"), encoding="utf-8")
    declared = told.settings.cohorts[0].model_copy(update={"playbook": "other-steps"})
    told.settings = told.settings.model_copy(update={"playbooks": (own.parent,), "cohorts": (declared,)})
    told.say(told.learner, "No, please do not show it any more.", day(20, 9))
    report = told.run(day(20, 10.5))
    assert "nothing is posted yet" in str(report.standing[0])
    assert told.stories() == []
