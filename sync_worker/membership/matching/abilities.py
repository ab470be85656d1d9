"""What membership asks of the Data Explorer, and what else the forum can do to tell us who is who: tried once a day."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.accounts import DISCOURSE_CONNECT
from sync_worker.forum.parse import is_future
from sync_worker.forum.records import ForumUser, Member
from sync_worker.forum.site import ExplorerQuery, as_list
from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.parse import Shape


CURSOR = "abilities"
HOLDS = timedelta(days=1)
MODERATION_SETTING = "enable_category_group_moderation"
SETTINGS = ("data_explorer_enabled", "enable_discourse_connect", MODERATION_SETTING)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found out at one moment.

    `plugin` is whether the forum has our plugin; nothing else was tried then. `queries` are the ids of our saved
    queries by name, empty where the Data Explorer is off or ours are not saved yet; `many_terms` is whether the users
    list takes a hundred terms at once, None where that was not tried yet; `connect` whether DiscourseConnect is on,
    `moderation` whether groups may moderate categories.
    """

    at: datetime
    queries: Mapping[str, int] = field(default_factory=dict)
    many_terms: bool | None = None
    connect: bool = False
    moderation: bool | None = None
    plugin: bool = False

    @property
    def explorer(self) -> bool:
        """Whether our queries can be run."""
        return bool(self.queries)

    def provider(self, wanted: str) -> str:
        """Return the log-in provider whose ids can be looked up; `none` for DiscourseConnect where it is off."""
        return wanted if wanted != DISCOURSE_CONNECT or self.connect else NO_PROVIDER


def probe(forum: Forum, now: datetime, *, explorer: bool = True) -> Abilities:
    """Find out what the forum can do; saves our queries in the Data Explorer unless the client only reads.

    Calls: 1; with a Data Explorer 2, and 1 for each of our 3 queries.

    Raises:
        ForumError: the forum cannot be read.

    """
    values = forum.site_settings(SETTINGS)
    connect = values.get("enable_discourse_connect") == "true"
    queries: dict[str, int] = {}
    if explorer and values.get("data_explorer_enabled") == "true":
        queries = _queries(forum)
    return Abilities(now, queries, None, connect, values.get(MODERATION_SETTING) == "true")


def _queries(forum: Forum) -> dict[str, int]:
    """Return our saved queries if they are all there and as we wrote them; save those that are not."""
    try:
        saved = forum.explorer.queries()
        found: dict[str, int] = {}
        for query in OURS:
            number = saved.get(query.name)
            if number is None or forum.explorer.sql(number) != query.sql:
                if forum.read_only:
                    return {}
                number = forum.explorer.save(query, number)
            found[query.name] = number
    except ForumError as error:
        if not error.refused:
            raise
        return {}
    return found


@dataclass(frozen=True, slots=True)
class AbilityStore:
    """Remembers what one forum can do."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self, now: datetime) -> Abilities | None:
        """Return what was found out less than a day ago."""
        with self.sessions() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            value = json.loads(row.value) if row else None
        if value is None:
            return None
        at = datetime.fromisoformat(value.pop("at")).astimezone(UTC)
        return Abilities(at=at, **value) if at <= now < at + HOLDS else None

    def write(self, abilities: Abilities) -> None:
        """Remember what was found out."""
        value = json.dumps({**asdict(abilities), "at": abilities.at.isoformat()})
        with self.sessions.begin() as session:
            session.merge(CursorRow(forum=self.forum, name=CURSOR, value=value))

    def forget(self) -> None:
        """Find out again next time."""
        with self.sessions.begin() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            if row:
                session.delete(row)


# What membership asks of the Data Explorer: accounts by any identifier, members of groups, rights in categories.
# The SQL is the part that PostgreSQL and SQLite share, and no column is called `user_id`: the plugin would load an
# object for each. A change of a query needs a new version in its name.


ITEMS_A_CALL = 10_000
NO_PROVIDER = "none"

ACCOUNTS = ExplorerQuery(
    "discourse-lcm: accounts, version 2",
    "Finds the accounts of people in the roster. Made and run by discourse-lcm; please leave it as it is.",
    """-- [params]
-- string_list :lcm_emails
-- string_list :lcm_names
-- string_list :lcm_outside
-- int_list :lcm_accounts
-- string :lcm_provider

SELECT u.id AS account, u.username, u.name, u.active, u.staged, u.admin, u.suspended_till, u.silenced_till,
  u.created_at,
  e.email, e."primary" AS main, s.external_id AS connected, a.provider_uid AS associated
FROM users u
LEFT JOIN user_emails e ON e.user_id = u.id
LEFT JOIN single_sign_on_records s ON s.user_id = u.id AND :lcm_provider = 'discourse_connect'
LEFT JOIN user_associated_accounts a ON a.user_id = u.id AND a.provider_name = :lcm_provider
WHERE u.id > 0 AND u.id IN (
  SELECT user_id FROM user_emails WHERE lower(email) IN (:lcm_emails)
  UNION SELECT id FROM users WHERE username_lower IN (:lcm_names)
  UNION SELECT id FROM users WHERE id IN (:lcm_accounts)
  UNION SELECT user_id FROM single_sign_on_records
    WHERE :lcm_provider = 'discourse_connect' AND external_id IN (:lcm_outside)
  UNION SELECT user_id FROM user_associated_accounts
    WHERE provider_name = :lcm_provider AND provider_uid IN (:lcm_outside)
)
ORDER BY u.id, e.email""",
)
MEMBERS = ExplorerQuery(
    "discourse-lcm: members, version 1",
    "Lists the members of the cohorts' groups. Made and run by discourse-lcm; please leave it as it is.",
    """-- [params]
