from __future__ import annotations

import copy
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from sync_worker.errors import ConfigError, UsageError
from sync_worker.playbook.format import PlaybookFile, playbook_schema
from sync_worker.playbook.load import find_playbooks, load_named, load_playbook
from sync_worker.rules.rule import words_of

if TYPE_CHECKING:
    from pathlib import Path

Writer = Any  # the fixture: (text, name) -> folder


def test_a_sound_playbook_is_read_with_the_options_of_each_play(write_playbook: Writer, plays: Any) -> None:
    playbook = load_playbook(write_playbook(), plays)
    assert playbook.name == "first-steps"
    assert playbook.options["welcome"].tags == ("welcome",)
    assert playbook.options["challenge"].template == "prompt"


def test_a_step_that_happens_once_waits_longer_than_a_weekly_one(write_playbook: Writer, plays: Any) -> None:
    steps = load_playbook(write_playbook(), plays).file.steps
    assert [step.patience for step in steps] == [timedelta(days=7), timedelta(days=3)]


def rule(line: str) -> tuple[str, str]:
    """Return a change that gives the prompt one line more."""
    return "    play: prompt", f"    play: prompt\n    {line}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("every: monday", "evry: monday"), r":10:5: unknown key 'evry'. Did you mean 'every'\?"),
        (("deck: apply-it", "deck: apply-it, pik: next"), r":13:28: unknown key 'pik'. Did you mean 'pick'\?"),
        (("{deck: apply-it}", "{}"), r":13:5: 'deck' is missing."),
        (("play: prompt", "play: promt"), r":12:5: unknown play 'promt'. Did you mean 'prompt'\?"),
        (("monday 09:00", "mondays 9am"), r":10:5: every: expected a weekday and a time like 'monday 09:00'"),
        (("start +0d 09:00", "start 25:00"), r":6:5: at: expected a day and a time"),
        (("welcome +7d", "welcom +7d"), r":11:5: no step is called 'welcom'. Did you mean 'welcome'\?"),
        (("start +0d 09:00", "challenge +1d 09:00"), r":6:5: 'challenge' happens again and again"),
        (("start +0d 09:00", "welcome +1d 09:00"), r":6:5: step 'welcome' counts from 'welcome'"),
        (("id: challenge", "id: welcome"), r":9:5: two steps are called 'welcome'"),
        (("id: challenge", "id: end"), r":9:5: a step cannot be called 'end'"),
        (("    every: monday 09:00\n", ""), r":9:5: step 'challenge' needs either `at` or `every`"),
        (("at: start +0d 09:00", "at: start +0d 09:00\n    until: end"), r"happens once; `from` and `until` belong"),
        (("template: welcome", "template: wellcome"), r":8:12: step 'welcome' needs templates/wellcome.en.md and "),
        (("deck: apply-it", "deck: other"), r"needs decks/other.en.yml and decks/other.fr.yml"),
        (("version: 1", "version: 2"), r":3:1: version: "),
        (("fr: Premiers pas", "de: Erste Schritte"), r":2:26: unknown key 'de'"),
        (("playbook: first-steps", "playbook: second-steps"), r":1:1: the folder is called 'first-steps'"),
        (rule("wenn: {week: 7}"), r":13:5: unknown key 'wenn'. Did you mean 'when'\?"),
        (rule("when: {wek: 7}"), r":13:12: there is no word 'wek' here.*'week'"),
        (rule("when: {quiet_days: 7}"), r":13:12: 'quiet_days' is about one person"),
        (rule("when: {any: [{week: {abov: 3}}]}"), r":13:26: abov: unknown comparison 'abov'"),
        (rule("for: {role: lcm}"), r":13:5: a prompt writes to nobody singly"),
        (rule("limit: {per_learner: 1 per 7d}"), r":13:13: a prompt writes to nobody singly"),
        (rule("limit: {per_cohort: often}"), r":13:13: per_cohort: expected how often"),
        (rule("limit: {}"), r":13:5: limit: say what is limited"),
        (("version: 1", "version: 1\nfacts: {attendance: numbr}"), r":4:9: attendance: 'numbr' is not valid.*'number'"),
        (("version: 1", "version: 1\nfacts: {posts: number}"), r":4:9: 'posts' is a word of the rules itself"),
        (("version: 1", "version: 1\nfacts: {At-tend: number}"), r":4:9: "),
        (("    play: prompt", "    play: prompt\n    on_holiday: ignore"), r"on_holiday: 'ignore' is not valid here"),
        (("    play: prompt", "    play: prompt\n    catch_up: soon"), r"catch_up: expected a period like '3d'"),
        (("    play: prompt", "    play: prompt\n    approval: boss"), r":13:5: approval: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(
    write_playbook: Writer, plays: Any, playbook_text: str, change: tuple[str, str], message: str
) -> None:
    assert change[0] in playbook_text
    folder = write_playbook(playbook_text.replace(*change, 1))
    with pytest.raises(ConfigError, match=re.escape(str(folder)) + "/playbook.yml:.*") as caught:
        load_playbook(folder, plays)
    assert re.search(message, str(caught.value)), str(caught.value)


