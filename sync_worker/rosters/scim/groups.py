"""The groups of a SCIM service: those asked for, their members, and members of groups within groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_worker.errors import RosterError, SourceError
from sync_worker.model import fold
from sync_worker.rosters.row import RowError
from sync_worker.rosters.web.shapes import identifier, records_of, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sync_worker.config.http_rosters import ScimRosterSettings
    from sync_worker.rosters.scim.client import Folded, ScimClient

MAX_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its id and name, the users and the groups directly in it."""

    id: str
    name: str
    users: tuple[str, ...]
    groups: tuple[str, ...]


def read_groups(
    client: ScimClient, settings: ScimRosterSettings, is_asked_for: Callable[[str, str], bool]
) -> list[Group]:
    """Return the groups that the settings ask for, each once. Calls: see the module `scim`.

    Groups that are not asked for (by what they are called as cohorts, and their name) cost no call of their own.

    Raises:
        RosterError: a group does not exist, or two have the name by which one is asked for.
        SourceError: the service did not answer in full.

    """
    named = list(dict.fromkeys([*settings.groups, *settings.cohorts]))
    if settings.all_groups or settings.group_filter:
        records = client.everything("Groups", settings.group_filter or "")
    elif settings.cohorts_by == "id":
        records = [_by_id(client, number) for number in named]
    else:
        records = [record for name in named for record in client.everything("Groups", _name_is(name))]
    groups: dict[str, Group] = {}
    for record in records:
        number = identifier(record, "id", "a group", settings.scim)
        name = _name(record, number, settings.scim)
        if not is_asked_for(number if settings.cohorts_by == "id" else name, name):
            continue
        if number not in groups:
            groups[number] = _group(record, number, client, settings.scim)
    if settings.cohorts_by == "displayName":
        _check_names(groups.values(), settings)
    return list(groups.values())


def _by_id(client: ScimClient, number: str) -> Folded:
    record = client.one("Groups", number)
    if record is None:
        raise RosterError(
            "there is no such group.", where=f"scim group {number}", do="Correct the roster's cohorts or groups."
        )
    return record


def _name_is(name: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'displayName eq "{quoted}"'


def _check_names(groups: Iterable[Group], settings: ScimRosterSettings) -> None:
    ids: dict[str, list[str]] = {}
    for group in groups:
        ids.setdefault(fold(group.name), []).append(group.id)
    for name in settings.groups:
        if fold(name) not in ids:
            raise RosterError(
                f"there is no group '{name}'.", where=settings.scim, do="Correct the roster's groups in lcm.yaml."
            )
    for name, found in ids.items():
        if len(found) > 1:
            raise RosterError(
                f"{len(found)} groups are called '{name}' ({', '.join(sorted(found))}).",
                where=settings.scim,
                do="Rename one, or set cohorts_by: id and name them by these ids.",
            )


def _group(record: Folded, number: str, client: ScimClient, where: str) -> Group:
    """Return a group with its members; asks for the group itself where the list leaves its members out."""
    if record.get("members") is None:
        alone = client.one("Groups", number)
        if alone is None:
            raise SourceError(f"the group {number} went away while it was read.", where=where, do="Run it again.")
        record = alone
    name = _name(record, number, where)
    users: list[str] = []
    groups: list[str] = []
    for member in records_of(record.get("members") or [], f"members of the group '{name}'", where):
        value = identifier(member, "value", f"a member of the group '{name}'", where)
        (groups if _is_group(member) else users).append(value)
    return Group(number, name, tuple(dict.fromkeys(users)), tuple(dict.fromkeys(groups)))


def _name(record: Folded, number: str, where: str) -> str:
    try:
        return text(record, "displayName") or number
    except RowError as error:
        raise SourceError(f"the group {number}: {error.what}", where=where, do=error.do) from None


def _is_group(member: Mapping[str, Any]) -> bool:
    kind, reference = member.get("type"), member.get("$ref")
    if isinstance(kind, str) and kind:
        return kind.lower() == "group"
    return isinstance(reference, str) and "/groups/" in reference.lower()


def all_members(group: Group, read: Sequence[Group], client: ScimClient) -> list[str]:
    """Return the users in a group and in the groups within it, each once; groups that hold each other do no harm.

    Raises:
        SourceError: a group within is not there: its people would be missing.

    """
    known = {each.id: each for each in read}
    users: dict[str, None] = {}
    waiting, seen = [group.id], {group.id}
    while waiting:
        current = known[waiting.pop()]
        users |= dict.fromkeys(current.users)
        for inner in current.groups:
            if inner in seen:
                continue
            if len(seen) >= MAX_GROUPS:
                raise SourceError(f"more than {MAX_GROUPS:,} groups are within it.", where=f"scim group '{group.name}'")
            if inner not in known:
                record = client.one("Groups", inner)
                if record is None:
                    raise SourceError(
                        f"it has the group {inner} in it, which is not there.",
                        where=f"scim group '{current.name}'",
                        do="Take it out of the group, or let the token see it.",
                    )
                known[inner] = _group(record, inner, client, f"scim group {inner}")
            seen.add(inner)
            waiting.append(inner)
    return list(users)
