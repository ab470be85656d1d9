"""SCIM 2.0 groups and users -> a roster. A group (or a department) is a cohort.

Calls: one for every page of groups (or for each group named), one for each group whose members its list leaves out, one
for every page of users, or for each user where that is fewer; one for each manager who is none of these users.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_worker.errors import RosterError, SourceError
from sync_worker.model import fold
from sync_worker.rosters.row import FoundCohort, RowError, too_many_rows
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.scim_client import Folded, ScimClient, twice_if_changed
from sync_worker.rosters.web_answers import (
    NOBODY,
    Place,
    Places,
    asked_for,
    identifier,
    kind_of,
    records_of,
    text,
    yes_or_no,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.sources import ScimRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts


def read_scim_roster(
    settings: ScimRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of the groups (or departments) asked for.

    Raises:
        ConfigError: there is no token.
        SourceError: the service did not answer in full.
        RosterError: two groups have one name, or no row can be used.

    """
    with closing(ScimClient(settings, environment)) as client:
        directory = _Directory(settings, client)
        if settings.cohorts_by == "department":
            found = directory.take_departments()
        else:
            found = directory.take_groups(asked_for(settings, known))
        directory.read_managers()
    rows = list(directory.places.rows(found, directory.cells))
    return build_roster(settings, settings.scim, rows, known, now=now, found=found, empty=NOBODY if found else NO_GROUP)


NO_GROUP = "the service shows none of the groups or departments that lcm.yaml asks for."


