"""What `lcm check` says of a recent Discourse: who waits for review, upcoming changes, nested replies, workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.checks import Finding, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ForumError
from sync_worker.forum.recent import KINDS
from sync_worker.model import fold
from sync_worker.model.rights import NAMES, OPEN_TO_MEMBERS, TRUST_LEVELS
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.config import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort

WORKFLOWS_ON = ("discourse_workflows_enabled", "enable_discourse_workflows")
NESTED = "nested_replies_enabled"
SETTINGS = (*WORKFLOWS_ON, NESTED)
EVERY_LEARNER = OPEN_TO_MEMBERS | {TRUST_LEVELS[0]}
CHANGES = {
    "granular_anonymous_and_logged_in_groups_permissions": (
        "permissions name logged_in_users and anonymous_users in place of everyone; the worker takes all three for"
        " open to all."
    ),
    "enable_discourse_workflows": "workflows can change members of groups behind the worker's back; see 'workflows'.",
    "discourse_workflows_enabled": "workflows can change members of groups behind the worker's back; see 'workflows'.",
    NESTED: "replies can be shown nested; quotes, replies and citations of the worker stay as they are.",
}
"""What an upcoming change that is on means for the worker; of others it means nothing that is known."""


def check_recent(forum: Forum, settings: Settings, values: Mapping[str, str]) -> list[Finding]:
    """Say what of a recent Discourse holds posts back, or changes what the worker is sure of.

    Calls: 1; 1 more where there are cohorts, and 1 for each that has a category; where workflows are on, those of
    `workflows`.
    """
    try:
        findings = [*_upcoming(forum)]
        cohorts = [complete_cohort(declared) for declared in settings.cohorts]
        findings += _categories(forum, cohorts, values)
        if any(values.get(name) == "true" for name in WORKFLOWS_ON):
            findings += _workflows(forum, cohorts)
    except ForumError as error:
        return [warn("recent Discourse", f"cannot be read: {error.what}", error.do or "Run `lcm check` again later.")]
    return findings


def _upcoming(forum: Forum) -> Iterator[Finding]:
    changes = forum.recent.upcoming_changes()
    for name in changes or ():
        if name in CHANGES:
            yield ok("upcoming change", f"{name} is on: {CHANGES[name]}")
    others = [name for name in changes or () if name not in CHANGES]
    if others:
        said = f"also on, and not known to touch the worker: {', '.join(sorted(others))}."
        yield ok("upcoming changes", said)


def _categories(forum: Forum, cohorts: Sequence[Cohort], values: Mapping[str, str]) -> Iterator[Finding]:
    slugs = {fold(category.slug): category for category in forum.categories()} if cohorts else {}
    names = forum.group_names() if cohorts else {}
    every = {number for number in names if NAMES.get(number) in EVERY_LEARNER}
    for cohort in cohorts:
        category = slugs.get(fold(cohort.category_slug))
        if category is None:
            continue
        habits = forum.recent.habits(category.id)
        people = every | {number for number, name in names.items() if fold(name) == fold(cohort.group)}
        for kind, review in zip(KINDS, (habits.topic, habits.reply), strict=True):
            held = review.holds(people) if review else False
            if held is not False:
                yield _held(cohort, category.name, kind, sure=held is True)
        if habits.nested and values.get(NESTED) == "true":
            what = f"'{category.name}' shows replies nested by default; what the worker posts reads the same."
            yield ok("nested replies", what)


def _held(cohort: Cohort, category: str, kind: str, *, sure: bool) -> Finding:
    what, things = "wait" if sure else "may wait", "topics" if kind == "topic" else "replies"
    return warn(
        "review",
        f"learners' {things} in '{category}' {what} for review: until then nobody sees them, and the worker does not"
        " count them.",
        f"Set the category's posting review so that {cohort.group} and {cohort.lcm_group} need none (Category >"
        " Moderation). What the worker posts waits too, unless its API user is an administrator.",
    )


def _workflows(forum: Forum, cohorts: Sequence[Cohort]) -> Iterator[Finding]:
    ids = {fold(name): number for number, name in forum.group_names().items()}
    owners = {
        ids[fold(name)]: (name, cohort.key)
        for cohort in cohorts
        for name in (cohort.group, cohort.lcm_group, cohort.alumni_group)
        if name and fold(name) in ids
    }
    found = forum.recent.workflows()
    moves = [(flow, move) for flow in found for move in flow.moves]
    touching = [(flow, move) for flow, move in moves if move.group_id is None or move.group_id in owners]
    for flow, move in touching:
        does = "adds people to" if move.adds else "removes people from"
        if move.group_id is None:
            what = f"the workflow '{flow.name}' {does} a group that it computes, perhaps one of ours."
        else:
            group, cohort = owners[move.group_id]
            what = f"the workflow '{flow.name}' {does} the group {group} (cohort {cohort})."
        meaning = "added manually, and leaves them" if move.adds else "people who left, and does not add them again"
        do = "Take that step out of the workflow, or let it use a group of its own; people come and go by the roster."
        yield warn("workflows", f"{what} The worker takes them for {meaning}.", do)
    if not touching:
        yield ok("workflows", f"on; {counted(len(found), 'workflow')} of them change groups, none of ours.")