-- int_list :lcm_groups

SELECT gu.group_id AS owned_group, u.id AS account, u.username, u.name, gu.owner
FROM group_users gu
JOIN users u ON u.id = gu.user_id
WHERE gu.group_id IN (:lcm_groups) AND u.id > 0
ORDER BY gu.group_id, u.id""",
)
RIGHTS = ExplorerQuery(
    "discourse-lcm: rights, version 1",
    "Lists who may do what in the cohorts' categories. Made and run by discourse-lcm; please leave it as it is.",
    """-- [params]
-- int_list :lcm_categories

SELECT c.category_id AS place, g.name AS holder, c.permission_type AS permission
FROM category_groups c
JOIN groups g ON g.id = c.group_id
WHERE c.category_id IN (:lcm_categories)
UNION ALL
SELECT m.category_id AS place, g.name AS holder, 0 AS permission
FROM category_moderation_groups m
JOIN groups g ON g.id = m.group_id
WHERE m.category_id IN (:lcm_categories)""",
)
OURS = (ACCOUNTS, MEMBERS, RIGHTS)
MODERATES = 0


def find_accounts(
    forum: Forum,
    query_id: int,
    *,
    emails: Collection[str],
    names: Collection[str],
    outside: Collection[str],
    ids: Collection[int],
    provider: str,
    now: datetime,
) -> tuple[list[ForumUser], dict[str, int]]:
    """Return the accounts that any of the identifiers names, and user ids by external id. Calls: 1 per 10,000 of them.

    Raises:
        ForumError: as `Forum.explorer.run`.

    """
    users: dict[int, ForumUser] = {}
    external: dict[str, int] = {}
    lists = {"lcm_emails": emails, "lcm_names": names, "lcm_outside": outside, "lcm_accounts": ids}
    for part in _portions(lists):
        rows = forum.explorer.run(query_id, {**part, "lcm_provider": provider})
        by_account: dict[int, list[Mapping[str, Shape]]] = {}
        for row in rows:
            by_account.setdefault(row["account"].number(), []).append(row)
        for number, same in by_account.items():
            users[number] = _account(number, same, now)
            for column in ("connected", "associated"):
                external.update((row[column].text(), number) for row in same if row[column].value is not None)
    return list(users.values()), external


def _portions(lists: Mapping[str, Collection[object]]) -> Iterable[dict[str, str]]:
    """Share the items of all lists out over calls, none of which gets more than 10,000."""
    items = [(name, item) for name, values in lists.items() for item in sorted(values, key=str)]
    for start in range(0, len(items), ITEMS_A_CALL):
        some = items[start : start + ITEMS_A_CALL]
        yield {name: as_list(item for owner, item in some if owner == name) for name in lists}


def _account(number: int, rows: Sequence[Mapping[str, Shape]], now: datetime) -> ForumUser:
    first = rows[0]
    owned = [(not row["main"].flag(), row["email"].text()) for row in rows if row["email"].value is not None]
    emails = [email for _, email in sorted(set(owned))]
    return ForumUser(
        id=number,
        username=first["username"].text(),
        name=first["name"].text_or_none() or "",
        email=emails[0] if emails else None,
        secondary_emails=tuple(emails[1:]),
        active=first["active"].flag(),
        staged=first["staged"].flag(),
        suspended=is_future(first["suspended_till"], now),
        admin=first["admin"].flag(),
        silenced=is_future(first["silenced_till"], now),
        created_at=first["created_at"].time_or_none(),
    )


def find_members(forum: Forum, query_id: int, group_ids: Collection[int]) -> dict[int, list[Member]]:
    """Return the members of all these groups by group id. Calls: 1, or none without groups."""
    found: dict[int, list[Member]] = {number: [] for number in group_ids}
    if not found:
        return found
    for row in forum.explorer.run(query_id, {"lcm_groups": as_list(sorted(found))}):
        member = Member(
            id=row["account"].number(),
            username=row["username"].text(),
            name=row["name"].text_or_none() or "",
            added_at=None,
            last_posted_at=None,
            last_seen_at=None,
            owner=row["owner"].flag(),
        )
        found[row["owned_group"].number()].append(member)
    return found


def find_rights(
    forum: Forum, query_id: int, category_ids: Collection[int]
) -> dict[int, tuple[dict[str, int], frozenset[str]]]:
    """Return each category's permissions by group name, and the groups that moderate it. Calls: 1, or none."""
    permissions: dict[int, dict[str, int]] = {number: {} for number in category_ids}
    moderators: dict[int, set[str]] = {number: set() for number in category_ids}
    rows = forum.explorer.run(query_id, {"lcm_categories": as_list(sorted(permissions))}) if permissions else []
    for row in rows:
        place, holder = row["place"].number(), row["holder"].text()
        if row["permission"].number() == MODERATES:
            moderators[place].add(holder)
        else:
            permissions[place][holder] = row["permission"].number()
    return {number: (permissions[number], frozenset(moderators[number])) for number in permissions}
