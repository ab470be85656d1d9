"""A whole playbook is played with the real roster on a practice forum, and shown as a page."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.cli import main
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings, SourcedCohortSettings
from sync_worker.errors import UsageError
from sync_worker.model import DraftKind, Enrolment, Person, Role, Roster, RosterKind, SourceCohort
from sync_worker.playbook.load import Playbook, load_playbook, shipped_folder
from sync_worker.plays import REGISTRY
from sync_worker.rehearsal import Rehearsed, rehearse
from sync_worker.rehearsal.page import page_of, weeks_of
from sync_worker.rehearsal.play import stand_ins

PEOPLE = (
    ("lea@firm.example", "Léa Marchand", Role.LCM),
    ("ana@firm.example", "Ana Silva", Role.LEARNER),
    ("ana.s@firm.example", "Ana Silva", Role.LEARNER),
    ("li@firm.example", "李", Role.LEARNER),
    ("x@firm.example", "", Role.LEARNER),
)


def cohort(locale: str = "en", end: date = date(2027, 3, 14)) -> CohortSettings:
    return CohortSettings(
        key="spring-27", name="Spring 27", start=date(2027, 3, 1), end=end, timezone="Europe/Paris", locale=locale
    )


def settings(declared: CohortSettings) -> Settings:
    return Settings(forum=ForumSettings(url="https://forum.invalid", api_username="lcm"), cohorts=(declared,))


def roster(people: tuple[tuple[str, str, Role], ...] = PEOPLE) -> Roster:
    enrolments = tuple(Enrolment(Person(email=email, name=name), "spring-27", role) for email, name, role in people)
    return Roster("hr.csv", RosterKind.SNAPSHOT, enrolments)


def with_note(folder: Path, **replaced: str) -> Playbook:
    """Return the shipped playbook with a message to the LCMs that waits for approval, and other changes."""
    own = folder / "first-steps"
    shutil.copytree(shipped_folder() / "first-steps", own)
    file = own / "playbook.yml"
    text = file.read_text("utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return load_playbook(own, REGISTRY)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    declared = cohort()
    playbook = with_note(
        tmp_path_factory.mktemp("playbooks"),
        **{"    play: topic": "    play: topic\n    approval: lcm", "version: 1": "version: 1\nactive: false"},
    )
    return rehearse(settings(declared), roster(), playbook, declared)


def test_every_text_of_the_journey_is_played_on_its_day(rehearsed: Rehearsed) -> None:
    texts = [(f"{one.at:%Y-%m-%d %H:%M}", one.step, one.draft.kind) for one in rehearsed.shown]
    assert texts == [
        ("2027-03-01 08:00", "welcome", DraftKind.TOPIC),
    ] + [("2027-03-08 08:00", "weekly-prompt", DraftKind.TOPIC)] * (len(texts) - 1)
    assert rehearsed.problems == ()


def test_a_draft_that_waits_for_an_lcm_is_approved_and_counted_as_her_decision(rehearsed: Rehearsed) -> None:
    first = weeks_of(rehearsed)[0]
    assert [one.approved for one in first.everybody] == [True]
    assert (first.decisions, first.lcm_minutes) == (1, first.reading_minutes + 2)


def test_mails_to_managers_are_shown_and_reach_nobody(tmp_path: Path) -> None:
    declared = cohort(end=date(2027, 3, 2))
    step = "{id: managers, at: start +0d 10:00, play: brief_manager, with: {moment: before}}"
    playbook = with_note(tmp_path, **{"steps:": f"steps:\n  - {step}"})
    people = tuple(
        Enrolment(Person(email=email, name=name, manager_email="bea@firm.example"), "spring-27", role)
        for email, name, role in PEOPLE[:3]
    )
    played = rehearse(settings(declared), Roster("hr.csv", RosterKind.SNAPSHOT, people), playbook, declared)
    [mail] = [one for week in weeks_of(played) for one in week.managers]
    assert mail.approved
    assert mail.draft.recipients == ("manager1@rehearsal.invalid",)
    assert "Ana Silva and Ana Silva take part" in mail.draft.raw
    page = page_of(played)
    assert "Managers receive by e-mail" in page
    assert "firm.example" not in page


def test_what_posted_nothing_is_there_with_its_reason(rehearsed: Rehearsed) -> None:
    assert "nobody wrote anything" in next(one.reason for one in rehearsed.quiet if one.step == "roundup")


def test_people_have_their_own_names_and_accounts_that_nobody_can_reach(rehearsed: Rehearsed) -> None:
    assert [(one.username, one.name) for one in rehearsed.people] == [
        ("lea_marchand", "Léa Marchand"),
        ("ana_silva", "Ana Silva"),
        ("ana_silva_2", "Ana Silva"),
        ("person_4", "李"),
        ("person_5", "Person 5"),
    ]
    assert {one.email.partition("@")[2] for one in rehearsed.people} == {"rehearsal.invalid"}
    assert "firm.example" not in page_of(rehearsed)


def test_the_page_shows_each_week_with_its_texts_and_minutes(rehearsed: Rehearsed) -> None:
    page = page_of(rehearsed)
    assert "<h1>First steps for Spring 27</h1>" in page
    assert "4 learners and 1 LCM" in page
    assert page.count('<h2 id="week-') == 2
    assert "an LCM approves it first" in page
    assert "Why: " in page
    assert not re.search(r'(?:src|href)="https?:', page)


def test_the_page_is_in_the_cohorts_language() -> None:
    declared = cohort("fr", date(2027, 3, 9))
    page = page_of(rehearse(settings(declared), roster(), shipped(), declared))
    assert "<h1>Premiers pas pour Spring 27</h1>" in page
    assert "Chaque apprenant lit" in page
    assert "Every learner" not in page


def shipped() -> Playbook:
    return load_playbook(shipped_folder() / "first-steps", REGISTRY)


def test_text_from_the_roster_is_no_html_on_the_page() -> None:
    declared = cohort(end=date(2027, 3, 2)).model_copy(update={"name": "<b>Spring</b>"})
    people = (("lea@firm.example", "<script>alert(1)</script>", Role.LCM), *PEOPLE[1:])
    page = page_of(rehearse(settings(declared), roster(people), shipped(), declared))
    assert "<script>" not in page
    assert "<b>Spring</b>" not in page


def test_a_cohort_without_an_end_is_rehearsed_for_a_year(tmp_path: Path) -> None:
    declared = cohort(end=date(9999, 12, 31))
    playbook = with_note(tmp_path, **{"every: monday 09:00": "every: {rule: 'FREQ=MONTHLY;BYMONTHDAY=1', at: '09:00'}"})
    found = rehearse(settings(declared), roster(), playbook, declared)
    assert max(one.at for one in found.shown).date() <= date(2028, 3, 1)
    assert len({one.at.month for one in found.shown if one.step == "weekly-prompt"}) == 11  # from April on


def test_somebody_who_joins_later_is_there_from_that_day_on() -> None:
    declared = cohort(end=date(2027, 3, 9))
    late = Enrolment(Person(email="new@firm.example", name="Noa New"), "spring-27", start=date(2027, 3, 5))
    everybody = roster()
    found = rehearse(
        settings(declared), Roster("hr.csv", RosterKind.SNAPSHOT, (*everybody.enrolments, late)), shipped(), declared
    )
    assert found.problems == ()
    assert [one.name for one in found.people][-1] == "Noa New"


def test_a_cohort_of_a_source_is_rehearsed_like_one_that_is_declared() -> None:
    declared = cohort(end=date(2027, 3, 2))
    source = SourceCohort("spring-27", "Spring 27")
    sourced = SourcedCohortSettings(**{**dict(declared), "source": source, "steps": {}})
    found = rehearse(settings(declared), roster(), shipped(), sourced)
    assert ([one.step for one in found.shown], found.problems) == (["welcome"], ())


def test_a_roster_without_anybody_for_the_cohort_is_refused() -> None:
    declared = cohort()
    with pytest.raises(UsageError, match="the roster has nobody for 'spring-27'"):
        rehearse(settings(declared), Roster("hr.csv", RosterKind.SNAPSHOT, ()), shipped(), declared)


@given(st.lists(st.text(max_size=40), max_size=30))
def test_usernames_are_different_and_such_as_discourse_takes(names: list[str]) -> None:
    people = [Enrolment(Person(external_id=str(number), name=name), "c") for number, name in enumerate(names)]
    usernames = [one.username for one in stand_ins(people)]
    assert len(set(usernames)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9](?:[a-z0-9_]{1,18})[a-z0-9]", username) for username in usernames)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rehearse", "first-steps", "--cohort", "spring-27", *arguments])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and a roster; the forum in them cannot be reached."""
    (tmp_path / "lcm.yaml").write_text(
        "forum: {url: 'https://forum.invalid', api_username: lcm-bot}\n"
        "roster: {csv: roster.csv}\n"
        "cohorts:\n"
        "  - {key: spring-27, name: Spring 27, start: 2027-03-01, end: 2027-03-09, timezone: UTC}\n",
        encoding="utf-8",
    )
    lines = [f"{email},{name},spring-27,{role.value}" for email, name, role in PEOPLE]
    (tmp_path / "roster.csv").write_text("email,name,cohort,role\n" + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_a_page_that_only_its_owner_reads_and_calls_no_forum(place: Path) -> None:
    result = command("--out", "pages/spring.html")
    assert result.exit_code == 0, result.output
    assert "first-steps for Spring 27: 2 texts for 5 people in 2 weeks; in the fullest week a learner needs" in (
        result.stdout
    )
    page = place / "pages" / "spring.html"
    assert page.stat().st_mode & 0o077 == 0
    assert page.parent.stat().st_mode & 0o077 == 0
    assert "Spring 27" in page.read_text("utf-8")
    status = CliRunner().invoke(main, ["status", "--json"])
    assert json.loads(status.stdout)["cohorts"][0]["done"] == 0


@pytest.mark.usefixtures("place")
def test_the_figures_are_there_for_scripts() -> None:
    figures = json.loads(command("--json").stdout)
    assert (figures["page"], figures["people"], figures["texts"], figures["problems"]) == ("rehearsal.html", 5, 2, [])
    assert figures["minutes_of_a_learner_at_most"] > 5


@pytest.mark.usefixtures("place")
def test_a_page_that_cannot_be_written_is_an_error_with_its_place() -> None:
    result = command("--out", "/proc/nowhere/page.html")
    assert result.exit_code == 2
    assert "/proc/nowhere/page.html: the page cannot be written" in result.stderr
