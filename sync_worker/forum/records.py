"""What the forum answers, as frozen data; times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ForumUser:
    """An account as the staff's user list shows it.

    `created_at` and `external_id` (of DiscourseConnect) are None where the answer does not have them; `associated` are
    the ids of other log-in providers by their names.
    """

    id: int
    username: str
    name: str
    email: str | None
    secondary_emails: tuple[str, ...] = ()
    active: bool = True
    staged: bool = False
    suspended: bool = False
    admin: bool = False
    silenced: bool = False
    created_at: datetime | None = None
    external_id: str | None = None
    associated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `notifications` is the level that new members start with (0 muted to 4), None where it is not said.

    `user_count` is None where the forum does not say how many members it has: it leaves that out where the caller may
    not see them.
    """

    id: int
    name: str
    full_name: str
    user_count: int | None
    automatic: bool = False
    notifications: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group."""

    id: int
    username: str
    name: str
    added_at: datetime | None
    last_posted_at: datetime | None
    last_seen_at: datetime | None
    owner: bool = False


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """An entry of a group's log: what was done, when, to whom (None for the group itself), by whom.

    `by` is a username, None where that account is gone. `subject` and `value` name a changed setting and its new value.
    """

    action: str
    at: datetime
    user_id: int | None
    by: str | None = None
    subject: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A category; `permissions` maps group name to 1 (full), 2 (reply) or 3 (see), None where that is not known.

    Neither is it known who moderates it where `moderating_group_ids` is None. What does not say whether it is
    restricted counts as such.

    `tags` and `tag_groups` are those that may be used in it, none for all, and `free_tags` whether beside them all that
    no category keeps to itself; `tags` is None where the forum did not say, and so is `topics`, how many it has, and
    `topic`, the one about the category itself.
    """

    id: int
    name: str
    slug: str
    parent_id: int | None
    read_restricted: bool
    permissions: dict[str, int] | None = None
    moderating_group_ids: tuple[int, ...] | None = None
    tags: tuple[str, ...] | None = None
    tag_groups: tuple[str, ...] = ()
    free_tags: bool = False
    topics: int | None = None
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A line of a topic list; `solved` says that an answer was accepted."""

    id: int
    title: str
    slug: str
    category_id: int
    created_at: datetime
    bumped_at: datetime
    posts_count: int
    like_count: int
    views: int
    tags: tuple[str, ...]
    pinned: bool
    closed: bool
    visible: bool = True
    solved: bool = False


@dataclass(frozen=True, slots=True)
class PollOption:
    """An option of a poll: its id in votes, its text as HTML, and how many chose it, None where that is not shown."""

    id: str
    html: str
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class ForumPoll:
    """A poll in a post: how many people voted, and by option who did, where the poll is public (up to 25 for each)."""

    name: str
    voters: int
    options: tuple[PollOption, ...]
    public: bool = False
    voted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForumPost:
    """A post as `GET /t/ID.json` shows it; `post_type` 1 is a regular one, 3 a small action, 4 a whisper.

    `edited_at` is None for a post whose text is its first version. `clicks` says how often each link was opened, by its
    address; a link that is not there is one of which the forum does not tell. `by_staff`: its author is an
    administrator or a moderator now.
    """

    id: int
    number: int
    post_type: int
    user_id: int
    username: str
    name: str
    created_at: datetime
    cooked: str
    raw: str | None
    likes: int
    reads: int
    reply_to: int | None
    accepted: bool
    hidden: bool = False
    edited_at: datetime | None = None
    clicks: Mapping[str, int] = field(default_factory=dict)
    polls: tuple[ForumPoll, ...] = ()
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of a post; `before` is the number of the one before it, None for the first that we can see.

    `hidden` says that others than staff do not see how the post read before this change. Its number is one more than
    that of the version that it ended, so the first is 2.
    """

    number: int
    before: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A line of the list of private messages; `last_poster` is a username.

    `people` are the accounts beside ours that take part or have written, None where the list does not show all of them;
    `groups` the names of the groups that take part.
    """

    id: int
    bumped_at: datetime
    last_number: int
    last_poster: str
    people: frozenset[int] | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a private message, beside administrators: accounts by their ids, with usernames, and groups by name."""

    users: Mapping[int, str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class ForumTopic:
    """A topic with all its posts in order of their numbers; `readers` of a private message, where the forum says so."""

    id: int
    title: str
    slug: str
    category_id: int | None
    created_at: datetime
    posts: tuple[ForumPost, ...]
    tags: tuple[str, ...]
    views: int
    closed: bool
    pinned: bool
    pinned_until: datetime | None
    external_id: str | None
    archetype: str = "regular"
    visible: bool = True
    readers: Readers | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class CreatedPost:
    """The place of a new topic, reply or message."""

    topic_id: int
    post_id: int
    post_number: int
    url: str


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk change of members came to: ids of accounts that are now as wanted, and of those that are gone."""

    done: tuple[int, ...]
    skipped: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EmailBatch:
    """Addresses of one call, and the usernames of all accounts they led to, members before or not.

    `usernames` is None where all accounts that the forum knows were members already: it then names none.
    """

    emails: tuple[str, ...]
    usernames: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address to which the site sends events; `works` is None until something was delivered, or failed to be."""

    id: int
    url: str
    active: bool
    events: tuple[str, ...]
    works: bool | None = None


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """The site's webhooks, the numbers of all its events by name, and with what a webhook signs, by its number."""

    hooks: tuple[Webhook, ...]
    events: Mapping[str, int]
    secrets: Mapping[int, str] = field(default_factory=dict, repr=False)
