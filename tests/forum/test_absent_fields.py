"""A field that is absent, null or of another type is an explicit unknown or an error with its place, never a guess.

Every reading operation gets its recorded answers, changed at one place that the operation looks at. What comes out must
be as before, an error that names the place, or as before but for what `UNKNOWN` says of the field.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_worker.checks import Verdict
from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError, LcmError, Outcome
from sync_worker.forum import FailedCall, Forum, Patience
from sync_worker.forum.answers import Answer, check_answer
from sync_worker.forum.checks import check_rights
from sync_worker.forum.parse import Shape
from sync_worker.forum.recent import GroupMove
from sync_worker.forum.site import ExplorerQuery
from sync_worker.forum.transport import Transport

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SOURCES = Path(__file__).parents[2] / "sync_worker" / "forum"
READERS = ("parse", "reading", "accounts", "site", "client", "writing", "checks", "recent")
Routes = Mapping[str, Any]


@dataclass(frozen=True)
class OneOf:
    """Several values, any of which may stand for a field that is not understood."""

    values: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        return other in self.values

    __hash__ = None  # type: ignore[assignment]


class _Anything:
    """Whatever it is: what matters is said beside it."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANYTHING = _Anything()

MAY_DO_ANYTHING = OneOf(
    (
        (GroupMove(adds=True, group_id=None), GroupMove(adds=False, group_id=None)),
        (GroupMove(adds=True, group_id=41), GroupMove(adds=False, group_id=41)),
    )
)

