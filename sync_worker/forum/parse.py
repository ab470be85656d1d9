"""Turns Discourse's JSON into records; an answer of another shape is an error, never a silent None."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync_worker.errors import Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.records import (
    Category,
    CreatedPost,
    ForumPoll,
    ForumPost,
    ForumTopic,
    ForumUser,
    Group,
    GroupEvent,
    Member,
    MessageSummary,
    PollOption,
    Readers,
    Revision,
    TopicSummary,
    Webhook,
    WebhookPage,
)
from sync_worker.http import without_controls
from sync_worker.model.rights import Granted, permissions_of

LIKE = 2
LARGEST = 2**63
NO_TEXT = re.compile("[\0\ud800-\udfff]")
TOPIC_ADDRESS = re.compile(r"/t/(?:[^/]+/)?(\d{1,18})$")
WRITTEN_NUMBER = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A part of an answer, with the path to it, that gives out values of the expected type only."""

    value: Any
    path: str

    def fail(self, expected: str) -> FailedCall:
        """Return the error that says what was expected here."""
        return FailedCall(
            f"the forum's answer has an unexpected shape: {self.path} is not {expected}.",
            outcome=Outcome.DOUBTFUL,
            do="Is this a Discourse of version 3.2 or later? Run `lcm check`.",
        )

    def at(self, key: str) -> Shape:
        """Return the part under `key`, which must be there."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        if key not in self.value:
            raise Shape(None, f"{self.path}.{key}").fail("there")
        return Shape(self.value[key], f"{self.path}.{key}")

    def names(self) -> tuple[str, ...]:
        """Return the keys of an object that has names of its own choice."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        return tuple(self.value)

    def has(self, key: str) -> bool:
        """Whether there is anything under `key`, null included."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        return key in self.value

    def get(self, key: str, default: Any = None) -> Shape:
        """Return the part under `key`, or `default` where it is missing or null."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        found = self.value.get(key)
        return Shape(default if found is None else found, f"{self.path}.{key}")

    def items(self) -> list[Shape]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            raise self.fail("a list")
        return [Shape(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def integer(self) -> int:
        """Return a whole number that a database can hold."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or abs(self.value) >= LARGEST:
            raise self.fail("a whole number")
        return self.value

    def number(self) -> int:
        """Return a whole number that may come as a text, as SQL gives it."""
        if isinstance(self.value, str) and WRITTEN_NUMBER.fullmatch(self.value):
            return Shape(int(self.value), self.path).integer()
        return self.integer()

    def integer_or_none(self) -> int | None:
        """Return a whole number or null."""
        return None if self.value is None else self.integer()

    def text(self) -> str:
        """Return a text that can be stored and printed: in it nothing controls a terminal."""
        if not isinstance(self.value, str) or NO_TEXT.search(self.value):
            raise self.fail("a text")
        return without_controls(self.value)

    def text_or_none(self) -> str | None:
        """Return a text or null."""
        return None if self.value is None else self.text()

    def flag(self) -> bool:
        """Return a truth value; Discourse writes some of them as texts."""
        if self.value in ("true", "false", "t", "f"):
            return str(self.value).startswith("t")
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def time(self) -> datetime:
        """Return an aware time in UTC."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.fail("a time") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def time_or_none(self) -> datetime | None:
        """Return an aware time in UTC, or None for null."""
        return None if self.value is None else self.time()

    def setting(self) -> str:
        """Return the value of a site's setting as a text: most are texts, some numbers or true, null is blank."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool | int | float):
            return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)
        return self.text()

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def tags(self) -> tuple[str, ...]:
        """Return the names of tags; newer forums write tags as objects, and may translate their names."""
        return tuple(item.tag() for item in self.items())

    def tag(self) -> str:
        """Return the name of a tag as it was given: `name` may be a translation of `original_name`."""
        if not isinstance(self.value, dict):
            return self.text()
        original = self.get("original_name")
        return (self.at("name") if original.value is None else original).text()


def parse_group(shape: Shape) -> Group:
    """Read a group."""
    return Group(
        id=shape.at("id").integer(),
        name=shape.at("name").text(),
        full_name=shape.get("full_name", "").text(),
        user_count=shape.get("user_count").integer_or_none(),
        automatic=shape.get("automatic", default=False).flag(),
        notifications=shape.get("default_notification_level").integer_or_none(),
    )


def parse_member(shape: Shape, owners: frozenset[int]) -> Member:
    """Read a member; `owners` are the ids of the group's owners."""
    identity = shape.at("id").integer()
    return Member(
        id=identity,
        username=shape.at("username").text(),
        name=shape.get("name", "").text(),
        added_at=shape.get("added_at").time_or_none(),
        last_posted_at=shape.get("last_posted_at").time_or_none(),
        last_seen_at=shape.get("last_seen_at").time_or_none(),
        owner=identity in owners,
    )


def parse_user(shape: Shape) -> ForumUser:
    """Read an account, from the staff's list or from its own page."""
    return ForumUser(
        id=shape.at("id").integer(),
        username=shape.at("username").text(),
        name=shape.get("name", "").text(),
        email=shape.get("email").text_or_none(),
        secondary_emails=shape.get("secondary_emails", []).texts(),
        active=shape.get("active", default=True).flag(),
        staged=shape.get("staged", default=False).flag(),
        suspended=shape.get("suspended_till").time_or_none() is not None,
        admin=shape.get("admin", default=False).flag(),
        silenced=shape.get("silenced_till").time_or_none() is not None,
        created_at=shape.get("created_at").time_or_none(),
        external_id=_external_id(shape.get("single_sign_on_record")),
        associated=_associated(shape.get("external_ids", {})),
    )


def _external_id(record: Shape) -> str | None:
    return record.get("external_id").text_or_none() if record.value is not None else None


def _associated(shape: Shape) -> dict[str, str]:
    return {provider: shape.at(provider).text() for provider in shape.names()}


def is_future(shape: Shape, now: datetime) -> bool:
    """Whether a time, or null for never, is after `now`."""
    moment = shape.time_or_none()
    return moment is not None and moment > now


def parse_group_event(shape: Shape) -> GroupEvent:
    """Read an entry of a group's log."""
    target, acting = shape.get("target_user"), shape.get("acting_user")
    return GroupEvent(
        action=shape.at("action").text(),
        at=shape.at("created_at").time(),
        user_id=target.at("id").integer() if target.value else None,
        by=acting.at("username").text() if acting.value else None,
        subject=shape.get("subject").text_or_none(),
        value=shape.get("new_value").text_or_none(),
    )


def parse_category(shape: Shape) -> Category:
    """Read a category; what it does not say about who may read or moderate it is unknown, and counts as restricted."""
    tags, moderators = shape.get("allowed_tags"), shape.get("moderating_group_ids")
    return Category(
        id=shape.at("id").integer(),
        name=shape.at("name").text(),
        slug=shape.at("slug").text(),
        parent_id=shape.get("parent_category_id").integer_or_none(),
        read_restricted=shape.get("read_restricted", default=True).flag(),
        permissions=permissions_of(_granted(shape.get("group_permissions"))),
        moderating_group_ids=None if moderators.value is None else tuple(i.integer() for i in moderators.items()),
        tags=None if tags.value is None else tags.tags(),
        tag_groups=shape.get("allowed_tag_groups", []).texts(),
        free_tags=shape.get("allow_global_tags", default=False).flag(),
        topics=shape.get("topic_count").integer_or_none(),
        topic=_topic_of(shape.get("topic_url", "").text()),
    )


def _granted(rows: Shape) -> list[Granted] | None:
    """Read who may do what in a category; what is not understood is left open, for `permissions_of` to judge."""
    if not isinstance(rows.value, list):
        return None
    return [_grant(row.value if isinstance(row.value, dict) else {}) for row in rows.items()]


def _grant(row: dict[str, Any]) -> Granted:
    number, name, level = row.get("group_id"), row.get("group_name"), row.get("permission_type")
    return Granted(
        number if isinstance(number, int) and not isinstance(number, bool) else None,
        name if isinstance(name, str) and not NO_TEXT.search(name) else None,
        level if isinstance(level, int) and not isinstance(level, bool) else None,
    )


def _topic_of(address: str) -> int | None:
    """Return the topic of an address such as /t/about-spring/15."""
    found = TOPIC_ADDRESS.search(address)
    return int(found[1]) if found else None


def parse_topic_summary(shape: Shape) -> TopicSummary:
    """Read a line of a topic list."""
    return TopicSummary(
        id=shape.at("id").integer(),
        title=shape.at("title").text(),
        slug=shape.at("slug").text(),
        category_id=shape.at("category_id").integer(),
        created_at=shape.at("created_at").time(),
        bumped_at=shape.at("bumped_at").time(),
        posts_count=shape.at("posts_count").integer(),
        like_count=shape.get("like_count", 0).integer(),
        views=shape.get("views", 0).integer(),
        tags=shape.get("tags", []).tags(),
        pinned=shape.get("pinned", default=False).flag(),
        closed=shape.get("closed", default=False).flag(),
        visible=shape.get("visible", default=True).flag(),
        solved=shape.get("has_accepted_answer", default=False).flag(),
    )


def parse_post(shape: Shape) -> ForumPost:
    """Read a post of a topic."""
    counts = {item.at("id").integer(): item.get("count", 0) for item in shape.get("actions_summary", []).items()}
    return ForumPost(
        id=shape.at("id").integer(),
        number=shape.at("post_number").integer(),
        post_type=shape.at("post_type").integer(),
        user_id=shape.get("user_id", 0).integer(),
        username=shape.get("username", "").text(),
        name=shape.get("name", "").text(),
        created_at=shape.at("created_at").time(),
        cooked=shape.at("cooked").text(),
        raw=shape.get("raw").text_or_none(),
        likes=counts[LIKE].integer() if LIKE in counts else 0,
        reads=shape.get("reads", 0).integer(),
        reply_to=shape.get("reply_to_post_number").integer_or_none(),
        accepted=shape.get("accepted_answer", default=False).flag(),
        hidden=shape.get("hidden", default=False).flag(),
        edited_at=shape.get("updated_at").time_or_none() if shape.get("version", 1).integer() > 1 else None,
        clicks=_clicks(shape.get("link_counts", [])),
        polls=tuple(_poll(item) for item in shape.get("polls", []).items()),
        by_staff=any(shape.get(name, default=False).flag() for name in ("admin", "moderator")),
    )


def parse_revision(shape: Shape) -> Revision:
    """Read a change of a post. What Discourse calls hidden before the change is what hiding the change hides."""
    number, before = shape.at("current_revision").integer(), shape.get("previous_revision").integer_or_none()
    before = before if before is not None and before < number else None
    return Revision(number, before, shape.at("previous_hidden").flag())


def _poll(shape: Shape) -> ForumPoll:
    """Read a poll; who voted is read only where the poll shows it to everybody, whatever the forum sends us."""
    public = shape.get("public", default=False).flag()
    options = tuple(
        PollOption(item.at("id").text(), item.get("html", "").text(), item.get("votes").integer_or_none())
        for item in shape.at("options").items()
    )
    voters = shape.get("preloaded_voters", {})
    if not isinstance(voters.value, dict | list):
        raise voters.fail("an object or a list")
    by_option = isinstance(voters.value, dict) and public  # a poll of numbers has a list of people
    voted = {
        option.id: tuple(one.at("id").integer() for one in voters.at(option.id).items())
        for option in options
        if by_option and option.id in voters.value
    }
    return ForumPoll(
        shape.at("name").text(),
        shape.get("voters", 0).integer(),
        options,
        public,
        {k: v for k, v in voted.items() if v},
    )


def _clicks(links: Shape) -> dict[str, int]:
    """Return how often each link of a post was opened; `reflection` is the other side of a link from elsewhere."""
    return {
        link.at("url").text(): link.at("clicks").integer()
        for link in links.items()
        if not link.get("reflection", default=False).flag() and link.get("clicks").value is not None
    }


def is_deleted(shape: Shape) -> bool:
    """Whether a topic or post is deleted; staff still get to see those."""
    return shape.get("deleted_at").time_or_none() is not None or shape.get("user_deleted", default=False).flag()


def is_pinned(topic: Shape) -> bool:
    """Whether a topic is pinned: by its time, as `pinned` is false for a reader who unpinned it for themselves."""
    if topic.has("pinned_at"):
        return topic.at("pinned_at").time_or_none() is not None
    return topic.get("pinned", default=False).flag()


def parse_topic(shape: Shape, posts: tuple[ForumPost, ...]) -> ForumTopic:
    """Read a topic, given its posts."""
    return ForumTopic(
        id=shape.at("id").integer(),
        title=shape.at("title").text(),
        slug=shape.at("slug").text(),
        category_id=shape.get("category_id").integer_or_none(),
        created_at=shape.at("created_at").time(),
        posts=posts,
        tags=shape.get("tags", []).tags(),
        views=shape.get("views", 0).integer(),
        closed=shape.get("closed", default=False).flag(),
        pinned=is_pinned(shape),
        pinned_until=shape.get("pinned_until").time_or_none(),
        external_id=shape.get("external_id").text_or_none(),
        archetype=shape.get("archetype", "regular").text(),
        visible=shape.get("visible", default=True).flag(),
        readers=_readers(shape.get("details", {})),
        archived=shape.get("archived", default=False).flag(),
    )


def _readers(details: Shape) -> Readers | None:
    """Return who reads a message, None where the answer does not say."""
    if not isinstance(details.value, dict) or not {"allowed_users", "allowed_groups"} <= details.value.keys():
        return None
    users = {one.at("id").integer(): one.at("username").text() for one in details.at("allowed_users").items()}
    return Readers(users, frozenset(one.at("name").text() for one in details.at("allowed_groups").items()))


MOST_PARTICIPANTS = 5  # Discourse's `TopicParticipantsSummary::PARTICIPANT_COUNT`: so many a line shows at most


def parse_message_summary(shape: Shape, own: int | None = None) -> MessageSummary:
    """Read a line of the list of private messages; `own` is our account, where the list names it.

    Who takes part is known only where the line has all its fields, and shows fewer people than it can.
    """
    people: frozenset[int] | None = None
    needed = ("participants", "posters", "allowed_user_count", "participant_groups")
    if all(shape.get(name).value is not None for name in needed):
        inside, wrote = (
            {one.get("user_id", 0).integer() for one in shape.get(name, []).items()} - {own}
            for name in ("participants", "posters")
        )
        allowed = shape.get("allowed_user_count").integer_or_none()
        if allowed is not None and allowed - 1 <= len(inside) < MOST_PARTICIPANTS and 0 not in inside | wrote:
            people = frozenset(inside | wrote)
    return MessageSummary(
        id=shape.at("id").integer(),
        bumped_at=shape.at("bumped_at").time(),
        last_number=shape.at("highest_post_number").integer(),
        last_poster=shape.get("last_poster_username", "").text(),
        people=people,
        groups=frozenset(one.text() for one in shape.get("participant_groups", []).items()),
    )


def parse_created(shape: Shape, base: str) -> CreatedPost:
    """Read the place of a post; `base` is the forum's address."""
    topic_id, number = shape.at("topic_id").integer(), shape.at("post_number").integer()
    slug = shape.get("topic_slug", "").text() or "-"
    return CreatedPost(
        topic_id=topic_id,
        post_id=shape.at("id").integer(),
        post_number=number,
        url=f"{base}/t/{slug}/{topic_id}/{number}",
    )


def parse_webhooks(answer: Shape) -> WebhookPage:
    """Read the list of webhooks: a delivery status of 2 is a failure, of 3 a success."""
    hooks = tuple(
        Webhook(
            id=hook.at("id").integer(),
            url=hook.at("payload_url").text(),
            active=hook.at("active").flag(),
            events=tuple(one.at("name").text() for one in hook.at("web_hook_event_types").items()),
            works={2: False, 3: True}.get(hook.at("last_delivery_status").integer()),
        )
        for hook in answer.at("web_hooks").items()
    )
    kinds = answer.at("extras").at("grouped_event_types")
    groups = kinds.names()
    events = {one.at("name").text(): one.at("id").integer() for kind in groups for one in kinds.at(kind).items()}
    told = {hook.at("id").integer(): hook.get("secret").text_or_none() for hook in answer.at("web_hooks").items()}
    return WebhookPage(hooks, events, {number: secret for number, secret in told.items() if secret is not None})
