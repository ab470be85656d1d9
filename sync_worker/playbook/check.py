"""What the shape of a playbook cannot say: days that exist, plays and their options, texts in every language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.config.located_yaml import LocatedYaml, validate
from sync_worker.errors import ConfigError
from sync_worker.model import Approval
from sync_worker.rules.terms import RESERVED
from sync_worker.timeline import RelativeDay
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sync_worker.config.located_yaml import KeyPath
    from sync_worker.config.strict import Strict
    from sync_worker.playbook.format import PlaybookFile, Step
    from sync_worker.plays import Play

ANCHORS = ("start", "end")
DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}")


def timeline_problems(document: LocatedYaml, playbook: PlaybookFile) -> Iterator[str]:
    """Yield what is wrong with ids and days, each with its place."""
    seen: set[str] = set()
    for position, step in enumerate(playbook.steps):
        here = document.where(("steps", position, "id"))
        if step.id in seen:
            yield f"{here}: two steps are called '{step.id}'. Give each an id of its own."
        if step.id in ANCHORS:
            yield f"{here}: a step cannot be called '{step.id}': it names the cohort's first or last day."
        if DATE_LIKE.fullmatch(step.id):
            yield f"{here}: a step cannot be called '{step.id}': that is a date."
        seen.add(step.id)
        if (step.at is None) == (step.every is None):
            yield f"{here}: step '{step.id}' needs either `at` or `every`."
        if step.at and (step.from_ or step.until):
            yield f"{here}: step '{step.id}' happens once; `from` and `until` belong to `every`."
        for key, problem in relation_problems(step, playbook):
            yield f"{document.where(('steps', position, key))}: {problem}"


def relation_problems(step: Step, playbook: PlaybookFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the days that a step counts from other steps: the key, and the problem."""
    for key, day in step.relative_days.items():
        problem = _anchor_problem(day.anchor, step, playbook)
        if problem:
            yield key, problem


def _anchor_problem(anchor: str, step: Step, playbook: PlaybookFile) -> str | None:
    if anchor in ANCHORS:
        return None
    passed = {step.id}
    current = anchor
    while current not in ANCHORS:
        target = playbook.step(current)
        if target is None:
            return f"no step is called '{current}'.{nearest(current, [*ANCHORS, *(s.id for s in playbook.steps)])}"
        if current in passed:
            return f"step '{step.id}' counts from '{anchor}', which counts from '{step.id}' again."
        if target.at is None:
            return f"'{current}' happens again and again; count from `start`, `end` or a step with `at`."
        passed.add(current)
        if not isinstance(target.at.day, RelativeDay):
            return None
        current = target.at.day.anchor
    return None


def rule_problems(document: LocatedYaml, playbook: PlaybookFile, plays: Mapping[str, Play]) -> Iterator[str]:
    """Yield what is wrong with facts, rules and limits, each with its place."""
    for name in playbook.facts:
        if name in RESERVED:
            yield f"{document.where(('facts', name))}: '{name}' is a word of the rules itself; call the fact otherwise."
    for position, step in enumerate(playbook.steps):
        here: KeyPath = ("steps", position)
        rules = (("when", step.when, False), ("for", step.for_, True))
        for key, rule, of_person in rules:
            if rule is not None:
                for path, problem in playbook.vocabulary(of_person=of_person).problems(rule):
                    yield f"{document.where((*here, key, *path))}: {problem}"
        play = plays.get(step.play)
        if play is None or play.addresses_people:
            continue
        if step.for_ is not None:
            yield (
                f"{document.where((*here, 'for'))}: a {step.play} writes to nobody singly, so there is nobody to "
                "choose; take `for` out, or say with `when` under which condition it happens."
            )
        if step.limit is not None and step.limit.per_learner is not None:
            yield (
                f"{document.where((*here, 'limit', 'per_learner'))}: a {step.play} writes to nobody singly; "
                "write `per_cohort`."
            )


def read_options(
    document: LocatedYaml, playbook: PlaybookFile, plays: Mapping[str, Play]
) -> tuple[dict[str, Strict], list[str]]:
    """Return each step's options as its play's own model, and what is wrong with them."""
    options: dict[str, Strict] = {}
    problems: list[str] = []
    for position, step in enumerate(playbook.steps):
        play = plays.get(step.play)
        if play is None:
            where = document.where(("steps", position, "play"))
            problems.append(f"{where}: unknown play '{step.play}'.{nearest(step.play, plays)}")
            continue
        if play.counts_days and step.on_holiday == "before":
            where = document.where(("steps", position, "on_holiday"))
            problems.append(f"{where}: a {step.play} counts the days before its own; write `after` or `skip`.")
        document.data["steps"][position].setdefault("with", {})
        try:
            options[step.id] = validate(play.options, document, ("steps", position, "with"))
        except ConfigError as error:
            problems.append(str(error))
            continue
        problems += _reference_problems(document, playbook, position, play, options[step.id])
        if play.acts and step.approval is Approval.LCM:
            where = document.where(("steps", position, "approval"))
            problems.append(f"{where}: a {step.play} posts nothing that could be approved; take `approval` out.")
    return options, problems


def _reference_problems(
    document: LocatedYaml, playbook: PlaybookFile, position: int, play: Play, options: Strict
) -> Iterator[str]:
    """Yield the steps that options name and that are not there, or are the step itself."""
    step = playbook.steps[position]
    others = [one.id for one in playbook.steps if one.id != step.id]
    for option in play.names_steps:
        value = getattr(options, option)
        for name in (value,) if isinstance(value, str) else value or ():
            if name not in others:
                where = document.where(("steps", position, "with", option))
                yield f"{where}: no other step is called '{name}'.{nearest(name, others)}"


def text_problems(
    document: LocatedYaml,
    playbook: PlaybookFile,
    options: Mapping[str, Strict],
    plays: Mapping[str, Play],
    folders: tuple[Path, Path],
) -> Iterator[str]:
    """Yield the templates and decks that a step names and a language lacks.

    Args:
        document: the playbook as it was written.
        playbook: the same, read.
        options: each step's options.
        plays: says which options name templates.
        folders: the playbook's own, and that of the playbook whose templates stand in for those which the own folder
            has in no language; only where the step leaves the option at its default.

    """
    own, shipped = folders
    for position, step in enumerate(playbook.steps):
        if step.id not in options:
            continue
        chosen = options[step.id].model_fields_set
        for field, relative in _texts(options[step.id], plays[step.play]):
            files = [relative.format(language=language) for language in playbook.languages]
            missing = [file for file in files if not (own / file).is_file()]
            if field not in chosen and not any(own.glob(relative.format(language="*"))):
                missing = [file for file in files if not (shipped / file).is_file()]
            if missing:
                where = document.where(("steps", position, "with", field))
                yield f"{where}: step '{step.id}' needs {' and '.join(missing)}, which is not there."


def _texts(options: Strict, play: Play) -> Iterator[tuple[str, str]]:
    """Yield the option and the file, for options that name templates, and decks by our convention of names."""
    for field in type(options).model_fields:
        value = getattr(options, field)
        names = (value,) if isinstance(value, str) else value or ()
        if field in play.texts:
            yield from ((field, f"templates/{name}.{{language}}.md") for name in names)
        elif field == "deck" or field.endswith("_deck"):
            yield from ((field, f"decks/{name}.{{language}}.yml") for name in names)
        elif field == "resources":
            yield from ((field, f"resources/{name}.{{language}}.yml") for name in names)
