"""What the forum shows of a cohort follows `lcm.yaml` (name, dates, zone, language, playbook) and the store (clock)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sync_worker.config.load import cut_at_word
from sync_worker.forum.plugin_records import PluginClock, PluginFacts

if TYPE_CHECKING:
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort
    from sync_worker.model import Cohort
    from sync_worker.store.pauses import CohortClock

FULL_NAME_LONGEST = 100


def facts_of(cohort: Cohort) -> PluginFacts:
    """Return what the forum is to show of a cohort."""
    return PluginFacts(
        name=cohort.name[:FULL_NAME_LONGEST],
        start=cohort.start.isoformat(),
        end=cohort.end.isoformat(),
        timezone=cohort.timezone,
        locale=cohort.locale,
        playbook=cohort.playbook,
    )


def clock_of(clock: CohortClock) -> PluginClock:
    """Return how the forum is to show a cohort's clock; it keeps milliseconds."""
    until = clock.paused_until if clock.paused else None
    if until is not None:
        until = until.replace(microsecond=until.microsecond // 1000 * 1000)
    return PluginClock(clock.paused, until, clock.shift_days)


def tell_facts(plugin: Plugin, cohort: Cohort, state: PluginCohort, clock: PluginClock | None = None) -> PluginCohort:
    """Tell the forum what it shows wrongly of a cohort; groups and category stay as they are. Return its new state.

    Without `clock`, what it shows of pauses and shifts stays as it is, and so it does where the plugin does not tell.

    Calls: 1 where the forum shows something else than it should, else 0; 0 where the plugin does not tell.

    Raises:
        ForumError: the forum refused it or did not answer.

    """
    if state.facts is None:
        return state
    shown = state.facts.clock
    wanted = clock if clock is not None and shown is not None else shown
    if state.facts == replace(facts_of(cohort), clock=wanted):
        return state
    body = declaration(cohort, create=False, adopt=False) | {"places": False}
    if wanted is not None:
        until = wanted.until.isoformat() if wanted.until else None
        body["clock"] = {"paused": wanted.paused, "until": until, "shift_days": wanted.shift_days}
    return plugin.declare(state.key, body)[0]


def declaration(
    cohort: Cohort, *, create: bool, adopt: bool, parent: str | None = None, archived: bool = False
) -> dict[str, Any]:
    """Return a cohort as it is reported to the plugin.

    `parent` is the slug of the category that its own is below; in an `archived` one learners do not write.
    """
    name = cut_at_word(cohort.name, FULL_NAME_LONGEST)
    lcm_name = cut_at_word(cohort.name, FULL_NAME_LONGEST - 6)
    category = {"name": cohort.category, "slug": cohort.category_slug}
    return {
        "name": name,
        "start": cohort.start.isoformat(),
        "end": cohort.end.isoformat(),
        "timezone": cohort.timezone,
        "locale": cohort.locale,
        "playbook": cohort.playbook,
        "create": create,
        "adopt": adopt,
        "group": {"name": cohort.group, "full_name": name},
        "lcm_group": {"name": cohort.lcm_group, "full_name": f"{lcm_name} (LCM)"},
        "category": {**category, "parent_slug": parent or None, "archived": archived},
    }