UNKNOWN: Mapping[str, Mapping[str, Any]] = {
    # of accounts, members and groups: unknown, and what follows from it is nothing
    "full_name": {"full_name": ""},
    "user_count": {"user_count": None},
    "automatic": {"automatic": False},  # its id and its name say it as well
    "default_notification_level": {"notifications": None},
    "name": {"name": ""},
    "added_at": {"added_at": None},
    "last_posted_at": {"last_posted_at": None},
    "last_seen_at": {"last_seen_at": None},
    "email": {"email": None, "": []},  # an invitation without an address is a link
    "secondary_emails": {"secondary_emails": ()},
    "active": {"active": True},
    "staged": {"staged": False},
    "admin": {
        "admin": False,
        "by_staff": False,
        "verdict": Verdict.WARN,
        "what": "the forum does not say whether 'forumadmin' is an administrator.",
        "do": "See on the forum (Admin > Users) that it is one.",
    },
    "suspended_till": {"suspended": False},
    "silenced_till": {"silenced": False},
    "created_at": {"created_at": None},
    "single_sign_on_record": {"external_id": None},
    "external_id": {"external_id": None},
    "external_ids": {"associated": {}},
    "target_user": {"user_id": None},
    "acting_user": {"by": None},
    "subject": {"subject": None},
    "new_value": {"value": None},
    # of categories: restricted until it is said otherwise
    "read_restricted": {"read_restricted": True},
    "group_permissions": {"permissions": None},
    "group_name": {"permissions": None},
    "permission_type": {"permissions": None},
    "moderating_group_ids": {"moderating_group_ids": None},
    "parent_category_id": {"parent_id": None},
    "allowed_tags": {"tags": None},
    "allowed_tag_groups": {"tag_groups": ()},
    "allow_global_tags": {"free_tags": False},
    "topic_count": {"topics": None},
    "topic_url": {"topic": None},
    # of topics and posts
    "tags": {"tags": ()},
    "like_count": {"like_count": 0},
    "views": {"views": 0},
    "closed": {"closed": False},
    "visible": {"visible": True},
    "pinned": {"pinned": False},
    "pinned_at": {"pinned": False},
    "pinned_until": {"pinned_until": None},
    "archetype": {"archetype": "regular"},
    "category_id": {"category_id": None},
    "actions_summary": {"likes": 0},
    "count": {"likes": 0},
    "user_id": {"user_id": 0, "people": None},
    "username": {"username": ""},
    "raw": {"raw": None},
    "reads": {"reads": 0},
    "reply_to_post_number": {"reply_to": None},
    "accepted_answer": {"accepted": False},
    "hidden": {"hidden": False},
    "updated_at": {"edited_at": None},
    "version": {"edited_at": None},
    "link_counts": {"clicks": {}},
    "clicks": {"clicks": {}},
    "emailed": {"emailed": False},
    # of what is asked for by name, or gone by itself
    "about": {"": ""},
    "site_creation_date": {"": ""},
    "value": {"": OneOf(({}, {"default_locale": ""}, {"default_locale": "-7"}))},  # left out, blank, a number
    "post": {"events": {}},
    "google": {"associated": {}},
    "polls": {"polls": ()},
    "html": {"html": ""},
    "votes": {"votes": None},
    "voters": {"voters": 0},
    "public": {"public": False, "voted": {}},
    "preloaded_voters": {"voted": {}},
    "a": {"voted": {}},
    "original_name": {"tags": "avis"},
    "grants_admin": {"grants": True},
    "grants_moderator": {"grants": True},
    "status": {"": {}},  # nobody answered
    "error": {"refused": {"c@x.org": ""}},
    "topic_localization": {"": {"fr": ("", "Bonjour")}},
    "title": {"": {"fr": ("", "Bonjour")}},
    "more_topics_url": {"": ANYTHING},  # the same page again, as often as we turn it
    "lazy_load_categories": {"": ANYTHING},  # only there where it is on
    "moderator": {"by_staff": False},
    "details": {"readers": None},
    "allowed_users": {"readers": None},
    "allowed_groups": {"readers": None},
    "archived": {"archived": False},
    "last_poster_username": {"last_poster": ""},
    "participants": {"people": None},
    "posters": {"people": None},
    "participant_groups": {"people": None},
    "allowed_user_count": {"people": None},
    # of recent Discourses: what is not said is unknown; what is not understood may be
    "id": {"moves": MAY_DO_ANYTHING},  # a workflow that is listed and not shown
    "parameters": {"moves": MAY_DO_ANYTHING},
    "operation": {"moves": MAY_DO_ANYTHING, "adds": ANYTHING},
    "group_id": {"group_id": None},
    "category_setting": {"topic": None, "reply": None, "nested": None},
    "nested_replies_default": {"nested": None},
    "topic_posting_review_mode": {"topic": None, "mode": None},
    "reply_posting_review_mode": {"reply": None, "mode": None},
    "topic_posting_review_group_ids": {"groups": frozenset()},
    "active_version_id": {"": ANYTHING},  # a draft does nothing
    "resource": {"findings": ANYTHING},  # a key whose scopes are not known is not enough, and that is said
    "action": {"findings": ANYTHING},
    "secret": {"secrets": {}},  # a webhook whose secret is not told
    "topic_slug": {"url": "http://127.0.0.1:9/t/-/18/1"},
}


class Replayed(Transport):
    """Gives the recorded answers of one operation, changed at one place, for a forum that is not there."""

    def __init__(self) -> None:
        super().__init__(ForumSettings(url="http://127.0.0.1:9"), "k" * 64, patience=Patience(attempts=1))
        self.routes: Routes = {}
        self.change: Callable[[Any], Any] = _as_it_is

    def ask(self, verb: str, path: str, **more: Any) -> Answer:  # type: ignore[override]
        """Return the recorded answer."""
        head = path.partition("?")[0]
        route = f"{verb} {head if head.endswith('.json') else f'{head}.json'}"
        if route not in self.routes:
            raise FailedCall(f"{route} was not recorded.", outcome=Outcome.REFUSED, status=404, url=path)
        body = self.change(copy.deepcopy(self.routes[route]))
        headers = {"Content-Type": "application/json", "Date": "Sun, 29 Nov 2026 00:00:00 GMT"}
        answer = Answer(200, headers, json.dumps(body).encode(), 0.01)
        check_answer(answer, path, "secret", reading=verb == "GET", expects=more.get("expects"))
        return answer


def _as_it_is(body: Any) -> Any:
    return body


CLIENT = Replayed()


