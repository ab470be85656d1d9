"""The demo on a small scale: real processes, real HTTP, a virtual clock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.demo.driver import play
from sync_worker.demo.scenario import DESK_HOURS, LCM_HOUR, Scenario, is_working_hour
from sync_worker.errors import UsageError
from tests.demo.whole_forum import forum_texts, play_and_stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_worker.demo.driver import Played

PLANS_READ = (8, 9, 10)  # once a day, at the step's own ten o'clock: that of Paris and that of Lisbon, in UTC
SMALL = Scenario(seed="small", weeks=2, learners=8)
# A process that a shell started in the background ignores Ctrl-C, and so would its children. Two weeks are enough for a
# library that has nothing in it.
INTERRUPTIBLE = """\
import signal
from sync_worker.cli import main, practice
signal.signal(signal.SIGINT, signal.default_int_handler)
practice.FEWEST_WEEKS_OF_A_LIBRARY = 2
main()
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Played, Path]]:
    """A small demo whose forum still serves."""
    folder = tmp_path_factory.mktemp("small")
    played = play(SMALL, folder)
    yield played, folder
    played.stop()


def test_the_worker_looks_after_both_cohorts(small: tuple[Played, Path]) -> None:
    outcome = small[0].outcome
    assert outcome.cohorts == 2
    assert outcome.prompts == 2
    assert outcome.duplicates == 0
    assert outcome.api_calls > 50
    assert small[0].log.refusals == []
    assert [failure for tick in small[0].log.ticks for failure in tick.failures] == []


def test_ticks_with_nothing_due_make_no_call(small: tuple[Played, Path]) -> None:
    ticks = [tick for tick in small[0].log.ticks if not is_working_hour(tick.at, *DESK_HOURS)]
    quiet = [tick for tick in ticks if tick.at.hour not in PLANS_READ and not tick.happenings]
    idle = [tick for tick in quiet if tick.calls == 0]
    assert len(quiet) > 60
    assert len(idle) > 0.8 * len(quiet)
    assert not any(tick.happenings for tick in idle)


def test_a_look_at_which_nobody_decided_or_wrote_makes_two_calls_for_desks_and_one_for_messages(
    small: tuple[Played, Path],
) -> None:
    hours = [hour for hour in DESK_HOURS if hour != LCM_HOUR]  # at that one the desks are brought up to date
    looks = [tick.calls for tick in small[0].log.ticks[1:] if is_working_hour(tick.at, *hours) and not tick.happenings]
    assert len(looks) > 30
    assert sorted(looks)[len(looks) // 2] == 3


def test_the_desks_and_the_admin_page_are_where_the_demo_says(small: tuple[Played, Path]) -> None:
    played = small[0]
    pages = [requests.get(address, timeout=60) for address in (*played.desks, played.console)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    learner = SMALL.cohorts[0].learners[3].name
    assert learner in pages[0].text
    assert learner not in pages[1].text


def test_the_roster_changes_on_the_way(small: tuple[Played, Path]) -> None:
    cohort = SMALL.cohorts[0]
    members = {row[1] for row in forum_texts(small[1]) if row[0] == cohort.key}
    first, last = (
        {row.email.partition("@")[0] for row in SMALL.roster(day) if row.cohort == cohort.key}
        for day in (SMALL.days[0], SMALL.days[-1])
    )
    assert last - first == {learner.username for learner in cohort.learners[-2:]}
    assert members == last


def test_the_same_seed_gives_the_same_forum_text_for_text(small: tuple[Played, Path], tmp_path: Path) -> None:
    play_and_stop(SMALL, tmp_path / "again")
    first, second = forum_texts(small[1]), forum_texts(tmp_path / "again")
    assert first == second
    assert len(first) > 150


def test_another_seed_gives_other_people_and_texts() -> None:
    here, there = (Scenario(seed=seed, learners=8).cohorts[0].learners for seed in ("1", "2"))
    assert {learner.name for learner in here} != {learner.name for learner in there}


def test_a_folder_with_a_demo_in_it_is_refused(small: tuple[Played, Path]) -> None:
    with pytest.raises(UsageError, match="already"):
        play(SMALL, small[1])


def test_the_report_is_written(small: tuple[Played, Path]) -> None:
    assert small[0].report.is_file()
    text = (small[0].report.parent / "lead-fr.html").read_text(encoding="utf-8")
    assert "Diriger une équipe" in text


def test_the_command_prints_exactly_the_figures(tmp_path: Path) -> None:
    folder = str(tmp_path / "demo")
    arguments = ["demo", "--no-serve", "--json", "--weeks", "2", "--learners", "2", "--dir", folder]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert list(figures) == [
        "cohorts",
        "members",
        "topics",
        "prompts",
        "stories",
        "roundups",
        "messages",
        "mails",
        "drafts_decided",
        "practices",
        "offers",
        "duplicates",
        "api_calls",
        "seconds",
    ]
    assert (figures["cohorts"], figures["duplicates"]) == (2, 0)
    assert "&id001" not in (tmp_path / "demo" / "lcm.yaml").read_text(encoding="utf-8")


def test_a_demo_so_short_that_it_posts_no_prompt_is_refused() -> None:
    result = CliRunner().invoke(main, ["demo", "--weeks", "1"])
    assert result.exit_code == 2
    assert "2<=x<=26" in result.stderr


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """Where a demo made its temporary folder, and how the addresses answered that it named before Ctrl-C ended it."""
    temporary = tmp_path_factory.mktemp("temporary")
    command = [sys.executable, "-c", INTERRUPTIBLE, "demo", "--weeks", "2", "--learners", "2"]
    answers = {}
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        for line in running.stdout:
            name, _, address = line.partition(": ")
            if address.strip().startswith("http://"):
                answers[name] = requests.get(address.strip(), timeout=60).status_code
            if line.startswith("Ctrl-C"):
                running.send_signal(signal.SIGINT)
    assert running.returncode == 0
    return temporary, answers


def test_every_address_that_the_demo_names_leads_to_a_page(interrupted: tuple[Path, dict[str, int]]) -> None:
    answers = interrupted[1]
    assert set(answers.values()) == {200}, answers
    assert set(answers) == {"The forum", "An LCM's desk", "The admin's page", "The library"}


def test_of_a_temporary_folder_only_the_report_and_the_mails_outlive_the_demo(
    interrupted: tuple[Path, dict[str, int]],
) -> None:
    kept = [path for folder in interrupted[0].glob("lcm-demo-*") for path in folder.iterdir()]
    assert sorted(path.name for path in kept) == ["mails", "report"]
    assert all(list(path.glob("*.eml" if path.name == "mails" else "index.html")) for path in kept)


@pytest.mark.slow
def test_connections_that_break_every_fifth_call_leave_nothing_twice(tmp_path: Path) -> None:
    played = play_and_stop(SMALL, tmp_path / "demo", faults="connections")
    assert played.outcome.duplicates == 0
    assert played.outcome.prompts == 2