@dataclass(slots=True)
class _Directory:
    """The users read so far, and the places of each."""

    settings: ScimRosterSettings
    client: ScimClient
    users: dict[str, Folded | None] = field(default_factory=dict)
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.settings, {})

    def take_groups(self, is_asked_for: Callable[[str, str], bool]) -> list[FoundCohort]:
        """Read the groups, then the users in them; return all groups, also those that are not asked for."""
        groups, others = read_groups(self.client, self.settings, is_asked_for)
        members = {group.id: all_members(group, groups, self.client) for group in groups}
        wanted = list(dict.fromkeys(user for each in members.values() for user in each))
        twice_if_changed(lambda: self._read_users(wanted))
        found = [self._cohort(group) for group in groups]
        for group, cohort in zip(groups, found, strict=True):
            role = self.settings.group_roles.get(group.name, "")
            for user in members[group.id]:
                where = f"scim group '{group.name}', user {user}"
                self._place(where, cohort.written, user, (role,) if role else ())
        return [*found, *others]

    def take_departments(self) -> list[FoundCohort]:
        """Read all users; each is in the cohort of their department."""
        departments: dict[str, FoundCohort] = {}
        for user in self.client.everything("Users"):
            number = identifier(user, "id", "a user", self.settings.scim)
            self.users[number] = user
            try:
                department = department_of(user)
            except RowError as error:
                self.places.reject(f"scim user {number}", "", number, error)
                continue
            if department:
                departments.setdefault(fold(department), FoundCohort(department, department, where=self.settings.scim))
                where = f"scim department '{department}', user {number}"
                self._place(where, departments[fold(department)].written, number, ())
        return list(departments.values())

    def _place(self, where: str, cohort: str, user: str, roles: tuple[str, ...]) -> None:
        self.places.add(Place(where, cohort, user, roles=roles))

    def _cohort(self, group: Group) -> FoundCohort:
        written = group.id if self.settings.cohorts_by == "id" else group.name
        return FoundCohort(written, group.name, where=f"scim group {group.id}")

    def _read_users(self, wanted: Sequence[str]) -> None:
        """Read the users by pages, or one by one where that takes fewer calls."""
        if not wanted:
            return
        pages = self.client.pages("Users")
        first, total = next(pages)
        self._keep(first)
        missing = [user for user in wanted if user not in self.users]
        pages_left = -(-max(0, total - len(first)) // max(1, len(first)))
        if len(missing) > pages_left:
            for page, _ in pages:
                self._keep(page)
            missing = [user for user in wanted if user not in self.users]
        for user in missing:
            self.users[user] = self.client.one("Users", user)

    def _keep(self, page: Sequence[Folded]) -> None:
        self.users |= {identifier(user, "id", "a user", self.settings.scim): user for user in page}
        if len(self.users) > self.settings.max_rows:
            raise too_many_rows(self.settings.max_rows, self.settings.scim)

    def read_managers(self) -> None:
        """Read the managers that are none of the users read so far."""
        for person in self.places.people:
            user = self.users.get(person)
            manager = manager_of(user) if user is not None else ""
            if manager and "@" not in manager and manager not in self.users:
                self.users[manager] = self.client.one("Users", manager)

    def cells(self, person: str) -> dict[str, str]:
        """Return what identifies and names a person, and the manager's e-mail where there is one."""
        user = self.users.get(person)
        if user is None:
            raise RowError("the group has a member who is no user.", do="Take the member out of the group.")
        cells = cells_of_user(user, self.settings)
        cells["status"] = "" if is_active(user) else "withdrawn"
        manager = manager_of(user)
        record = self.users.get(manager)
        if "@" in manager:
            cells["manager_email"] = manager
        elif record is not None:
            cells["manager_email"] = cells_of_user(record, self.settings).get("email", "")
        return cells


# The groups of a SCIM service: those asked for, their members, and members of groups within groups.


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
) -> tuple[list[Group], list[FoundCohort]]:
    """Return the groups that the settings ask for, each once, and the others. Calls: see the module `scim`.

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
    others: dict[str, FoundCohort] = {}
    for record in records:
        number = identifier(record, "id", "a group", settings.scim)
        name = _name(record, number, settings.scim)
        written = number if settings.cohorts_by == "id" else name
        if not is_asked_for(written, name):
            others[number] = FoundCohort(written, name, where=f"scim group {number}")
            continue
        if number not in groups:
            groups[number] = _group(record, number, client, settings.scim)
    if settings.cohorts_by == "displayName":
        _check_names(groups.values(), settings)
    return list(groups.values()), list(others.values())


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


# A SCIM user -> what identifies and names a person (RFC 7643, 4.1 and 4.3).


ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def cells_of_user(user: Folded, settings: ScimRosterSettings) -> dict[str, str]:
    """Return a user's external id, e-mail and name.

    Raises:
        RowError: an attribute is not what the standard says.

    """
    name = Folded(_object(user, "name"))
    return {
        "external_id": text(user, settings.external_id),
        "email": email_of(user) or (text(user, "userName") if settings.user_name_is_email else ""),
        "name": text(user, "displayName") or text(name, "formatted"),
        "first_name": text(name, "givenName"),
        "last_name": text(name, "familyName"),
    }


def email_of(user: Folded) -> str:
    """Return the address marked as primary; else the only one, or the first for work, or the first.

    Raises:
        RowError: two are marked as primary, or the list is none.

    """
    listed = user.get("emails")
    if listed is None:
        return ""
    if not isinstance(listed, list):
        raise RowError(f"emails is {kind_of(listed)}, not a list.", do="Correct it in the directory.")
    addresses = [Folded(item) if isinstance(item, dict) else Folded({"value": item}) for item in listed]
    addresses = [address for address in addresses if text(address, "value")]
    primary = {text(address, "value") for address in addresses if _yes(address.get("primary"))}
    if len(primary) > 1:
        raise RowError("two e-mail addresses are marked as primary.", do="Mark one in the directory.")
    work = [text(address, "value") for address in addresses if text(address, "type").lower() == "work"]
    return next(iter([*primary, *work, *(text(address, "value") for address in addresses)]), "")


def is_active(user: Folded) -> bool:
    """Whether the account is on; a user without the attribute is.

    Raises:
        RowError: the attribute says neither yes nor no.

    """
    return yes_or_no(user.get("active"), "active") is not False


def manager_of(user: Folded) -> str:
    """Return the id (or, where the directory writes that, the e-mail) of a user's manager; "" for none."""
    try:
        manager = Folded(_object(user, ENTERPRISE)).get("manager")
        if isinstance(manager, list):
            manager = manager[0] if manager else None
        return text(Folded(manager), "value") if isinstance(manager, dict) else text({"manager": manager}, "manager")
    except RowError:
        return ""


def department_of(user: Folded) -> str:
    """Return a user's department; "" for none.

    Raises:
        RowError: it is not text.

    """
    return text(Folded(_object(user, ENTERPRISE)), "department")


def _object(user: Folded, key: str) -> dict[str, Any]:
    value = user.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowError(f"{key} is {kind_of(value)}, not an object.", do="Correct it in the directory.")
    return value


def _yes(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
