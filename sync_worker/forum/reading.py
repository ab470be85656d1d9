"""Everything we read from a forum. Each method says how many calls it makes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from sync_worker.errors import ForumError, Outcome
from sync_worker.forum.accounts import AccountCalls, Page, crawl_by_offset
from sync_worker.forum.parse import (
    Shape,
    is_deleted,
    parse_category,
    parse_group,
    parse_group_event,
    parse_member,
    parse_message_summary,
    parse_post,
    parse_revision,
    parse_topic,
    parse_topic_summary,
)
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.plugin import PluginFinder, find_cohorts, read_status
from sync_worker.forum.recent import Recent
from sync_worker.forum.site import Explorer, ForumItself, every_category
from sync_worker.model.rights import in_our_names, names_on_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort, PluginStatus
    from sync_worker.forum.records import (
        Category,
        ForumTopic,
        Group,
        GroupEvent,
        Member,
        MessageSummary,
        Revision,
        TopicSummary,
    )
    from sync_worker.forum.transport import CallCounter, Transport

MEMBERS_A_CALL = 1000
NAMES_A_CALL = 100
TOPICS_A_CALL = 100
POSTS_A_CALL = 1000
POSTS_BY_ID_A_CALL = 100
LATE_LOOKS = 5
INVITEES_A_CALL = 200
_TOPIC_PATH = re.compile(r"/t/(?:[^/]*/)?(\d+)(?:\.json)?$")


class ForumReader(AccountCalls):
    """Reads one forum as one API user.

    Attributes:
        itself: what the forum says about itself.
        explorer: its Data Explorer.
        recent: what only Discourses since 2026 have.

    """

    def __init__(self, http: Transport) -> None:
        self._http = http
        self.itself = ForumItself(http)
        self.explorer = Explorer(http)
        self.recent = Recent(http)
        self._slugs: dict[int, str] = {}
        self._own_groups: dict[str, str] | None = None
        self._group_names: dict[int, str] = {}
        self._plugin = PluginFinder(http)
        self._prints = True

    @property
    def url(self) -> str:
        """The forum's address, without a slash at its end."""
        return str(self._http.host)

    @property
    def name(self) -> str:
        """What identifies the forum in the store: host[:port]/path."""
        return self._http.forum_name

    @property
    def username(self) -> str:
        """The API user."""
        return str(self._http.api_username)

    @property
    def read_only(self) -> bool:
        """Whether changes are refused before they are sent."""
        return self._http.read_only

    @property
    def calls(self) -> CallCounter:
        """How many calls were sent so far."""
        return self._http.calls

    def answers(self) -> bool:
        """Whether the forum itself answers now, if only with a no. Calls: 1."""
        try:
            self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            return not error.unreachable
        return True

    def groups(self) -> list[Group]:
        """Return every group. Calls: 1."""
        return [parse_group(item) for item in Shape(self._http.groups(), "groups").items()]

    def members(self, group_name: str) -> list[Member]:
        """Return the members of a group, longest in it first. Calls: 1 up to 1,000 members, then 1 per 990.

        Raises:
            ForumError: with status 404 where there is no such group.

        """
        path = f"/groups/{quote(group_name, safe='')}/members.json"
        owners: set[int] = set()

        def fetch(offset: int) -> Page:
            answer = self._get(path, limit=MEMBERS_A_CALL, offset=offset, order="added_at", asc="true")
            owners.update(item.at("id").integer() for item in answer.at("owners").items())
            rows: list[tuple[int, object]] = [(item.at("id").integer(), item) for item in answer.at("members").items()]
            return Page(rows, answer.at("meta").at("total").integer())

        rows = crawl_by_offset(fetch, MEMBERS_A_CALL)
        return [parse_member(cast("Shape", row), frozenset(owners)) for row in rows.values()]

    def members_named(self, group_name: str, usernames: Sequence[str]) -> list[Member]:
        """Return those of up to 100 accounts that are members of a group. Calls: 1.

        Raises:
            ForumError: with status 404 where there is no such group.

        """
        if not 0 < len(usernames) <= NAMES_A_CALL:
            raise ValueError(f"1 to {NAMES_A_CALL} names a call")
        # Only with a comma does Discourse make a pattern of the names; other names may fit it as well.
        terms = ",".join([*usernames, usernames[0]])
        answer = self._get(f"/groups/{quote(group_name, safe='')}/members.json", limit=MEMBERS_A_CALL, filter=terms)
        owners = frozenset(item.at("id").integer() for item in answer.at("owners").items())
        wanted = {name.lower() for name in usernames}
        found = [parse_member(item, owners) for item in answer.at("members").items()]
        return [member for member in found if member.username.lower() in wanted]

    def last_group_event(self, group_name: str) -> GroupEvent | None:
        """Return the newest entry of a group's log, None where it is empty. Calls: 1.

        Not every change of membership is logged: see docs/costs.md.
        """
        return next(iter(self.group_events(group_name)[0]), None)

    def group_events(self, group_name: str, page: int = 0) -> tuple[list[GroupEvent], bool]:
        """Return a page of a group's log, newest first, 25 entries each, and whether it is the last one. Calls: 1.

        Raises:
            ForumError: with status 404 where there is no such group, 403 where the API user may not read its log.

        """
        answer = self._get(f"/groups/{quote(group_name, safe='')}/logs.json", offset=page)
        return [parse_group_event(item) for item in answer.at("logs").items()], answer.at("all_loaded").flag()

    def categories(self) -> list[Category]:
        """Return every category, without its permissions.

        Calls: 1; where the site names only those of our sidebar (`lazy_load_categories_groups`), those of
        `every_category` more.
        """
        site = Shape(self._http.get_site_info(), "site")
        listed = [(item.at("id").integer(), item.at("name").text()) for item in site.get("groups", []).items()]
        self._own_groups, self._group_names = names_on_site(listed), dict(listed)
        found = site.at("categories").items()
        if site.get("lazy_load_categories", default=False).flag():
            found = every_category(self._http, found)
        return [self._remember(parse_category(item)) for item in found]

    def category(self, category_id: int) -> Category:
        """Return a category with its permissions. Calls: 1, and 1 the first time if `categories` was not asked before.

        Raises:
            ForumError: with status 404 where there is no such category.

        """
        found = self._remember(parse_category(Shape(self._http.category(category_id), "answer").at("category")))
        return replace(found, permissions=self.in_our_names(found.permissions)) if found.permissions else found

    def in_our_names(self, permissions: Mapping[str, int]) -> dict[str, int]:
        """Return permissions with Discourse's own groups called as everywhere, not as this site calls them.

        Calls: 1 the first time if `categories` was not asked before.
        """
        if self._own_groups is None:
            self.categories()
        return in_our_names(permissions, self._own_groups or {})

    def group_names(self) -> Mapping[int, str]:
        """Return the names of the groups by their ids, as `categories` showed them last.

        Calls: none, but those of `categories` where it was not asked before.
        """
        if self._own_groups is None:
            self.categories()
        return self._group_names

    @property
    def own_group_names(self) -> frozenset[str]:
        """The folded names that this site gives to Discourse's own groups, if `categories` was asked. Calls: none."""
        return frozenset(self._own_groups or ())

    def site_settings(self, names: Sequence[str]) -> dict[str, str]:
        """Return the settings with these names; those the forum does not have are left out. Calls: 1."""
        answer = self._get("/admin/site_settings.json", **{"names[]": list(names)})
        listed = [item for item in answer.at("site_settings").items() if item.has("value")]
        found = {item.at("setting").text(): item.at("value") for item in listed}
        return {name: found[name].setting() for name in names if name in found}

    def invitees(self, post_id: int) -> dict[int, str] | None:
        """Return what people answered to the calendar's event in a post: `going`, `interested`, `not_going`. Calls: 1.

        By account; the calendar tells of `INVITEES_A_CALL` people at most, those who come first. None where there is no
        calendar or no such event.
        """
        try:
            answer = self._get(f"/discourse-post-event/events/{post_id}/invitees.json")
        except ForumError as error:
            if error.refused_with(403, 404):
                return None
            raise
        found = {}
        for item in answer.at("invitees").items():
            status = item.get("status").text_or_none()
            if status:
                found[item.at("user").at("id").integer()] = status
        return found

    @property
    def plugin(self) -> Plugin | None:
        """Our plugin, None where the forum does not have it. Calls: 1 the first time, and 1 in 5 minutes without it.

        A call to it that finds it gone raises `PluginGoneError`; from then on it is looked for as if it had never been.
        """
        return self._plugin.find()

    def plugin_cohorts(self) -> tuple[Plugin, list[PluginCohort]] | None:
        """Return our plugin with every declared cohort, None where the forum does not have it. Calls: 1."""
        return find_cohorts(self._http)

    def plugin_status(self) -> PluginStatus | None:
        """Return what our plugin says about itself, None where it is not installed. Calls: 1."""
        return read_status(self._http)

    def category_topics(self, category_id: int) -> Iterator[TopicSummary]:
        """Yield the topics of a category and its subcategories, newest activity first, each once.

        Calls: 1 per 100 topics, 1 more to learn the category's address, and 1 more after several pages for topics that
        were bumped to the top meanwhile. Stop early and the rest is not read.
        """
        seen: set[int] = set()
        page, pages = 0, 0
        while True:
            listed, more = self._topic_page(category_id, page)
            yield from (topic for topic in listed if topic.id not in seen)
            seen.update(topic.id for topic in listed)
            pages += 1
            if not more:
                break
            page += 1
        for _ in range(LATE_LOOKS if pages > 1 else 0):
            late = [topic for topic in self._topic_page(category_id, 0)[0] if topic.id not in seen]
            yield from late
            seen.update(topic.id for topic in late)
            if not late:
                break

    def _topic_page(self, category_id: int, page: int) -> tuple[list[TopicSummary], bool]:
        path = f"/c/{self._slugs.get(category_id, '-')}/{category_id}/l/latest.json"
        params = {"page": page, "per_page": TOPICS_A_CALL}
        answer = self._http.ask("GET", path, params=params, redirect=True)
        if answer.status == 301:
            slug = re.search(rf"/c/(.+)/{category_id}/l/latest\.json", answer.headers.get("Location", ""))
            if not slug or slug[1] == self._slugs.get(category_id):
                what = "the forum redirects in circles."
                raise FailedCall(what, outcome=Outcome.POSTPONED, hopeless=True, status=301, url=path)
            self._slugs[category_id] = slug[1]
            return self._topic_page(category_id, page)
        topic_list = Shape(answer.json(), "answer").at("topic_list")
        topics = [parse_topic_summary(item) for item in topic_list.at("topics").items()]
        more = topic_list.get("more_topics_url").text_or_none() is not None or len(topics) >= TOPICS_A_CALL
        return topics, more and bool(topics)

    def messages(self) -> Iterator[MessageSummary]:
        """Yield the private messages to our account in which somebody else has written, newest activity first.

        Calls: 1 per 30, as far as it is read. A message that is bumped meanwhile may be yielded twice.

        Raises:
            ForumError: the forum does not turn the pages.

        """
        path = f"/topics/private-messages/{quote(self.username, safe='')}.json"
        seen: set[int] = set()
        for page in count():
            answer = self._get(path, page=page)
            found, own = answer.at("topic_list"), self._own_id(answer)
            rows = [parse_message_summary(row, own) for row in found.at("topics").items()]
            if rows and seen.issuperset(row.id for row in rows):
                raise ForumError(
                    "the forum repeats a page of its private messages instead of turning to the next.",
                    url=f"{self.url}{path}",
                    do="Is there a cache in front of it?",
                )
            seen.update(row.id for row in rows)
            yield from rows
            if not rows or found.get("more_topics_url").text_or_none() is None:
                return

    def _own_id(self, answer: Shape) -> int | None:
        """Return the number of our account, None where a list does not name it among its people."""
        users = {one.get("username", "").text().casefold(): one for one in answer.get("users", []).items()}
        own = users.get(self.username.casefold())
        return own.get("id").integer_or_none() if own is not None else None

    def topic(self, topic_id: int) -> ForumTopic | None:
        """Return a topic with its posts, without deleted ones; None where it is gone.

        Calls: 1 per 1,000 posts. Where the forum lets nobody print (`max_prints_per_hour_per_user` is 0): 1, and 1 per
        100 posts beyond the first 20; 1 more for the first topic.
        """
        path = f"/t/{topic_id}.json"
        first = self._topic_part(path, 1)
        if first is None or is_deleted(first):
            return None
        posts = {item.at("id").integer(): item for item in first.at("post_stream").at("posts").items()}
        page, full = 1, len(posts) >= POSTS_A_CALL
        while full:
            page += 1
            part = self._topic_part(path, page)
            found = part.at("post_stream").at("posts").items() if part else []
            posts.update((item.at("id").integer(), item) for item in found)
            full = len(found) >= POSTS_A_CALL
        expected = [item.integer() for item in first.at("post_stream").get("stream", []).items()]
        posts.update(self._missing_posts(topic_id, [post for post in expected if post not in posts]))
        kept = [parse_post(item) for item in posts.values() if not is_deleted(item)]
        return parse_topic(first, tuple(sorted(kept, key=lambda post: post.number)))

    def revision(self, post_id: int, number: int | None = None) -> Revision | None:
        """Return a change of a post, the latest where no number is given; None where there is none. Calls: 1.

        Raises:
            ForumError: with status 403 where our key, or its user, may not look at it.

        """
        try:
            return parse_revision(
                self._get(f"/posts/{post_id}/revisions/{'latest' if number is None else number}.json")
            )
        except ForumError as error:
            if error.refused_with(404):
                return None
            raise

    def _topic_part(self, path: str, page: int) -> Shape | None:
        params = {"include_raw": "true"} | ({"page": str(page)} if page > 1 else {})
        if not self._prints:
            return self._read_or_none(path, params)
        try:
            return self._get(path, print="true", **params)
        except ForumError as error:
            if error.refused_with(404, 410):
                return None
            if not error.refused_with(403):
                raise
        # Either this topic is not for us, or the forum lets nobody print: ask without.
        found = self._read_or_none(path, params)
        self._prints = found is None
        return found

    def _read_or_none(self, path: str, params: Mapping[str, str]) -> Shape | None:
        try:
            return self._get(path, **params)
        except ForumError as error:
            if error.refused_with(404, 410) or (error.refused_with(403) and self._key_works()):
                return None
            raise

    def _missing_posts(self, topic_id: int, ids: list[int]) -> dict[int, Shape]:
        """Read posts that moved to another page while we turned it."""
        found: dict[int, Shape] = {}
        for start in range(0, len(ids), POSTS_BY_ID_A_CALL):
            some = ids[start : start + POSTS_BY_ID_A_CALL]
            answer = self._get(f"/t/{topic_id}/posts.json", **{"post_ids[]": some, "include_raw": "true"})
            found.update((p.at("id").integer(), p) for p in answer.at("post_stream").at("posts").items())
        return found

    def topic_id_of(self, external_id: str) -> int | None:
        """Return the id of the topic (or message) made with this external id, None where there is none. Calls: 1."""
        path = f"/t/external_id/{quote(external_id, safe='')}.json"
        try:
            answer = self._http.ask("GET", path, redirect=True)
        except ForumError as error:
            if error.refused_with(404):
                return None
            raise
        location = urlsplit(answer.headers.get("Location", "")).path
        if answer.status != 301 or not (found := _TOPIC_PATH.search(location)):
            raise FailedCall(
                "expected a redirect to a topic.", outcome=Outcome.DOUBTFUL, status=answer.status, url=path
            )
        return int(found[1])

    def _get(self, path: str, **params: object) -> Shape:
        return Shape(self._http.ask("GET", path, params=params).json(), "answer")

    def _remember(self, category: Category) -> Category:
        if category.parent_id is None and category.slug:
            self._slugs[category.id] = category.slug
        return category

    def _key_works(self) -> bool:
        """Whether the key opens anything at all, so that a 403 is about this one thing. Calls: 1."""
        try:
            self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            if error.refused_with(403):
                return False
            raise
        return True
