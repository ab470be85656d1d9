"""A cohort changes times of its playbook in lcm.yaml, or switches steps off."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.checks import Verdict
from sync_worker.config.load import complete_cohort, load_settings
from sync_worker.errors import ConfigError
from sync_worker.playbook.checks import check_playbooks, deck_uses
from sync_worker.playbook.load import load_named, shipped_folder
from sync_worker.playbook.schedule import is_last, occurrences, tailored
from sync_worker.plays import REGISTRY
from sync_worker.publish.entries import occurrence_key
from sync_worker.worker.due import plan
from tests.playbook.test_schedule import playbook

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.playbook.format import PlaybookFile

BOOK: dict[str, Any] = {"id": "welcome", "at": "start +0d 09:00"}
PROMPT: dict[str, Any] = {"id": "prompt", "every": "monday 09:00"}
AFTER: dict[str, Any] = {"id": "after", "at": "welcome +2d 09:00"}


def settings(folder: Path, steps: str) -> Path:
    file = folder / "lcm.yaml"
    file.write_text(
        "forum: {url: 'https://forum.invalid', api_username: lcm-bot}\n"
        "cohorts:\n"
        "  - key: spring\n"
        "    name: Spring\n"
        "    start: 2027-03-01\n"
        "    end: 2027-03-14\n"
        "    timezone: UTC\n"
        "    playbook: first-steps\n"
        f"    steps:\n{steps}",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def spring(tmp_path: Path) -> Any:
    """Return a cohort that changes steps as written."""

    def cohort(steps: str) -> Cohort:
        return complete_cohort(load_settings(settings(tmp_path, steps)).cohorts[0])

    return cohort


def dates(book: PlaybookFile, cohort: Cohort) -> list[str]:
    return [f"{one.step} {one.local:%a %d %H:%M}" for one in occurrences(book, cohort)]


def test_a_step_gets_another_time(spring: Any) -> None:
    book = playbook(BOOK, PROMPT, AFTER)
    assert dates(book, spring("      prompt: {every: tuesday 16:00, until: start +3d}\n")) == [
        "welcome Mon 01 09:00",
        "prompt Tue 02 16:00",
        "after Wed 03 09:00",
    ]


def test_what_counts_from_a_step_moves_with_it(spring: Any) -> None:
    book = playbook(BOOK, PROMPT, AFTER)
    changed = spring("      welcome: {at: start +1d 08:00}\n      prompt: off\n")
    assert dates(book, changed) == ["welcome Tue 02 08:00", "after Thu 04 09:00"]


def test_a_step_that_comes_again_may_happen_once_and_the_other_way_round(spring: Any) -> None:
    once = "      prompt: {at: 2027-03-10 09:00}\n"
    weekly = "      after: {every: friday 10:00}\n"
    assert dates(playbook(BOOK, PROMPT, AFTER), spring(once + weekly)) == [
        "welcome Mon 01 09:00",
        "after Fri 05 10:00",
        "prompt Wed 10 09:00",
        "after Fri 12 10:00",
    ]


def test_a_changed_step_keeps_what_it_does_and_its_key_of_a_day(spring: Any) -> None:
    book = playbook(BOOK, PROMPT)
    changed = spring("      prompt: {every: monday 18:00, catch_up: all 2w}\n")
    plain = replace(changed, step_changes=())
    before, after = (
        [occurrence_key("f", one) for one in occurrences(book, who) if one.step == "prompt"] for who in (plain, changed)
    )
    assert before == after
    assert {one.step.missed.rule for one in plan("f", book, changed, {}) if one.step.id == "prompt"} == {"all"}
    assert [is_last(book, one) for one in occurrences(book, changed) if one.step == "prompt"] == [False, True]


def test_decks_count_the_cohorts_own_dates(spring: Any) -> None:
    first_steps = load_named("first-steps", (), REGISTRY)
    changed = spring("      weekly-prompt: {every: {rule: 'FREQ=DAILY', at: '09:00'}, until: end}\n")
    assert [use.dates for use in deck_uses(first_steps, changed)] == [13]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("      promt: off\n", r"has no step 'promt'. Did you mean 'prompt'\?"),
        ("      welcome: off\n", "no step is called 'welcome'"),
        ("      welcome: {every: monday 09:00}\n", "'welcome' happens again and again"),
        ("      welcome: {at: after +1d 09:00}\n", "which counts from"),
        ("      welcome: off\n      prompt: off\n      after: off\n", "every step is switched off"),
    ],
)
def test_a_change_that_leaves_no_plan_names_the_cohort(spring: Any, steps: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        occurrences(playbook(BOOK, PROMPT, AFTER), spring(steps))
    assert re.search(r"/lcm\.yaml:1\d:\d+: cohort 'spring', steps, ", str(caught.value))


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("      prompt: {every: someday}\n", r"lcm.yaml:10:16: every: expected a weekday and a time"),
        ("      prompt: {evry: monday 09:00}\n", r"lcm.yaml:10:16: unknown key 'evry'. Did you mean 'every'"),
        ("      prompt: {at: start 09:00, until: end}\n", "a step happens once"),
        ("      prompt: {}\n", "say what changes, or write off"),
        ("      prompt: on\n", "10:7"),
    ],
)
def test_a_change_that_is_written_wrong_is_named_with_its_place(tmp_path: Path, steps: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_settings(settings(tmp_path, steps))


OWN = """\
forum: {url: "https://forum.example.org"}
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-28, timezone: UTC, playbook: ours, steps: {STEPS}}
playbooks: [ours]
"""
TASKS = """\
playbook: ours
title: {en: Ours}
version: 1
steps:
  - {id: task, at: start 09:00, play: assignment, with: {template: assignment, due: +7d 18:00}}
  - {id: welcome, at: start 08:00, play: topic, with: {template: welcome}}