@dataclass(frozen=True)
class Operation:
    """Something that `forum/` reads: what is called, and the answers to it."""

    name: str
    call: Callable[[Forum], Any]
    routes: Routes

    def result(self, change: Callable[[Any], Any] = _as_it_is) -> Any:
        """Return what comes out, or the error."""
        CLIENT.routes, CLIENT.change = self.routes, change
        try:
            made = self.call(Forum(CLIENT))
            return list(made) if isinstance(made, Iterator) else made
        except LcmError as error:
            return error


class Looks:
    """Notes at which places of answers something is looked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.places: set[tuple[str, ...]] = set()
        for name in ("at", "get", "has"):
            monkeypatch.setattr(Shape, name, self._noting(getattr(Shape, name)))

    def _noting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(shape: Shape, key: str, *args: Any, **more: Any) -> Any:
            if isinstance(shape.value, dict) and key in shape.value:
                self.places.add((*_steps(shape.path), key))
            return method(shape, key, *args, **more)

        return noted


def _steps(path: str) -> tuple[str, ...]:
    """Return the keys of a path such as `answer.members[3].name`, without the number of an item."""
    first, *others = path.split(".")
    return tuple(one.partition("[")[0] for one in ((first.partition("[")[1] and "") or "", *others))[1:]


def at_place(body: Any, steps: tuple[str, ...], do: Callable[[dict[str, Any], str], None]) -> None:
    """Do something at every place that these keys lead to, whatever lists are on the way."""
    if isinstance(body, list):
        for item in body:
            at_place(item, steps, do)
    elif isinstance(body, dict) and steps:
        first, *others = steps
        if first in body:
            if others:
                at_place(body[first], tuple(others), do)
            else:
                do(body, first)


def changes(value: Any) -> Iterator[tuple[str, Callable[[dict[str, Any], str], None]]]:
    """Yield what may have become of a field that has this value, or one like it."""
    yield "absent", lambda where, key: where.pop(key)
    for other in (None, "?", -7, [], {}, ["?"]):
        if type(other) is not type(value):
            yield json.dumps(other), lambda where, key, other=other: _replace(where, key, other)


def _replace(where: dict[str, Any], key: str, other: Any) -> None:
    """Put a value of another type; one of the same type is another answer, and nothing odd."""
    if type(where[key]) is not type(other):
        where[key] = other


def differing(one: Any, other: Any, attribute: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the attributes in which two results differ, with what the other has."""
    if is_dataclass(one) and type(one) is type(other):
        for each in fields(one):
            yield from differing(getattr(one, each.name), getattr(other, each.name), each.name)
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differing(a, b, attribute if attribute else str(index))
    elif one != other:
        yield attribute, other


