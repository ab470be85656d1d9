"""A cohort's calendar as a file for other calendars."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from sync_worker.cli import main

SETTINGS = """\
forum: {{url: 'https://forum.invalid', api_username: lcm-bot}}
cohorts:
  - {{key: spring, name: 'Spring, 2027', start: 2027-03-01, end: 2027-04-09, timezone: Europe/Lisbon,
     playbook: first-steps{more}}}
"""
NOW = "2027-02-01T12:00+00:00"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(tmp_path / "lcm.yaml").write_text(SETTINGS.format(more=""), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def show(file: str = "spring.ics") -> Result:
    return CliRunner().invoke(
        main, ["playbook", "show", "first-steps", "--cohort", "spring", "--now", NOW, "--ics", file]
    )


def events(file: str = "spring.ics") -> dict[str, str]:
    """Return start and title of each event by its UID."""
    calendar = Calendar.from_ical(Path(file).read_bytes())
    return {str(event["uid"]): f"{event['dtstart'].dt:%Y-%m-%d %H:%M} {event['summary']}" for event in calendar.events}


def test_every_date_to_come_is_an_event_with_the_prompt_as_its_title() -> None:
    result = show()
    assert result.exit_code == 0, result.output
    assert result.stderr == f"spring.ics: {len(events())} events.\n"
    titles = sorted(events().values())
    assert titles[0] == "2027-03-01 09:00 Spring, 2027: welcome"
    assert any(title.endswith("Ask, then wait") for title in titles)


def test_an_event_keeps_its_identity_when_the_cohort_is_shifted() -> None:
    show()
    before = events()
    moved = SETTINGS.replace("start: 2027-03-01", "start: 2027-03-02").format(more="")
    Path("lcm.yaml").write_text(moved, encoding="utf-8")
    show()
    after = events()
    welcome = {uid for uid, title in before.items() if title.endswith("welcome")}
    assert {after[uid] for uid in welcome} == {"2027-03-02 09:00 Spring, 2027: welcome"}


def test_a_moved_step_stands_on_the_day_on_which_it_happens() -> None:
    more = ", days_off: {blackout: [2027-03-01]}"
    Path("lcm.yaml").write_text(SETTINGS.format(more=more), encoding="utf-8")
    show()
    assert "2027-03-02 09:00 Spring, 2027: welcome" in events().values()


def test_a_file_that_cannot_be_written_is_an_error_with_its_place() -> None:
    result = show("nowhere/spring.ics")
    assert result.exit_code == 2
    assert "nowhere/spring.ics: the calendar cannot be written: No such file or directory." in result.stderr


def test_a_session_takes_its_own_time_and_what_is_posted_around_it_none(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    (folder / "templates").mkdir(parents=True)
    step = "{id: meet, at: start +7d 16:00, play: session, with: {template: meet, minutes: 90}}"
    (folder / "playbook.yml").write_text(
        f"playbook: ours\ntitle: {{en: Ours}}\nversion: 1\nsteps:\n  - {step}\n", encoding="utf-8"
    )
    text = "---\ntitle: 'We meet on {{ day }}, all of us'\n---\n{{ when }}\n\nBring one case of your own.\n"
    (folder / "templates" / "meet.en.md").write_text(text, encoding="utf-8")
    settings = SETTINGS.format(more="").replace("first-steps", "ours")
    Path(tmp_path / "lcm.yaml").write_text(f"{settings}playbooks: ['{folder}']\n", encoding="utf-8")
    given = ["playbook", "show", "ours", "--cohort", "spring", "--now", NOW, "--ics", "ours.ics"]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    found = {
        str(event["summary"]): (event["duration"].dt.total_seconds() / 60, str(event["transp"]))
        for event in Calendar.from_ical(Path("ours.ics").read_bytes()).events
    }
    assert found == {
        "Spring, 2027: meet/announce": (15, "TRANSPARENT"),
        "Spring, 2027: meet/remind-1": (15, "TRANSPARENT"),
        "Spring, 2027: meet": (90, "OPAQUE"),
        "Spring, 2027: meet/missed": (15, "TRANSPARENT"),
    }