"""


def own(folder: Path, steps: str) -> tuple[Any, Any]:
    """A playbook of one's own, and a cohort that changes steps of it."""
    (folder / "ours" / "templates").mkdir(parents=True)
    for name in ("assignment", "welcome"):
        text = (shipped_folder() / "first-steps" / "templates" / f"{name}.en.md").read_text("utf-8")
        (folder / "ours" / "templates" / f"{name}.en.md").write_text(text, encoding="utf-8")
    (folder / "ours" / "playbook.yml").write_text(TASKS, encoding="utf-8")
    (folder / "lcm.yaml").write_text(OWN.replace("{STEPS}", steps), encoding="utf-8")
    settings = load_settings(folder / "lcm.yaml")
    return load_named("ours", settings.playbooks, REGISTRY), complete_cohort(settings.cohorts[0])


def test_other_options_take_the_place_of_those_of_the_same_name_and_move_the_follow_ups(tmp_path: Path) -> None:
    book, cohort = own(tmp_path, "{task: {with: {due: +14d 12:00, minutes: 20}}}")
    options: Any = book.options_of("task", cohort)
    assert (str(options.due), options.minutes, options.template) == ("+14d 12:00", 20, "assignment")
    days = [
        (one.follow_up, (one.at - occurrences(book.file, cohort)[0].at).days) for one in occurrences(book.file, cohort)
    ]
    assert [found for found in days if found[0]] == [("remind-1", 12), ("remind-2", 15), ("late", 17)]
    assert book.options_of("task", replace(cohort, step_changes=())) == book.options["task"]