@pytest.fixture(scope="module")
def operations(shared_folder: Path) -> list[Operation]:
    """Every reading operation with recorded answers; what was not recorded is written as it is documented."""

    def recorded(number: str) -> Any:
        path = next((shared_folder / "recordings").glob(f"{number}-*.json"))
        return json.loads(path.read_text(encoding="utf-8"))["response"]["json"]

    def one_page(answer: Any) -> Any:
        return answer | {"meta": answer["meta"] | {"total": len(answer["members"])}}

    members, helpers = one_page(recorded("096")), {"group": recorded("045")["group"]}
    site, shown = recorded("215"), recorded("213")
    site = {"groups": site["groups"], "categories": site["categories"][:2]}
    shown["category"]["moderating_group_ids"] = [41]
    invites = recorded("499") | {"invites": recorded("499")["invites"][:3]}
    topics = recorded("452")
    topics["topic_list"] = topics["topic_list"] | {"topics": topics["topic_list"]["topics"][:2]}
    topic = recorded("315")
    ids = [post["id"] for post in topic["post_stream"]["posts"]]
    topic["post_stream"] = topic["post_stream"] | {"stream": ids}
    topic["post_stream"]["posts"][0] |= RICH_POST
    newer = topic | {"tags": [{"id": 1, "name": "avis", "slug": "notice", "original_name": "notice"}]}
    details = {"allowed_users": [{"id": 7, "username": "zoe"}], "allowed_groups": [{"name": "helpers"}]}
    message = topic | {"archetype": "private_message", "details": details, "archived": False}
    inbox = recorded("351")
    some = inbox["topic_list"]["topics"][:2]
    inbox = {"users": inbox["users"][:2], "topic_list": {"topics": some, "more_topics_url": None}}
    person = recorded("031") | RICH_PERSON
    lazily = site | {"lazy_load_categories": True, "categories": site["categories"][:1]}
    below = site["categories"][1] | {"parent_category_id": site["categories"][0]["id"]}
    tree = {
        "category_list": {"categories": [lazily["categories"][0] | {"subcategory_list": [], "subcategory_count": 1}]}
    }
    tree["category_list"]["categories"][0]["subcategory_list"] = [below]
    settings = {"site_settings": recorded("661")["site_settings"][:2]}
    name = settings["site_settings"][0]["setting"]
    return [
        Operation("groups", lambda f: f.groups(), {"GET /groups/search.json": [helpers["group"]]}),
        Operation("members", lambda f: f.members("helpers"), {"GET /groups/helpers/members.json": members}),
        Operation(
            "members named",
            lambda f: f.members_named("helpers", ["dave", "bulk1100"]),
            {"GET /groups/helpers/members.json": members},
        ),
        Operation("group log", lambda f: f.group_events("helpers"), {"GET /groups/helpers/logs.json": recorded("109")}),
        Operation("categories", lambda f: f.categories(), {"GET /site.json": site}),
        Operation("category", lambda f: f.category(5), {"GET /site.json": site, "GET /c/5/show.json": shown}),
        Operation("topics", lambda f: f.category_topics(5), {"GET /c/-/5/l/latest.json": topics}),
        Operation("topic", lambda f: f.topic(17), {"GET /t/17.json": topic}),
        Operation("topic state", lambda f: f.topic_state(17), {"GET /t/17.json": topic}),
        Operation("topic head", lambda f: f.itself.topic_head(17), {"GET /t/17.json": topic}),
        Operation("newest topic", lambda f: f.itself.newest_topic_id(), {"GET /latest.json": topics}),
        Operation("users", lambda f: f.users(), {"GET /admin/users/list/active.json": recorded("640")}),
        Operation("user", lambda f: f.user("alice"), {"GET /u/alice.json": recorded("029")}),
        Operation("user by id", lambda f: f.user_by_id(1107), {"GET /admin/users/1107.json": person}),
        Operation(
            "user by external id",
            lambda f: f.user_by_external_id("ext-1"),
            {"GET /u/by-external/ext-1.json": recorded("628")},
        ),
        Operation("invitations", lambda f: f.pending_invitations(), {"GET /u/system/invited.json": invites}),
        Operation("site", lambda f: f.itself.site_identity(), {"GET /about.json": recorded("660")}),
        Operation("settings", lambda f: f.site_settings([name]), {"GET /admin/site_settings.json": settings}),
        Operation(
            "new group",
            lambda f: f.create_group("helpers", "The Helpers"),
            {"POST /admin/groups.json": recorded("036")},
        ),
        Operation(
            "new category", lambda f: f.create_category("L", "l", {"h": 1}), {"POST /categories.json": recorded("201")}
        ),
        Operation("new topic", lambda f: f.create_topic("T", "raw", 5, "k"), {"POST /posts.json": recorded("218")}),
        Operation(
            "new members",
            lambda f: f.add_members(41, [7]),
            {
                "PUT /groups/41/members.json": {"usernames": [], "skipped_usernames": [], "emails": []},
                "GET /groups/by-id/41.json": helpers,
                "GET /groups/helpers/members.json": members,
            },
        ),
        Operation("newer topic", lambda f: f.topic(17), {"GET /t/17.json": newer}),
        Operation(
            "categories one by one", lambda f: f.categories(), {"GET /site.json": lazily, "GET /categories.json": tree}
        ),
        Operation("redemptions", lambda f: f.redemptions(), {"GET /u/system/invited.json": REDEEMED}),
        Operation("invitees", lambda f: f.invitees(9), {"GET /discourse-post-event/events/9/invitees.json": INVITEES}),
        Operation("translations", lambda f: f.translations(9), {"GET /post_localizations/9.json": TRANSLATIONS}),
        Operation(
            "new webhook",
            lambda f: f.create_webhook("https://x.org", "s" * 20, [1]),
            {"POST /admin/api/web_hooks.json": {"web_hook": {"id": 1}}},
        ),
        Operation("inbox", lambda f: f.messages(), {"GET /topics/private-messages/system.json": inbox}),
        Operation("message", lambda f: f.topic(17), {"GET /t/17.json": message}),
        Operation(
            "upload",
            lambda f: f.upload_image("a.png", b"a"),
            {"POST /uploads.json": {"short_url": "upload://a.png"}},
        ),
        Operation("upcoming changes", lambda f: f.recent.upcoming_changes(), UPCOMING),
        Operation("workflows", lambda f: f.recent.workflows(), WORKFLOWS),
        Operation("habits", lambda f: f.recent.habits(5), {"GET /c/5/show.json": HABITS}),
        Operation("messages", lambda f: f.itself.own_message_ids(), MESSAGES),
        Operation(
            "scopes",
            lambda f: check_rights(f._http, NOW),
            {"GET /session/scopes.json": {"scopes": [{"resource": "global", "action": "read"}]}} | SESSION,
        ),
        Operation(
            "many invitations",
            lambda f: f.invite(["a@x.org", "b@x.org", "c@x.org"], [41], message="", expires_at=NOW),
            {"POST /invites/create-multiple.json": recorded("491") | {"failed_invitations": [FAILED]}},
        ),
        Operation("webhooks", lambda f: f.webhooks(), {"GET /admin/api/web_hooks.json": WEBHOOKS}),
        Operation("explorer", lambda f: f.explorer.run(1, {}), {f"POST {QUERIES}/1/run.json": EXPLORED}),
        Operation("queries", lambda f: f.explorer.queries(), {f"GET {QUERIES}.json": {"queries": [QUERY]}}),
        Operation("sql", lambda f: f.explorer.sql(1), {f"GET {QUERIES}/1.json": {"query": QUERY}}),
        Operation(
            "new query",
            lambda f: f.explorer.save(ExplorerQuery("q", "", "SELECT 1")),
            {f"POST {QUERIES}.json": {"query": QUERY}},
        ),
        Operation(
            "rights",
            lambda f: check_rights(f._http, NOW),
            {"GET /session/scopes.json": {"scopes": []}, "GET /session/current.json": recorded("006")},
        ),
    ]


