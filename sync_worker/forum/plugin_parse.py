"""Turns the plugin's JSON into records."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sync_worker.forum.plugin_records import (
    ActiveLike,
    ActivePost,
    ActiveSolution,
    ActiveVisit,
    ActivityPage,
    FoundPerson,
    GroupChanged,
    MembersChanged,
    MembersSeen,
    PluginAccount,
    PluginCategory,
    PluginClock,
    PluginCohort,
    PluginFacts,
    PluginGroup,
    PluginMember,
    PluginStatus,
    PluginTags,
    WorkItem,
)

if TYPE_CHECKING:
    from sync_worker.forum.parse import Shape


def parse_status(shape: Shape) -> PluginStatus:
    """Read what the plugin is."""
    return PluginStatus(
        shape.at("version").text(), shape.at("contract").text(), frozenset(shape.at("features").texts())
    )


def parse_cohort(shape: Shape) -> PluginCohort:
    """Read a declared cohort; null stands for a group or category that is not there, and each of the three is said."""
    category, told = shape.at("category"), shape.get("declared")
    return PluginCohort(
        key=shape.at("key").text(),
        digest=shape.at("digest").text(),
        pending=shape.get("pending", 0).integer(),
        group=_group(shape.at("group")),
        lcm_group=_group(shape.at("lcm_group")),
        category=None if category.value is None else _category(category),
        facts=None if told.value is None else _facts(told),
    )


def _facts(shape: Shape) -> PluginFacts:
    return PluginFacts(
        name=shape.at("name").text(),
        start=shape.at("start").text(),
        end=shape.at("end").text(),
        timezone=shape.at("timezone").text(),
        locale=shape.at("locale").text(),
        playbook=shape.get("playbook").text_or_none(),
        clock=None if shape.get("clock").value is None else _clock(shape.at("clock")),
    )


def _clock(shape: Shape) -> PluginClock:
    return PluginClock(
        shape.at("paused").flag(), shape.get("until").time_or_none(), shape.get("shift_days", 0).integer()
    )


def _group(shape: Shape) -> PluginGroup | None:
    if shape.value is None:
        return None
    return PluginGroup(
        shape.at("id").integer(),
        shape.at("name").text(),
        shape.at("user_count").integer(),
        shape.get("notifications").integer_or_none(),
    )


def _category(shape: Shape) -> PluginCategory:
    permissions = shape.at("permissions")
    if not isinstance(permissions.value, dict):
        raise permissions.fail("an object")
    return PluginCategory(
        id=shape.at("id").integer(),
        slug=shape.at("slug").text(),
        name=shape.at("name").text(),
        permissions={name: permissions.at(name).integer() for name in permissions.value},
        moderated=shape.at("moderated").flag(),
        parent_slug=_parent_slug(shape),
        has_below=shape.get("has_below", default=False).flag(),
        tags=_tags(shape.get("tags")),
    )


def _parent_slug(shape: Shape) -> str | None:
    """Return the slug of the category above, "" for none; None from a plugin that does not tell."""
    told = isinstance(shape.value, dict) and "parent_slug" in shape.value
    return shape.get("parent_slug", "").text() if told else None


def _tags(shape: Shape) -> PluginTags | None:
    if shape.value is None:
        return None
    return PluginTags(shape.at("names").tags(), shape.at("restricted").flag(), shape.at("free").flag())


def parse_members_seen(shape: Shape) -> MembersSeen:
    """Read who was found and who is there."""
    digest = shape.at("digest").text()
    if shape.at("unchanged").flag():
        return MembersSeen(digest, unchanged=True)
    return MembersSeen(
        digest=digest,
        cohort=parse_cohort(shape.at("cohort")),
        found={item.at("ref").text(): _found(item) for item in shape.at("found").items()},
        ambiguous={
            item.at("ref").text(): tuple(_found(one) for one in item.at("accounts").items())
            for item in shape.at("ambiguous").items()
        },
        unknown=shape.at("unknown").texts(),
        members=tuple(_member(item) for item in shape.at("members").items()),
        lcm_members=tuple(_member(item) for item in shape.at("lcm_members").items()),
    )


def _found(shape: Shape) -> FoundPerson:
    account = shape.at("account")
    return FoundPerson(
        PluginAccount(
            id=account.at("id").integer(),
            username=account.at("username").text(),
            name=account.get("name", "").text(),
            standing=account.at("standing").text(),
            created_at=account.get("created_at").time_or_none(),
            external_id=account.get("external_id").text_or_none(),
        ),
        shape.at("by").text(),
    )


def _member(shape: Shape) -> PluginMember:
    return PluginMember(
        shape.at("id").integer(),
        shape.at("username").text(),
        shape.get("name", "").text(),
        shape.at("owner").flag(),
        shape.get("joined_at").time_or_none(),
    )


def parse_members_changed(shape: Shape) -> MembersChanged:
    """Read what of a change was done."""
    seconds = shape.at("seconds").value
    return MembersChanged(
        pending=shape.at("pending").integer(),
        digest=shape.at("digest").text(),
        seconds=float(seconds),
        group=_group_changed(shape.at("group")),
        lcm_group=_group_changed(shape.at("lcm_group")),
    )


def _group_changed(shape: Shape) -> GroupChanged:
    def ids(name: str) -> tuple[int, ...]:
        return tuple(item.integer() for item in shape.at(name).items())

    return GroupChanged(
        added=ids("added"),
        removed=ids("removed"),
        owners_added=ids("owners_added"),
        owners_removed=ids("owners_removed"),
        skipped={item.at("user_id").integer(): item.at("reason").text() for item in shape.at("skipped").items()},
    )


def parse_activity(shape: Shape) -> ActivityPage:
    """Read a page of what happened."""
    return ActivityPage(
        cursor=shape.at("cursor").text(),
        more=shape.at("more").flag(),
        posts=tuple(_post(item) for item in shape.get("posts", []).items()),
        likes=tuple(_like(item) for item in shape.get("likes", []).items()),
        solutions=tuple(
            ActiveSolution(item.at("topic_id").integer(), item.at("post_id").integer())
            for item in shape.get("solutions", []).items()
        ),
        visits=tuple(_visit(item) for item in shape.get("visits", []).items()),
    )


def _post(shape: Shape) -> ActivePost:
    return ActivePost(
        id=shape.at("id").integer(),
        topic_id=shape.at("topic_id").integer(),
        topic_title=shape.at("topic_title").text(),
        topic_slug=shape.at("topic_slug").text(),
        topic_created_at=shape.at("topic_created_at").time(),
        topic_closed=shape.at("topic_closed").flag(),
        topic_views=shape.at("topic_views").integer(),
        topic_tags=shape.at("topic_tags").tags(),
        topic_external_id=shape.at("topic_external_id").text_or_none(),
        category_id=shape.at("category_id").integer(),
        number=shape.at("number").integer(),
        user_id=shape.at("user_id").integer(),
        username=shape.at("username").text(),
        name=shape.at("name").text(),
        created_at=shape.at("created_at").time(),
        raw=shape.at("raw").text(),
        cooked=shape.at("cooked").text(),
        likes=shape.at("likes").integer(),
        reads=shape.at("reads").integer(),
        reply_to=shape.at("reply_to").integer_or_none(),
        deleted=shape.at("deleted").flag(),
    )


def _like(shape: Shape) -> ActiveLike:
    return ActiveLike(
        post_id=shape.at("post_id").integer(),
        user_id=shape.at("user_id").integer(),
        author_id=shape.at("author_id").integer(),
        created_at=shape.at("created_at").time(),
        deleted=shape.at("deleted").flag(),
    )


def _visit(shape: Shape) -> ActiveVisit:
    day = shape.at("day")
    try:
        parsed = date.fromisoformat(day.text())
    except ValueError:
        raise day.fail("a day") from None
    return ActiveVisit(
        shape.at("user_id").integer(), parsed, shape.at("posts_read").integer(), shape.at("seconds_read").integer()
    )


def parse_work(shape: Shape) -> WorkItem:
    """Read what somebody decided."""
    data = shape.at("data")
    if not isinstance(data.value, dict):
        raise data.fail("an object")
    return WorkItem(
        id=shape.at("id").integer(),
        kind=shape.at("kind").text(),
        cohort=shape.at("cohort").text_or_none(),
        subject=shape.at("subject").text(),
        data=data.value,
        user_id=shape.at("by").at("id").integer(),
        username=shape.at("by").at("username").text(),
        at=shape.at("at").time(),
    )
