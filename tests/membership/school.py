"""A school with a practice forum of its own and a roster that may change in every way between syncs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from sync_worker.config.settings import Settings
from sync_worker.forum import Forum, Patience
from sync_worker.membership import ApplyReport, Prepared, prepare, prepare_undo, sync, undo
from sync_worker.model import Change, ChangeKind, Enrolment, Person, Role, Roster, RosterKind
from sync_worker.practice_forum.tables import SsoRecord, User, UserEmail
from sync_worker.store.database import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import PracticeForum

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
ALLOW = ("add", "remove", "owners", "create", "archive")


@dataclass
class School:
    """Two cohorts, `spring` and `autumn`, on one forum."""

    forum: PracticeForum
    folder: Path
    allow: tuple[str, ...] = ALLOW
    rows: list[Enrolment] = field(default_factory=list)
    lookup: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = open_store(f"sqlite:///{self.folder / 'lcm.db'}")
        for name, value in (("enable_category_group_moderation", "true"),):
            self.set(name, value)

    def set(self, setting: str, value: str) -> None:
        """Set a setting of the forum."""
        answer = self.forum.call("PUT", f"/admin/site_settings/{setting}.json", data={setting: value})
        assert answer.ok, answer.text

    def connect_accounts(self) -> None:
        """Switch DiscourseConnect on, so that accounts have ids of the school's own."""
        self.set("discourse_connect_url", "https://sso.example.org")
        self.set("discourse_connect_secret", "0123456789abc")
        self.set("enable_discourse_connect", "true")

    def account(self, username: str, *, email: str = "", external_id: str = "", **columns: Any) -> int:
        """Make an account; give its id."""
        number = self.forum.add_user(username, email=email or None, **columns)
        if external_id:
            with self.forum.session() as session:
                session.add(
                    SsoRecord(user_id=number, external_id=external_id, created_at=self.now, updated_at=self.now)
                )
        return number

    def change_account(self, number: int, **columns: Any) -> None:
        """Write columns of an account."""
        email = columns.pop("email", None)
        if "username" in columns:
            columns["username_lower"] = columns["username"].lower()
        with self.forum.session() as session:
            if columns:
                session.execute(update(User).where(User.id == number).values(**columns))
            if email:
                values = {"email": email, "email_lower": email.lower()}
                session.execute(update(UserEmail).where(UserEmail.user_id == number).values(**values))

    def second_address(self, number: int, email: str) -> None:
        """Give an account a second address."""
        with self.forum.session() as session:
            session.add(UserEmail(user_id=number, email=email, email_lower=email.lower(), primary=False))

    @property
    def settings(self) -> Settings:
        """The settings as lcm.yaml has them."""
        dates = {"start": "2027-03-01", "end": "2027-05-31", "timezone": "Europe/Lisbon"}
        cohorts = [{"key": key, "name": f"{key.capitalize()} leaders", **dates} for key in ("spring", "autumn")]
        for cohort in cohorts:
            cohort.update(self.more.get(str(cohort["key"]), {}))
        return Settings.model_validate(
            {
                "forum": {"url": self.forum.url, "api_username": "forumadmin", "calls_per_minute": 1_000_000},
                "cohorts": cohorts,
                "limits": {
                    "allow": list(self.allow), "grace_days": 0, "grace_runs": 1, "max_removals": 1000,
                    "max_removal_fraction": 1.0, "small_group_removals": 1000, "max_overall_removal_fraction": 1.0,
                    "max_shrink_fraction": 1.0, "max_overall_shrink_fraction": 1.0,
                },
                "lookup": self.lookup,
            }
        )  # fmt: skip

    def enrol(self, person: Person, cohort: str = "spring", role: Role = Role.LEARNER) -> None:
        """Put a person into the roster."""
        self.rows.append(Enrolment(person, cohort, role, where=f"r.csv:{len(self.rows) + 2}"))

    def roster(self, *people: Person, cohort: str = "spring") -> None:
        """Make these the cohort's only people."""
        self.rows = [row for row in self.rows if row.cohort != cohort]
        for person in people:
            self.enrol(person, cohort)

    def snapshot(self) -> Roster:
        """The roster as its source gives it."""
        return Roster("r.csv", RosterKind.SNAPSHOT, tuple(self.rows))

    def client(self, *, read_only: bool = False) -> Forum:
        """A client that does not wait."""
        settings, patience = self.settings.forum, Patience(attempts=1)
        return Forum.connect(settings, self.forum.key, read_only=read_only, patience=patience)

    def sync(self, *, hours: float = 1) -> tuple[Prepared, ApplyReport]:
        """Sync, some time after the last."""
        self.now += timedelta(hours=hours)
        with self.client() as forum:
            return sync(self.settings, self.snapshot(), forum, self.store, now=self.now)

    def calls(self, *, hours: float = 1) -> dict[str, int]:
        """Sync, and return the calls that it made."""
        self.now += timedelta(hours=hours)
        with self.client() as forum:
            sync(self.settings, self.snapshot(), forum, self.store, now=self.now)
            return forum.calls.by_operation

    def plan(self) -> Prepared:
        """Plan without writing."""
        with self.client(read_only=True) as forum:
            return prepare(self.settings, self.snapshot(), forum, self.store, now=self.now)

    def undo(self, run: str, *, hours: float = 1) -> ApplyReport:
        """Take a run back."""
        self.now += timedelta(hours=hours)
        with self.client() as forum:
            prepare_undo(self.settings, forum, self.store, run, now=self.now)
            return undo(self.settings, forum, self.store, run, now=self.now)[1]

    def lines(self, *kinds: ChangeKind) -> list[Change]:
        """The plan's lines of these kinds."""
        return list(self.plan().plan.of(*kinds))

    def reasons(self, *kinds: ChangeKind) -> list[str]:
        """Their reasons."""
        return [line.reason for line in self.lines(*kinds)]

    def members(self, group: str = "spring") -> set[str]:
        """The usernames of a group's members; empty where there is no such group."""
        answer = self.forum.call("GET", f"/groups/{group}/members.json?limit=1000")
        return {row["username"] for row in answer.json()["members"]} if answer.ok else set()

    def group_id(self, name: str) -> int:
        """A group's id."""
        return int(self.forum.get(f"/groups/{name}.json")["group"]["id"])

    def make_group(self, name: str, *usernames: str) -> int:
        """Make a group as an administrator does."""
        body = {"group": {"name": name, "usernames": ",".join(usernames)}}
        answer = self.forum.call("POST", "/admin/groups.json", json=body)
        assert answer.ok, answer.text
        return int(answer.json()["basic_group"]["id"])

    def delete_group(self, name: str) -> None:
        """Delete a group as an administrator does."""
        assert self.forum.call("DELETE", f"/admin/groups/{self.group_id(name)}.json").ok

    def category(self, slug: str) -> dict[str, Any]:
        """A category as an administrator sees it, with its permissions."""
        listed = self.forum.get("/site.json")["categories"]
        number = next(each["id"] for each in listed if each["slug"] == slug)
        found: dict[str, Any] = self.forum.get(f"/c/{number}/show.json")["category"]
        return found

    def readers(self, slug: str) -> set[str]:
        """The groups that may see a category."""
        return {row["group_name"] for row in self.category(slug)["group_permissions"]}

    @property
    def name(self) -> str:
        """What the store calls the forum."""
        return self.settings.forum.name