QUERIES = "/admin/plugins/explorer/queries"
QUERY = {"id": 1, "name": "q", "sql": "SELECT 1"}
EXPLORED = {"columns": ["place"], "rows": [[5]]}
HOOK = {"id": 1, "payload_url": "https://x.org", "active": True, "last_delivery_status": 3, "secret": "s" * 20}
WEBHOOKS = {
    "web_hooks": [HOOK | {"web_hook_event_types": [{"name": "post_created"}]}],
    "extras": {"grouped_event_types": {"post": [{"id": 1, "name": "post_created"}]}},
}


RICH_POST = {
    "accepted_answer": True,
    "actions_summary": [{"id": 2, "count": 3}],
    "link_counts": [{"url": "https://x.org", "clicks": 2, "reflection": False}],
    "polls": [
        {
            "name": "poll",
            "public": True,
            "voters": 1,
            "options": [{"id": "a", "html": "A", "votes": 1}],
            "preloaded_voters": {"a": [{"id": 7}]},
        }
    ],
}
RICH_PERSON = {
    "suspended_till": "2027-01-01T00:00:00.000Z",
    "silenced_till": "2027-01-01T00:00:00.000Z",
    "single_sign_on_record": {"external_id": "e-1"},
    "external_ids": {"google": "g-1"},
}
REDEEMED = {
    "invites": [{"id": 3, "user": {"id": 7, "username": "zoe"}, "grants_admin": False, "grants_moderator": False}]
}
FAILED = {"email": "c@x.org", "error": "no."}
INVITEES = {"invitees": [{"status": "going", "user": {"id": 7}}]}
TRANSLATIONS = {
    "post_localizations": [{"locale": "fr", "raw": "Bonjour", "topic_localization": {"title": "Accueil"}}],
}
UPCOMING = {"GET /admin/config/upcoming-changes.json": {"upcoming_changes": [{"setting": "one", "value": True}]}}
NODE = {"type": "action:group", "parameters": {"operation": "add", "group_id": 41}}
FLOW = {"id": "1", "name": "Welcome", "active_version_id": "v"}
FLOWS = "/admin/plugins/discourse-workflows/workflows"
WORKFLOWS = {f"GET {FLOWS}.json": {"workflows": [FLOW]}, f"GET {FLOWS}/1.json": {"workflow": FLOW | {"nodes": [NODE]}}}
HABITS = {
    "category": {
        "category_setting": {
            "topic_posting_review_mode": "everyone_except",
            "reply_posting_review_mode": "no_one",
            "nested_replies_default": True,
        },
        "topic_posting_review_group_ids": [41],
        "reply_posting_review_group_ids": [],
    }
}
INBOX = {"topic_list": {"topics": [{"id": 5}], "more_topics_url": None}}
MESSAGES = {f"GET /topics/private-messages{kind}/system.json": INBOX for kind in ("", "-sent")}
SESSION = {"GET /session/current.json": {"current_user": {"id": 1, "username": "forumadmin", "admin": True}}}