def test_people_are_left_out_of_a_step_by_username_or_key(tmp_path: Path) -> None:
    book, cohort = own(tmp_path, '{task: {except: [ines, "mail:ben@example.org", "id:4711"]}}')
    step = tailored(book.file, cohort).step("task")
    assert step is not None
    assert step.excluded == ("ines", "mail:ben@example.org", "id:4711")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            "{task: {with: {minuts: 3}}}",
            r"lcm.yaml:3:122: cohort 'spring', steps, task, with: unknown key 'minuts'. Did you mean 'minutes'\?",
        ),
        (
            "{task: {with: {minutes: 3,\n    due: soon}}}",
            r"lcm.yaml:4:5: cohort 'spring', steps, task, with: due: expected days after",
        ),
        (
            "{welcome: {except: [ines]}}",
            r"lcm.yaml:3:118: cohort 'spring', steps, welcome, except: a topic writes to nobody singly",
        ),
        ("{task: {except: [ines boe]}}", r"lcm.yaml:3:\d+: .*name a person by username"),
        ("{task: {except: ines}}", r"lcm.yaml:3:\d+: .*a list"),
        ("{task: {off: true, except: [ines]}}", r"nothing else to change"),
    ],
)
def test_other_options_and_people_that_are_wrong_are_named(tmp_path: Path, steps: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        follow(tmp_path, steps)


def follow(folder: Path, steps: str) -> None:
    """Let a cohort follow the playbook with its changes."""
    book, cohort = own(folder, steps)
    tailored(book.file, cohort)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("{task: {with: {template: nowhere}}}", r":3:122: .*needs templates/nowhere.en.md, which is not there"),
        ("{task: {with: {template: welcome}}}", r":3:115: .*welcome.en.md"),  # it does not say when the task is due
        ("{task: {with: {minuts: 3}}}", r":3:122: .*unknown key 'minuts'"),
        ("{tusk: {with: {minutes: 3}}}", r":3:108: .*no step 'tusk'. Did you mean 'task'"),
        ("{week: {on_holiday: before}}", r":3:115: .*a roundup counts the days before its own"),
        ("{hold: {with: {topic: taks}}}", r":3:122: .*no other step is called 'taks'. Did you mean 'task'"),
    ],
)
def test_a_check_says_where_a_cohorts_own_options_do_not_fit_the_playbook(
    tmp_path: Path, steps: str, says: str
) -> None:
    more = (
        "  - {id: week, every: friday 09:00, play: roundup}\n"
        "  - {id: hold, at: start +1d 09:00, play: pin, with: {topic: task}}\n"
    )
    own(tmp_path, "{task: {with: {minutes: 20}}}")
    with (tmp_path / "ours" / "playbook.yml").open("a", encoding="utf-8") as file:
        file.write(more)
    found = [str(one) for one in check_playbooks(load_settings(tmp_path / "lcm.yaml"), REGISTRY)]
    assert [one for one in found if "lcm.yaml:" in one] == []
    (tmp_path / "lcm.yaml").write_text(OWN.replace("{STEPS}", steps), encoding="utf-8")
    [wrong] = [
        str(one) for one in check_playbooks(load_settings(tmp_path / "lcm.yaml"), REGISTRY) if "lcm.yaml:" in str(one)
    ]
    assert re.search(rf"/lcm\.yaml{says}", wrong), wrong


@pytest.mark.parametrize(
    ("under", "says"),
    [
        ("cohorts: [{key: spring, name: S, start: 2027-03-01, end: 2027-05-28, timezone: UTC, days_off: OFF}]",
         "spring"),
        ("cohorts_from: {timezone: Europe/Lisbon, locale: en, days_off: OFF}", "cohorts_from"),
    ],
)  # fmt: skip
def test_a_check_names_public_holidays_that_nobody_knows(tmp_path: Path, under: str, says: str) -> None:
    for code, problems in (("GB", []), ("XQ", [f"{says}: the public holidays of 'XQ' are not known."])):
        (tmp_path / "lcm.yaml").write_text(
            'forum: {url: "https://forum.example.org"}\nroster: {oneroster: export.zip}\n'
            + under.replace("OFF", f"{{holidays: {code}}}"),
            encoding="utf-8",
        )
        found = check_playbooks(load_settings(tmp_path / "lcm.yaml"), REGISTRY)
        assert [one.what for one in found] == problems
        assert [one.verdict for one in found] == [Verdict.FAIL] * len(problems)


def test_a_check_looks_at_the_steps_of_cohorts_that_a_source_brings(tmp_path: Path) -> None:
    own(tmp_path, "{}")
    (tmp_path / "lcm.yaml").write_text(
        'forum: {url: "https://forum.example.org"}\n'
        "roster: {oneroster: export.zip}\n"
        "playbooks: [ours]\n"
        "cohorts_from:\n"
        "  timezone: Europe/Lisbon\n"
        "  locale: en\n"
        "  playbook: ours\n"
        "  steps: {task: {with: {minuts: 3}}}\n",
        encoding="utf-8",
    )
    found = [str(one) for one in check_playbooks(load_settings(tmp_path / "lcm.yaml"), REGISTRY)]
    [wrong] = [one for one in found if "lcm.yaml:" in one]
    assert "lcm.yaml:8:25: cohort 'cohorts_from', steps, task, with: unknown key 'minuts'" in wrong