def test_every_problem_is_reported_at_once(write_playbook: Writer, plays: Any, playbook_text: str) -> None:
    text = playbook_text.replace("template: welcome", "template: gone").replace("{deck: apply-it}", "{}")
    with pytest.raises(ConfigError) as caught:
        load_playbook(write_playbook(text), plays)
    assert len(str(caught.value).splitlines()) == 2


def test_a_text_that_one_language_lacks_is_missed(write_playbook: Writer, plays: Any) -> None:
    folder = write_playbook()
    (folder / "templates" / "welcome.fr.md").unlink()
    with pytest.raises(ConfigError, match=r"needs templates/welcome\.fr\.md, which is not there"):
        load_playbook(folder, plays)


def test_own_playbooks_are_found_alone_and_in_a_library(write_playbook: Writer) -> None:
    first, second = write_playbook(), write_playbook(name="second-steps")
    assert find_playbooks([first])["first-steps"] == first.resolve()
    library = find_playbooks([first.parent])
    assert library["second-steps"] == second.resolve()


def test_two_own_playbooks_of_one_name_are_refused(write_playbook: Writer, tmp_path: Path) -> None:
    first = write_playbook()
    other = tmp_path / "other" / "first-steps"
    other.mkdir(parents=True)
    (other / "playbook.yml").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="two playbooks are called 'first-steps'"):
        find_playbooks([first, other])


def test_a_folder_without_playbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no playbook\.yml"):
        find_playbooks([tmp_path])


def test_an_unknown_playbook_names_the_nearest(write_playbook: Writer, plays: Any) -> None:
    with pytest.raises(UsageError, match="Did you mean 'first-steps'"):
        load_named("first-step", [write_playbook()], plays)


def test_the_schema_takes_what_we_take_and_refuses_what_we_refuse(plays: Any, playbook_text: str) -> None:
    schema = playbook_schema(plays)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    sound = yaml.safe_load(playbook_text)
    PlaybookFile.model_validate(sound)
    assert list(validator.iter_errors(sound)) == []
    for path, value in [
        (("steps", 0, "at"), "tomorrow"),
        (("steps", 0, "every"), "monday 09:00"),
        (("steps", 0, "with"), {"template": "welcome", "pik": 1}),
        (("steps", 1, "play"), "unknown"),
        (("steps", 1, "when"), {}),
        (("version",), 2),
    ]:
        wrong = copy.deepcopy(sound)
        target = wrong
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value
        assert list(validator.iter_errors(wrong)), path


RULED = """\
playbook: first-steps
title: {en: First steps, fr: Premiers pas}
version: 1
facts: {attendance: number, department: text}
steps:
  - id: welcome
    at: start +0d 09:00
    play: letter
    with: {template: welcome}
    when: {week: {at_least: 2}}
    for: {quiet_days: {at_least: 7}, attendance: {below: 0.5}, role: learner}
    limit: {per_learner: 1 per 1w, per_cohort: 3}
"""


def test_rules_and_limits_are_read_and_the_schema_knows_them(write_playbook: Writer, plays: Any) -> None:
    letters = {**plays, "letter": replace(plays["topic"], addresses_people=True)}
    [step] = load_playbook(write_playbook(RULED), letters).file.steps
    assert step.limit is not None
    assert [str(step.limit.per_learner), str(step.limit.per_cohort)] == ["1 per 7d", "3"]
    assert step.when is not None
    assert words_of(step.for_ or step.when) == ("quiet_days", "attendance", "role")
    schema = playbook_schema(letters)
    jsonschema.validate(yaml.safe_load(RULED), schema)
    for wrong in ({"when": {"week": {"abov": 2}}}, {"limit": {"per_learner": "often"}}, {"for": []}):
        data = yaml.safe_load(RULED)
        data["steps"][0] |= wrong
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, schema)


def test_a_misspelt_fact_is_named_with_the_nearest(write_playbook: Writer, plays: Any) -> None:
    letters = {**plays, "letter": replace(plays["topic"], addresses_people=True)}
    folder = write_playbook(RULED.replace("attendance: {below", "attendence: {below"))
    with pytest.raises(ConfigError, match=r"playbook.yml:11:38: there is no word 'attendence' here.*'attendance'"):
        load_playbook(folder, letters)
