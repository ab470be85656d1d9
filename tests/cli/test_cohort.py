"""`lcm cohort`: a cohort's journey is paused, resumed and shifted from the command line."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date.today()  # noqa: DTZ011  (the commands look at the clock of this machine)
START = TODAY + timedelta(days=(7 - TODAY.weekday()) % 7 + 7)  # a Monday, one to two weeks from now
SETTINGS = f"""\
forum: {{url: 'https://forum.invalid', api_username: lcm-bot}}
cohorts:
  - {{key: spring, name: Spring, start: {START}, end: {START + timedelta(days=39)}, timezone: Europe/Lisbon,
     playbook: first-steps}}
  - {{key: quiet, name: Quiet, start: {START}, end: {START + timedelta(days=39)}, timezone: Europe/Paris}}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def cohort(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cohort", *arguments])


def day_in_paris() -> str:
    return f"{datetime.now(ZoneInfo('Europe/Paris')):%Y-%m-%d}"


def as_json(*arguments: str) -> Any:
    result = cohort(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def clock_of(key: str) -> str:
    return next(row["clock"] for row in as_json("list") if row["cohort"] == key)


def calendar() -> list[dict[str, str]]:
    shown = CliRunner().invoke(main, ["playbook", "show", "first-steps", "--cohort", "spring", "--json"])
    return [{"step": line["step"], "when": line["when"][:16]} for line in json.loads(shown.stdout)]


def test_a_paused_cohort_says_so_until_it_is_resumed() -> None:
    assert clock_of("spring") == ""
    assert "spring: paused until it is resumed." in cohort("pause", "spring").stdout
    assert clock_of("spring") == "paused until it is resumed"
    status = CliRunner().invoke(main, ["status"])
    assert "note: spring: paused until it is resumed" in status.stdout
    assert "spring: the journey goes on." in cohort("resume", "spring").stdout
    assert clock_of("spring") == ""


def test_a_cohort_that_is_not_paused_says_so_when_it_is_resumed() -> None:
    assert as_json("resume", "spring") == {
        "cohort": "spring",
        "clock": "it was not paused",
        "applied": False,
        "dates": [],
    }


def test_a_pause_until_a_day_ends_at_its_midnight_and_shows_what_falls_into_it() -> None:
    until = START + timedelta(days=4)
    paused = as_json("pause", "spring", "--until", str(until))
    assert paused["clock"] == f"paused until {until} 00:00"
    notes = {line["step"]: (line["before"], line["after"], line["note"]) for line in paused["dates"]}
    assert notes["welcome"] == (f"{START} 09:00", f"{until} 00:00", "it will be done when the pause ends")
    assert all(line["before"] < str(until) for line in paused["dates"])


def test_what_is_too_late_after_a_pause_is_said_before_it_happens() -> None:
    until = START + timedelta(days=10)
    dates = as_json("pause", "spring", "--until", str(until))["dates"]
    assert {line["note"] for line in dates if line["step"] == "welcome"} == {"it will be too late for it"}


def test_a_day_that_is_over_is_no_end_of_a_pause() -> None:
    result = cohort("pause", "spring", "--until", str(TODAY - timedelta(days=1)))
    assert result.exit_code == 2
    assert "is not in the future. Give a later day, or none." in result.stderr
    assert clock_of("spring") == ""


def test_a_shift_is_shown_first_and_made_with_apply() -> None:
    before = calendar()
    shown = cohort("shift", "spring", "--later", "7")
    assert "Nothing was changed. To shift it, add --apply." in shown.stdout
    assert calendar() == before
    made = as_json("shift", "spring", "--later", "7", "--apply")
    assert made["clock"] == "7 days later than written"
    welcome = next(line for line in made["dates"] if line["step"] == "welcome")
    assert (welcome["before"], welcome["after"]) == (f"{START} 09:00", f"{START + timedelta(days=7)} 09:00")
    assert {line["when"] for line in calendar() if line["step"] == "welcome"} == {f"{START + timedelta(days=7)}T09:00"}


def test_of_a_cohort_under_way_a_shift_shows_no_date_that_stays(tmp_path: Path) -> None:
    began = START - timedelta(days=28)
    settings = tmp_path / "lcm.yaml"
    settings.write_text(SETTINGS.replace(f"start: {START}", f"start: {began}"), encoding="utf-8")
    dates = as_json("shift", "spring", "--later", "7")["dates"]
    prompts = [line for line in dates if line["step"] == "weekly-prompt"]
    assert [line["before"] for line in prompts] == ["-"]  # Mondays stay Mondays; one comes at the end
    assert all(line["before"] != line["after"] for line in dates)


def test_shifts_add_up_and_one_back_makes_the_dates_as_written() -> None:
    before = calendar()
    as_json("shift", "spring", "--later", "7", "--apply")
    assert as_json("shift", "spring", "--earlier", "6", "--apply")["clock"] == "1 day later than written"
    assert as_json("shift", "spring", "--earlier", "1", "--apply")["clock"] == "as written"
    assert calendar() == before


def test_a_shift_back_says_what_will_be_done_at_once_or_is_too_late() -> None:
    notes = {}
    for days in ((START - TODAY).days + 2, (START - TODAY).days + 20):
        dates = as_json("shift", "spring", "--earlier", str(days))["dates"]
        notes[days] = {line["note"] for line in dates if line["step"] == "welcome"}
    assert list(notes.values()) == [{"it will be done at once"}, {"it will be too late for it"}]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pause", "sprang"), "no cohort has the key 'sprang'. Did you mean 'spring'?"),
        (("pause", "quiet"), "cohort 'quiet' has no playbook, so there is no journey."),
        (("pause", "spring", "--until", "soon"), "'soon' is not a day like 2026-11-02."),
        (("shift", "spring"), "say by how many days, either --later or --earlier."),
        (("shift", "spring", "--later", "1", "--earlier", "1"), "say by how many days, either --later or --earlier."),
        (("shift", "spring", "--later", "400"), "400 is not in the range 1<=x<=365."),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(arguments: tuple[str, ...], says: str) -> None:
    result = cohort(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_shifts_that_add_up_to_more_than_a_year_are_refused() -> None:
    as_json("shift", "spring", "--later", "300", "--apply")
    result = cohort("shift", "spring", "--later", "100", "--apply")
    assert result.exit_code == 2
    assert "the journey would be 400 days away from its written dates." in result.stderr
    assert clock_of("spring") == "300 days later than written"


def test_a_cohort_is_made_an_archive_and_reopened() -> None:
    days = [day_in_paris()]
    said = cohort("archive", "quiet").stdout
    days.append(day_in_paris())  # it may be midnight there
    [archived] = {f"archived on {day}" for day in days if f"quiet: archived on {day}." in said}
    assert "`lcm cohort reopen quiet` takes this back." in said
    assert clock_of("quiet") == archived
    assert as_json("archive", "quiet")["applied"] is False
    assert "quiet: it is no archive any more." in cohort("reopen", "quiet").stdout
    assert clock_of("quiet") == ""
    assert as_json("reopen", "quiet") == {
        "cohort": "quiet",
        "clock": "it was not made an archive",
        "applied": False,
        "dates": [],
    }
