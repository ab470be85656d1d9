"""The forum's settings that matter to the worker, its plugins, and what a run will cost in calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ForumError
from sync_worker.forum.checks.rungs import check_rungs
from sync_worker.forum.plugin import SWITCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config import Settings
    from sync_worker.forum.client import Forum

LONG_MINIMUM = 60
INVITING_GROUPS = {"1", "3"}
WHERE = "Admin > Settings >"


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting that should be on, and what is missing while it is off."""

    name: str
    on: str
    off: str
    do: str


SWITCHES = (
    Switch(
        "enable_category_group_moderation",
        "LCMs can pin, close and edit in their cohort's category.",
        "LCMs cannot pin or close topics in their cohort's category.",
        f"Turn it on: {WHERE} enable_category_group_moderation.",
    ),
    Switch(
        "allow_duplicate_topic_titles",
        "two cohorts may get topics with the same title.",
        "a topic whose title exists anywhere on the forum is refused, also for another cohort.",
        f"Turn it on ({WHERE} allow_duplicate_topic_titles), or keep the cohort's name in every title.",
    ),
    Switch(
        "tagging_enabled",
        "topics can be tagged.",
        "tags of topics are dropped without a word.",
        f"Turn it on ({WHERE} tagging_enabled), or use no tags in playbooks.",
    ),
)
NUMBERS = ("min_username_length", "max_username_length", "min_first_post_length", "min_post_length")
OTHERS = ("invite_allowed_groups", "data_explorer_enabled", SWITCH)


def check_site(forum: Forum, settings: Settings) -> list[Finding]:
    """Look at the site's settings and plugins. Calls: 1, and as `check_rungs`."""
    try:
        values = forum.site_settings([*(switch.name for switch in SWITCHES), *NUMBERS, *OTHERS])
    except ForumError as error:
        return [fail("settings", f"cannot be read: {error.what}", error.do or "")]
    findings = [_switch(switch, values) for switch in SWITCHES]
    findings += [_group_names(settings, values), _post_length(values), _invites(values)]
    return [*findings, *check_rungs(forum, settings, values)]


def _switch(switch: Switch, values: Mapping[str, str]) -> Finding:
    if values.get(switch.name) == "true":
        return ok(switch.name, switch.on)
    return warn(switch.name, switch.off, switch.do)


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, "")
    return int(text) if text.isdecimal() else default


def _group_names(settings: Settings, values: Mapping[str, str]) -> Finding:
    shortest, longest = _number(values, "min_username_length", 3), _number(values, "max_username_length", 20)
    cohorts = [complete_cohort(declared) for declared in settings.cohorts]
    wrong = [
        f"{name} ({cohort.key})"
        for cohort in cohorts
        for name in (cohort.group, cohort.lcm_group)
        if not shortest <= len(name) <= longest
    ]
    if not wrong:
        return ok("group names", f"{shortest} to {longest} characters; all names fit.")
    what = f"the forum takes {shortest} to {longest} characters; too short or too long: {', '.join(wrong)}."
    do = f"Set `group` and `lcm_group` of these cohorts in lcm.yaml, or change {WHERE} max_username_length."
    return fail("group names", what, do)


def _post_length(values: Mapping[str, str]) -> Finding:
    least = max(_number(values, "min_first_post_length", 20), _number(values, "min_post_length", 20))
    if least <= LONG_MINIMUM:
        return ok("post length", f"posts need at least {least} characters.")
    what = f"posts need at least {least} characters; shorter templates will be refused."
    return warn("post length", what, f"Lower {WHERE} min_post_length and min_first_post_length.")


def _invites(values: Mapping[str, str]) -> Finding:
    allowed = set(values.get("invite_allowed_groups", "1").split("|"))
    if allowed & INVITING_GROUPS:
        return ok("invites", "administrators may invite people who have no account yet.")
    what = "administrators may not invite people who have no account yet."
    return warn("invites", what, f"Add admins to {WHERE} invite_allowed_groups.")
