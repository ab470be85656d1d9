"""SCIM 2.0 groups and users -> a roster. A group (or a department) is a cohort.

Calls: one for every page of groups (or for each group named), one for each group whose members its list leaves out, one
for every page of users, or for each user where that is fewer; one for each manager who is none of these users.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.model import fold
from sync_worker.rosters.limits import too_many_rows
from sync_worker.rosters.row import FoundCohort, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.scim.client import ScimClient, twice_if_changed
from sync_worker.rosters.scim.groups import Group, all_members, read_groups
from sync_worker.rosters.scim.people import cells_of_user, department_of, is_active, manager_of
from sync_worker.rosters.web.places import NOBODY, Place, Places, asked_for
from sync_worker.rosters.web.shapes import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.http_rosters import ScimRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.rows import KnownCohorts
    from sync_worker.rosters.scim.client import Folded


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
    return build_roster(settings, settings.scim, rows, known, now=now, found=found, empty=NOBODY)


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
        """Read the groups, then the users in them."""
        groups = read_groups(self.client, self.settings, is_asked_for)
        members = {group.id: all_members(group, groups, self.client) for group in groups}
        wanted = list(dict.fromkeys(user for each in members.values() for user in each))
        twice_if_changed(lambda: self._read_users(wanted))
        found = [self._cohort(group) for group in groups]
        for group, cohort in zip(groups, found, strict=True):
            role = self.settings.group_roles.get(group.name, "")
            for user in members[group.id]:
                where = f"scim group '{group.name}', user {user}"
                self._place(where, cohort.written, user, (role,) if role else ())
        return found

    def take_departments(self) -> list[FoundCohort]:
        """Read all users; each is in the cohort of their department."""
        departments: dict[str, FoundCohort] = {}
        for user in self.client.everything("Users"):
            number = identifier(user, "id", "a user", self.settings.scim)
            self.users[number] = user
            try:
                department = department_of(user)
            except RowError:
                department = ""
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
