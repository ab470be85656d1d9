"""A playbook as one cohort follows it: without the steps that it switched off, with its own times and options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError
from sync_worker.playbook.check import relation_problems
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from sync_worker.model import Cohort
    from sync_worker.playbook.format import PlaybookFile, Step
    from sync_worker.timeline import StepChange


def tailored(playbook: PlaybookFile, cohort: Cohort) -> PlaybookFile:
    """Return the playbook as the cohort follows it.

    Raises:
        ConfigError: the cohort changes a step that the playbook does not have, or in a way that leaves no plan.

    """
    if not cohort.step_changes:
        return playbook
    changes = {change.id: change for change in cohort.step_changes}
    known = [step.id for step in playbook.steps]
    where = f"cohort '{cohort.key}' in lcm.yaml, steps"
    for name in changes:
        if name not in known:
            raise ConfigError(
                f"playbook '{playbook.playbook}' has no step '{name}'.{nearest(name, known)}", where=where
            )
    steps = tuple(
        _changed(step, changes[step.id], f"{where}, {step.id}") if step.id in changes else step
        for step in playbook.steps
        if step.id not in changes or not changes[step.id].off
    )
    if not steps:
        raise ConfigError("every step is switched off.", where=where, do="Leave out `playbook` instead.")
    changed = playbook.model_copy(update={"steps": steps})
    for step in steps:
        for _, problem in relation_problems(step, changed):
            raise ConfigError(problem, where=where, do="Give the step another time, or leave the other one on.")
    return changed


def _changed(step: Step, change: StepChange, where: str) -> Step:
    if change.options:
        try:
            step = step.changed_by(change.options)
        except ConfigError as error:
            what = re.sub(r"^with:\d+:\d+: ", "", str(error), flags=re.MULTILINE)
            raise ConfigError(what, where=f"{where}, with", do="Use the options of the step's play.") from None
    if change.without:
        try:
            step = step.without(change.without)
        except ConfigError as error:
            raise ConfigError(error.what, where=f"{where}, except", do="Take `except` out.") from None
    update: dict[str, object] = {}
    if change.at is not None:
        update |= {"at": change.at, "every": None, "from_": None, "until": None}
    if change.every is not None:
        update |= {"at": None, "every": change.every}
    named = {
        "from_": change.first,
        "until": change.until,
        "catch_up": change.catch_up,
        "on_holiday": change.on_holiday,
    }
    update |= {name: value for name, value in named.items() if value is not None}
    return step.model_copy(update=update)