def places(operation: Operation) -> list[tuple[str, ...]]:
    """The places of its answers that an operation looks at."""
    with pytest.MonkeyPatch.context() as patch:
        looks = Looks(patch)
        made = operation.result()
        assert not isinstance(made, LcmError), (operation.name, made)
        return sorted(looks.places)


def test_whatever_becomes_of_a_field_it_is_unknown_or_an_error_that_names_it(operations: list[Operation]) -> None:
    wrong = []
    for operation in operations:
        before = operation.result()
        for steps in places(operation):
            for what, after in outcomes(operation, steps):
                if isinstance(after, ForumError) and (steps[-1] in after.what or after.url):
                    continue
                if isinstance(after, Exception):
                    wrong.append((operation.name, ".".join(steps), what, f"error without its place: {after}"))
                    continue
                allowed = UNKNOWN.get(steps[-1], {})
                wrong += [
                    (operation.name, ".".join(steps), what, f"{attribute} became {value!r}")
                    for attribute, value in differing(before, after)
                    if (attribute not in allowed or allowed[attribute] != value)
                    and json.dumps(value, default=repr) != what
                ]
    assert wrong == [], "\n".join(map(str, wrong))


def outcomes(operation: Operation, steps: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield what an operation makes of its answers with a field changed in each way."""
    values: list[Any] = []
    for body in operation.routes.values():
        at_place(body, steps, lambda where, key: values.append(where[key]))
    for what, change in changes(next((value for value in values if value is not None), None)):

        def changed(body: Any, change: Callable[[dict[str, Any], str], None] = change) -> Any:
            at_place(body, steps, change)
            return body

        yield what, operation.result(changed)


def test_every_field_that_is_read_is_among_them(operations: list[Operation]) -> None:
    looked_at = {steps[-1] for operation in operations for steps in places(operation)}
    read = set().union(*(_fields_read(SOURCES / f"{name}.py") for name in READERS))
    assert sorted(read - looked_at - NOT_RECORDED.keys()) == []
    assert NOT_RECORDED.keys() <= read


NOT_RECORDED: Mapping[str, str] = {
    "Date": "a header",
    "Discourse-Readonly": "a header",
    "Location": "a header",
    "current_revision": "of an earlier text: tests/forum/test_writing.py",
    "has_accepted_answer": "of Discourse Solved, in a list: tests/activity/test_collect.py",
    "group_name": "in permissions: tests/forum/test_rights.py",
    "permission_type": "in permissions: tests/forum/test_rights.py",
    "previous_hidden": "of an earlier text: tests/forum/test_writing.py",
    "previous_revision": "of an earlier text: tests/forum/test_writing.py",
    "server_time": "of our plugin: tests/forum/test_itself.py",
}


def _fields_read(source: Path) -> set[str]:
    """Return the names that a module looks for in answers, as it writes them."""
    calls = [node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return {
        node.args[0].value
        for node in calls
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in ("at", "get", "has")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
