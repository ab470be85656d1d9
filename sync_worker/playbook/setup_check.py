"""The lines of `lcm check` about playbooks: each cohort's exists, is sound, and has prompts enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ConfigError, LcmError
from sync_worker.playbook.deck_use import deck_uses
from sync_worker.playbook.load import find_playbooks, load_playbook
from sync_worker.playbook.texts import text_problems
from sync_worker.wording import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_worker.config.settings import Settings
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play

AREA = "playbooks"


def check_playbooks(settings: Settings, plays: Mapping[str, Play]) -> list[Finding]:
    """Return a line for each playbook that a cohort uses, and one for each deck that runs out. Calls: none."""
    try:
        found = find_playbooks(settings.playbooks)
    except ConfigError as error:
        return [fail(AREA, str(error), error.do or "")]
    findings: list[Finding] = []
    loaded: dict[str, Playbook] = {}
    for name, users in _users(settings).items():
        finding, playbook = _look_at(name, users, found, plays)
        findings.append(finding)
        if playbook:
            loaded[name] = playbook
    return findings + _decks(settings, loaded) + _without_programme(settings, loaded)


def _users(settings: Settings) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return by playbook who uses it and the languages each wants."""
    users: dict[str, dict[str, tuple[str, ...]]] = {}
    for cohort in settings.cohorts:
        if cohort.playbook:
            users.setdefault(cohort.playbook, {})[cohort.key] = cohort.languages or (cohort.locale,)
    if settings.cohorts_from and settings.cohorts_from.playbook:
        users.setdefault(settings.cohorts_from.playbook, {})["cohorts_from"] = settings.cohorts_from.languages or (
            settings.cohorts_from.locale,
        )
    return users


def _look_at(
    name: str, users: Mapping[str, tuple[str, ...]], found: Mapping[str, Path], plays: Mapping[str, Play]
) -> tuple[Finding, Playbook | None]:
    named = ", ".join(users)
    if name not in found:
        what = f"there is no playbook '{name}', which {named} should follow.{nearest(name, found)}"
        return fail(AREA, what, "Correct `playbook` in lcm.yaml, or list your folder under `playbooks`."), None
    try:
        playbook = load_playbook(found[name], plays)
    except LcmError as error:
        return fail(AREA, f"'{name}' ({named}) cannot be read: {error}", f"lcm playbook check {name}"), None
    foreign = sorted({locale for wanted in users.values() for locale in wanted} - set(playbook.file.languages))
    if foreign:
        what = f"'{name}' is not written in {', '.join(foreign)}, the language of a cohort that follows it ({named})."
        return fail(AREA, what, "Write its texts in that language, or choose another playbook."), None
    problems = text_problems(playbook, plays)
    if problems:
        return fail(AREA, f"'{name}' ({named}) is not sound: {problems[0]}", f"lcm playbook check {name}"), None
    if not playbook.file.active:
        what = f"'{name}' ({named}) is switched off, so nothing is posted."
        return warn(AREA, what, f"When it is ready, write `active: true` in {playbook.place}."), playbook
    return ok(AREA, f"'{name}' is sound: {counted(len(playbook.file.steps), 'step')}, for {named}."), playbook


def _without_programme(settings: Settings, loaded: Mapping[str, Playbook]) -> list[Finding]:
    """Return a line for each cohort whose playbook hands on to the next one, though none is known to come next."""
    findings = []
    for declared in settings.cohorts:
        playbook = loaded.get(declared.playbook or "")
        steps = [step.id for step in playbook.file.steps if step.play == "relay"] if playbook else []
        if steps and declared.programme is None:
            what = f"{declared.key} belongs to no programme, so {', '.join(steps)} of '{declared.playbook}' do nothing."
            findings.append(warn(AREA, what, "Write the same `programme:` for all cohorts that follow one another."))
    return findings


def _decks(settings: Settings, loaded: Mapping[str, Playbook]) -> list[Finding]:
    findings = []
    for declared in settings.cohorts:
        playbook = loaded.get(declared.playbook or "")
        if playbook is None:
            continue
        try:
            uses = deck_uses(playbook, complete_cohort(declared))
        except LcmError as error:
            findings.append(fail(AREA, f"{declared.key}: {error.what}", error.do or ""))
            continue
        findings += [
            warn(AREA, f"{declared.key}: {use.said}", f"Add prompts to the deck '{use.deck}', or end the step earlier.")
            for use in uses
            if use.missing
        ]
    return findings
