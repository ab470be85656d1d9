"""What the forum shows of a cohort (name, dates, zone, language, playbook) follows what is written in `lcm.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.forum.plugin_records import PluginFacts
from sync_worker.membership.plugin_apply import FULL_NAME_LONGEST, declaration

if TYPE_CHECKING:
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort
    from sync_worker.model import Cohort


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


def tell_facts(plugin: Plugin, cohort: Cohort, state: PluginCohort) -> PluginCohort:
    """Tell the forum what it shows wrongly of a cohort; groups and category stay as they are. Return its new state.

    Calls: 1 where the forum shows something else than `lcm.yaml` says, else 0; 0 where the plugin does not tell.

    Raises:
        ForumError: the forum refused it or did not answer.

    """
    if state.facts is None or state.facts == facts_of(cohort):
        return state
    body = declaration(cohort, create=False, adopt=False) | {"places": False}
    return plugin.declare(state.key, body)[0]
