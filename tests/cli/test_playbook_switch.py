"""`lcm playbook switch` where there is nothing to switch."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from tests.cli import test_playbook_run

folder = test_playbook_run.folder


def switch(*more: str) -> Result:
    return CliRunner().invoke(main, ["playbook", "switch", "--cohort", "spring-27", *more])


@pytest.mark.parametrize("more", [(), ("--apply",)])
@pytest.mark.usefixtures("folder")
def test_a_cohort_that_follows_the_playbook_already_is_not_offered_a_change(more: tuple[str, ...]) -> None:
    assert test_playbook_run.run("spring-27", "2027-03-01T09:30+00:00").exit_code == 0
    result = switch(*more)
    assert result.exit_code == 0, result.output
    assert "spring-27 follows 'first-steps' already; nothing changes." in result.stdout
    assert "To change to it" not in result.stdout
    told = json.loads(switch(*more, "--json").stdout)
    assert (told["from"], told["to"], told["applied"], told["steps"]) == ("first-steps", "first-steps", False, [])
