"""Look at the forum for what people did manually to the cohorts' groups and categories; when, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import ForumError, UsageError
from sync_worker.membership.drift_lines import Drift, DriftKind, as_named, find_drift
from sync_worker.membership.observing.forum_view import CoreView
from sync_worker.membership.observing.observe import observe, parent_state
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.records.unseen import EmailedStore
from sync_worker.membership.state import AccountIn, GroupState, Thing
from sync_worker.model import fold
from sync_worker.store.pauses import as_archived

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Group, GroupEvent, Member
    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.state import CategoryState, Observed
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store


def drift(settings: Settings, forum: Forum, store: Store, *, now: datetime, only: str | None = None) -> list[Drift]:
    """Return what people did manually since the last run; needs no roster and writes nothing.

    Calls: as `observe`; 1 a thousand members for each alumni group and 1 for each parent category that a sync made or
    changed; and as `with_origins` and `with_workflows`.

    Raises:
        UsageError: there is no such cohort.
        ConfigError, ForumError: as `observe`.

    """
    cohorts = as_archived(store.sessions, forum.name, map(complete_cohort, settings.cohorts))
    if only is not None and only not in {cohort.key for cohort in cohorts}:
        raise UsageError(f"there is no cohort '{only}'.", do="Declared in lcm.yaml are others.")
    chosen = [cohort for cohort in cohorts if only in (None, cohort.key)]
    remembered = MembershipStore(store.sessions, forum.name).read()
    emailed = EmailedStore(store.sessions, forum.name).read()
    remembered = replace(remembered, ties=remembered.ties.plus(emailed.ties()))
    opened = Journal(store.sessions, forum.name).opened()
    joined: dict[AccountIn, datetime] = {}

    def note_dates(group: Group, members: Collection[Member]) -> None:
        joined.update({AccountIn(group.name, member.id): member.added_at for member in members if member.added_at})

    view = CoreView.plain(forum, on_read=note_dates)
    names = {group.id: group.name for group in view.listing()[0]}
    renamed = {
        name: names[made.forum_id]
        for (kind, name), made in remembered.created.items()
        if kind == "group" and made.forum_id in names and fold(names[made.forum_id]) != fold(name)
    }
    by_new_name = {Thing("group", new): remembered.created[Thing("group", old)] for old, new in renamed.items()}
    created = {**remembered.created, **by_new_name}
    observed = observe(forum, [as_named(cohort, renamed) for cohort in chosen], created, view)
    observed = replace(
        observed,
        alumni=dict(_alumni(view, chosen, remembered, renamed)),
        parents=dict(_parents(view, chosen, remembered, opened)),
    )
    days = {cohort.key: now.astimezone(cohort.zone).date() for cohort in chosen}
    found = find_drift(chosen, observed, remembered, days, renamed, opened=opened, allow=settings.limits.allow)
    told = with_origins(forum, found, _names_now(chosen, observed), joined)
    return with_workflows(forum, told, {fold(group.name): group.id for group in view.listing()[0]}, renamed)


def _alumni(
    view: CoreView, cohorts: Sequence[Cohort], remembered: Remembered, renamed: Mapping[str, str]
) -> Iterator[tuple[str, GroupState | None]]:
    """Yield the alumni groups in which something of ours is. Calls: 1 a thousand members."""
    groups = {fold(group.name): group for group in view.listing()[0]}
    for name in dict.fromkeys(cohort.alumni_group for cohort in cohorts):
        if name is None or not (("group", name) in remembered.created or remembered.ties.to(name).records):
            continue
        group = groups.get(fold(renamed.get(name, name)))
        if group is None:
            yield name, None
        else:
            members, owners = view.members(group)
            yield name, GroupState(group.name, group.full_name, members, owners, group.id)


def _parents(
    view: CoreView, cohorts: Sequence[Cohort], remembered: Remembered, opened: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, CategoryState | None]]:
    """Yield the parent categories that a sync made or opened. Calls: 1 for each."""
    top = [category for category in view.listing()[1] if category.parent_id is None]
    for slug in dict.fromkeys(cohort.parent_category for cohort in cohorts):
        made = remembered.created.get(Thing("category", slug)) if slug else None
        if slug is None or (made is None and slug not in opened):
            continue
        by_id = [category for category in top if made and category.id == made.forum_id]
        by_slug = [category for category in top if fold(category.slug) == fold(slug)]
        listed = next(iter(by_id + by_slug), None)
        whole = view.forum.category(listed.id) if listed else None
        yield (
            slug,
            parent_state(whole) if whole else None,
        )


def _names_now(cohorts: Sequence[Cohort], observed: Observed) -> dict[str, str]:
    """Return what the groups that exist are called on the forum now."""
    names = {name: group.name for name, group in observed.alumni.items() if group}
    for cohort in cohorts:
        seen = observed.cohorts[cohort.key]
        pairs = ((cohort.group, seen.group), (cohort.lcm_group, seen.lcm_group))
        names |= {name: group.name for name, group in pairs if group}
    return names


# When something was done manually, and by whom, as far as a group's log tells.
# Discourse logs who joined, left, became owner or owner no more, and changed settings (`GroupHistory`). It does not
# log accounts that were deleted or merged, members and owners that a group is made with, or what other plugins do in
# bulk. So an entry counts only if it is the newest about the person and says what the forum shows; and who is a
# member must have been so since about that entry. Where the log does not tell, nothing is said.


PAGES = 4
JOIN_TO_LOG = timedelta(minutes=1)
JOINED, GONE = "add_user_to_group", "remove_user_from_group"
PROMOTED, DEMOTED = "make_user_group_owner", "remove_user_as_group_owner"
SETTING = "change_group_setting"
ABOUT = {
    DriftKind.ADDED: (JOINED, GONE),
    DriftKind.LEFT: (JOINED, GONE),
    DriftKind.LEFT_BEFORE: (JOINED, GONE),
    DriftKind.MADE_OWNER: (PROMOTED, DEMOTED, GONE),
    DriftKind.NOT_OWNER: (PROMOTED, DEMOTED, GONE),
}
SAYS = {
    DriftKind.ADDED: (JOINED,),
    DriftKind.LEFT: (GONE,),
    DriftKind.LEFT_BEFORE: (GONE,),
    DriftKind.MADE_OWNER: (PROMOTED,),
    DriftKind.NOT_OWNER: (DEMOTED, GONE),
}


def with_origins(
    forum: Forum, found: Sequence[Drift], names: Mapping[str, str], joined: Mapping[AccountIn, datetime]
) -> list[Drift]:
    """Return the lines with when and by whom, where the groups' logs tell.

    `names` maps the groups that the lines are about to what they are called now; `joined` says by that name and user id
    since when somebody is a member.

    Calls: 1 for each group with such lines, and up to 3 more while its log has older entries and a line is open.
    """
    events = {
        target: _read_log(forum, names[target], [line for line in found if line.target == target])
        for target in dict.fromkeys(line.target for line in found)
        if target in names
    }
    return [
        _told(line, names[line.target], events[line.target], joined) if line.target in names else line for line in found
    ]


def with_workflows(
    forum: Forum, found: Sequence[Drift], ids: Mapping[str, int], renamed: Mapping[str, str]
) -> list[Drift]:
    """Return the lines with the site's workflows that do the like to the same group; which of them did is not logged.

    `ids` are those of the groups by folded name, `renamed` what groups are called now. Calls: none where nobody joined
    or left; else as `Recent.workflows`, of which older Discourses have none.
    """
    adding = {DriftKind.ADDED: True, DriftKind.LEFT: False, DriftKind.LEFT_BEFORE: False}
    if not any(line.kind in adding for line in found):
        return list(found)
    flows = forum.recent.workflows()

    def doing(line: Drift) -> tuple[str, ...]:
        number = ids.get(fold(renamed.get(line.target, line.target)))
        if number is None or line.kind not in adding:
            return ()
        return tuple(flow.name for flow in flows if flow.may(number, adds=adding[line.kind]))

    return [replace(line, workflows=doing(line)) for line in found]


def _read_log(forum: Forum, name: str, lines: Sequence[Drift]) -> list[GroupEvent]:
    """Return the newest entries of a group's log: as many as the lines need."""
    events: list[GroupEvent] = []
    asking = [line for line in lines if line.kind in ABOUT or line.kind is DriftKind.RENAMED]
    for page in range(PAGES if asking else 0):
        try:
            more, last = forum.group_events(name, page)
        except ForumError as error:
            if error.refused_with(403, 404):
                break  # the log is not for us, or the group was just deleted
            raise
        events += more
        if last or all(any(_about(line, name, events)) for line in asking):
            break
    return events


def _about(line: Drift, name: str, events: Sequence[GroupEvent]) -> Iterator[GroupEvent]:
    """Yield the entries that decide about a line, newest first."""
    for event in events:
        if line.kind is DriftKind.RENAMED:
            if event.action == SETTING and event.subject == "name":
                yield event
        elif event.user_id == line.user_id and event.action in ABOUT.get(line.kind, ()):
            yield event


def _told(line: Drift, name: str, events: Sequence[GroupEvent], joined: Mapping[AccountIn, datetime]) -> Drift:
    newest = next(_about(line, name, events), None)
    if newest is None:
        return line
    true = newest.value == name if line.kind is DriftKind.RENAMED else newest.action in SAYS[line.kind]
    since = joined.get(AccountIn(name, line.user_id or 0))
    if line.kind is DriftKind.ADDED and since is not None:
        true = true and abs(newest.at - since) <= JOIN_TO_LOG
    return replace(line, at=newest.at, by=newest.by) if true else line
