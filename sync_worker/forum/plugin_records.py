"""What our plugin answers, as frozen data; times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """The plugin that answers: its version, its contract's, and what it can do."""

    version: str
    contract: str
    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class PluginGroup:
    """One of a cohort's two groups; `notifications` is the level that new members start with."""

    id: int
    name: str
    user_count: int
    notifications: int | None = None


@dataclass(frozen=True, slots=True)
class PluginTags:
    """Which tags may be used in a category: see `TagRules` of membership."""

    names: tuple[str, ...]
    restricted: bool
    free: bool


@dataclass(frozen=True, slots=True)
class PluginCategory:
    """A cohort's category; `permissions` maps group name to 1 (full), 2 (reply) or 3 (see).

    `parent_slug` is "" for a category that is below no other. It and `tags` are None where the plugin does not tell.
    """

    id: int
    slug: str
    name: str
    permissions: Mapping[str, int]
    moderated: bool
    parent_slug: str | None = None
    has_below: bool = False
    tags: PluginTags | None = None


@dataclass(frozen=True, slots=True)
class PluginClock:
    """How the forum shows that a cohort's journey runs; `until` None means until it is resumed."""

    paused: bool = False
    until: datetime | None = None
    shift_days: int = 0


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What the forum shows of a cohort; dates as ISO 8601. `clock` is None where the plugin does not tell."""

    name: str
    start: str
    end: str
    timezone: str
    locale: str
    playbook: str | None
    clock: PluginClock | None = None


@dataclass(frozen=True, slots=True)
class PluginCohort:
    """A declared cohort; `digest` changes with every change of the members or owners of its groups.

    `facts` are None where the cohort was never declared, or the plugin does not tell.
    """

    key: str
    digest: str
    pending: int
    group: PluginGroup | None
    lcm_group: PluginGroup | None
    category: PluginCategory | None
    facts: PluginFacts | None = None


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """Somebody to be found; `ref` is our own name for the person and comes back in the answer."""

    ref: str
    user_id: int | None = None
    external_id: str | None = None
    email: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True)
class PluginAccount:
    """An account; `standing` is active, inactive, suspended, silenced or staged.

    `created_at` is None where the plugin does not tell; `external_id` is the one of DiscourseConnect, None for none.
    """

    id: int
    username: str
    name: str
    standing: str
    created_at: datetime | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person's one account, and the identifier by which it was found."""

    account: PluginAccount
    by: str


@dataclass(frozen=True, slots=True)
class PluginMember:
    """A member of a cohort's group; `joined_at` is None where an older plugin does not say."""

    id: int
    username: str
    name: str
    owner: bool
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MembersSeen:
    """Who the wanted people are and who is in the groups now; with `unchanged` nothing but the digest is given."""

    digest: str
    unchanged: bool = False
    cohort: PluginCohort | None = None
    found: Mapping[str, FoundPerson] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[FoundPerson, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    members: tuple[PluginMember, ...] = ()
    lcm_members: tuple[PluginMember, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortNames:
    """Where a cohort that is not declared yet would be."""

    group: str
    lcm_group: str
    category_slug: str


@dataclass(frozen=True, slots=True)
class GroupChange:
    """User ids to put into a group, to take out, to make owner, to make a plain member."""

    add: tuple[int, ...] = ()
    remove: tuple[int, ...] = ()
    add_owners: tuple[int, ...] = ()
    remove_owners: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """Which part of a change was done, and who was passed over for which reason."""

    added: tuple[int, ...]
    removed: tuple[int, ...]
    owners_added: tuple[int, ...]
    owners_removed: tuple[int, ...]
    skipped: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """The answer to a change of members; `pending` people's changes go on in a job of the forum's."""

    pending: int
    digest: str
    seconds: float
    group: GroupChanged
    lcm_group: GroupChanged


@dataclass(frozen=True, slots=True)
class ActivePost:
    """A post that is new, edited or deleted, with its topic's present state."""

    id: int
    topic_id: int
    topic_title: str
    topic_slug: str
    topic_created_at: datetime
    topic_closed: bool
    topic_views: int
    topic_tags: tuple[str, ...]
    topic_external_id: str | None
    category_id: int
    number: int
    user_id: int
    username: str
    name: str
    created_at: datetime
    raw: str
    cooked: str
    likes: int
    reads: int
    reply_to: int | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class ActiveLike:
    """Somebody liked a post, or took that back."""

    post_id: int
    user_id: int
    author_id: int
    created_at: datetime
    deleted: bool


@dataclass(frozen=True, slots=True)
class ActiveSolution:
    """A post was accepted as its topic's solution."""

    topic_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class ActiveVisit:
    """A day on which a member was there."""

    user_id: int
    day: date
    posts_read: int
    seconds_read: int


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """A page of what happened, and the cursor of the next."""

    cursor: str
    more: bool
    posts: tuple[ActivePost, ...] = ()
    likes: tuple[ActiveLike, ...] = ()
    solutions: tuple[ActiveSolution, ...] = ()
    visits: tuple[ActiveVisit, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkItem:
    """What somebody decided or asked for on the forum."""

    id: int
    kind: str
    cohort: str | None
    subject: str
    data: Mapping[str, Any]
    user_id: int
    username: str
    at: datetime
