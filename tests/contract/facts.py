"""What the worker relies on, as a table: a call, and what Discourse answers. Each row was checked against a real one.

Words in braces stand for things made beforehand: a group, a category, a topic, two plain users.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOT_FOUND = "The requested URL or resource could not be found."
NOT_ALLOWED = "You are not permitted to view the requested resource."
BAD_KEY = f"{NOT_ALLOWED} The API username or key is invalid."
BODY = "This is a body that is long enough for the limits of any forum, number {suffix}"
UNCLEAR_TITLE = "Title seems unclear, most of the words contain the same letters over and over?"
GONE = "Something has gone wrong. Perhaps this topic was closed or deleted while you were looking at it?"
OF_POSTS = ("id", "topic_id", "topic_slug", "post_number", "raw", "cooked", "created_at", "version", "post_url")


@dataclass(frozen=True)
class Fact:
    """One call and its answer: status, error texts, Discourse's error type, keys of the answer (dots lead inward)."""

    what: str
    method: str
    path: str
    status: int = 200
    form: dict[str, str] = field(default_factory=dict)
    json: Any = None
    user: str | None = "{admin}"
    errors: tuple[str, ...] = ()
    error_type: str | None = None
    keys: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def _post(what: str, status: int = 200, errors: tuple[str, ...] = (), **form: str) -> Fact:
    keys = OF_POSTS if status == 200 else ("action",)
    return Fact(what, "POST", "/posts.json", status, form=form, errors=errors, keys=keys)


def _members(what: str, status: int, errors: tuple[str, ...] = (), **form: str) -> Fact:
    return Fact(what, "PUT", "/groups/{group_id}/members.json", status, form=form, errors=errors)


FACTS: tuple[Fact, ...] = (
    # who calls
    Fact("an unknown path", "GET", "/nothing/here.json", 404, errors=(NOT_FOUND,), error_type="not_found"),
    Fact("an unknown Api-Username", "GET", "/groups.json", 403, user="nobody-{suffix}", errors=(BAD_KEY,),
         error_type="invalid_access"),
    Fact("administration is hidden from plain users", "GET", "/admin/users/list/active.json", 404, user="{one}",
         errors=(NOT_FOUND,)),
    # groups
    Fact("a group by its name in any case", "GET", "/groups/{GROUP}.json", keys=("group.id", "group.user_count")),
    Fact("an unknown group", "GET", "/groups/none-{suffix}.json", 404, errors=(NOT_FOUND,)),
    _members("unknown usernames beside a known one are ignored", 200, usernames="{one},none-{suffix}"),
    _members("all are members already", 422, ("'{one}' is already a member of this group.",), usernames="{one}"),
    _members("nobody is named", 400,
             ("You supplied invalid parameters to the request: Usernames or emails must be present",)),
    _members("nobody is known", 400, usernames="none-{suffix}"),
    Fact("plain users may not add members", "PUT", "/groups/{group_id}/members.json", 403, user="{one}",
         form={"usernames": "{two}"}, errors=(NOT_ALLOWED,), error_type="invalid_access"),
    Fact("members, with owners beside them", "GET", "/groups/{group}/members.json?limit=1000&offset=0",
         keys=("members", "owners", "meta.total", "meta.limit", "meta.offset"), values={"meta.total": 1}),
    Fact("at most 1000 members a page", "GET", "/groups/{group}/members.json?limit=1001", 400,
         error_type="invalid_parameters"),
    Fact("removing somebody who is no member", "DELETE", "/groups/{group_id}/members.json", form={"usernames": "{two}"},
         values={"usernames": [], "skipped_usernames": ["{two}"]}),
    # categories
    Fact("a category's name is taken", "POST", "/categories.json", 422,
         form={"name": "{category}", "color": "0088CC", "text_color": "FFFFFF"},
         errors=("Category Name has already been taken",)),
    Fact("a category needs a name", "POST", "/categories.json", 400, form={"color": "0088CC"},
         errors=("param is missing or the value is empty or invalid: name",)),
    Fact("a category with its permissions", "GET", "/c/{category_id}/show.json",
         keys=("category.slug", "category.group_permissions", "category.read_restricted")),
    Fact("the list of a category's topics", "GET",
         "/c/{category_slug}/{category_id}/l/latest.json?page=0&per_page=100",
         keys=("users", "topic_list.topics", "topic_list.per_page"), values={"topic_list.per_page": 100}),
    Fact("more than 100 topics a page", "GET",
         "/c/{category_slug}/{category_id}/l/latest.json?per_page=101", 400,
         errors=("You supplied invalid parameters to the request: per_page",), error_type="invalid_parameters"),
    Fact("a wrong slug leads to the right one", "GET", "/c/wrong-{suffix}/{category_id}/l/latest.json", 301),
    # posting
    _post("an external id is taken, whatever its case", 422, ("External has already been taken",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "1", category="{category_id}",
          external_id="FACT-{suffix}"),
    _post("an external id has letters, digits, - and _ only", 422, ("External is invalid",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "2", category="{category_id}",
          external_id="a.b"),
    _post("an external id has 50 characters at most", 422, ("External is too long (maximum is 50 characters)",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "3", category="{category_id}",
          external_id="x" * 51),
    _post("titles are unique, whatever their case", 422, ("Title has already been used",),
          title="{TITLE}", raw=BODY + "4", category="{category_id}"),
    _post("one-letter titles are unclear", 422, (UNCLEAR_TITLE,), title="x", raw=BODY, category="{category_id}"),
    _post("bodies have 20 characters at least", 422, ("Body is too short (minimum is 20 characters)",),
          title="A title that nobody has used {suffix} yet", raw="Too short", category="{category_id}"),
    _post("a topic needs a category", 422, ("Category can't be blank",),
          title="A title that nobody has used {suffix} yet", raw=BODY + "5"),
    Fact("an unknown category", "POST", "/posts.json", 400, error_type="invalid_parameters",
         errors=("You supplied invalid parameters to the request: category",),
         form={"title": "A title that nobody has used {suffix} yet", "raw": BODY + "6", "category": "99999999"}),
    _post("a reply to a topic that is not there", 422, (GONE,), topic_id="99999999", raw=BODY),
    _post("a reply", 200, (), topic_id="{topic_id}", raw=BODY + "7"),
    _post("a message to somebody unknown", 422,
          ("One of the users you are sending this message to could not be found.",), raw=BODY + "8",
          title="A word about {suffix} in private", archetype="private_message", target_recipients="none-{suffix}"),
    _post("a message to nobody", 422, ("You must select a valid user.",), title="A word about {suffix} in private",
          raw=BODY + "9", archetype="private_message"),
    Fact("nested_post wraps the post", "POST", "/posts.json", keys=("action", "post.id", "success"),
         form={"topic_id": "{topic_id}", "raw": BODY + "10", "nested_post": "true"}),
    # topics
    Fact("a topic by its external id is a redirect", "GET", "/t/external_id/fact-{suffix}.json", 301),
    Fact("external ids are looked up by case", "GET", "/t/external_id/FACT-{suffix}.json", 404, errors=(NOT_FOUND,)),
    Fact("a topic with the source of its posts", "GET", "/t/{topic_id}.json?print=true&include_raw=1",
         keys=("post_stream.posts", "post_stream.stream", "tags", "pinned_at", "external_id", "details.created_by"),
         values={"chunk_size": 1000}),
    Fact("a page past the end", "GET", "/t/{topic_id}.json?page=1000", 404, errors=(NOT_FOUND,)),
    Fact("enabled is the word true", "PUT", "/t/{topic_id}/status.json", form={"status": "pinned", "enabled": "true"},
         keys=("success", "topic_status_update")),
    Fact("JSON's true means false", "PUT", "/t/{topic_id}/status.json", json={"status": "closed", "enabled": True},
         keys=("success",)),
    Fact("... so the topic is still open", "GET", "/t/{topic_id}.json", values={"closed": False}),
    Fact("an unknown status", "PUT", "/t/{topic_id}/status.json", 400, form={"status": "shiny", "enabled": "true"},
         errors=("You supplied invalid parameters to the request: status",), error_type="invalid_parameters"),
    Fact("the status of an unknown topic", "PUT", "/t/99999999/status.json", 403, error_type="invalid_access",
         form={"status": "pinned", "enabled": "true"}, errors=(NOT_ALLOWED,)),
    Fact("plain users may not pin", "PUT", "/t/{topic_id}/status.json", 403, user="{one}", errors=(NOT_ALLOWED,),
         form={"status": "pinned", "enabled": "true"}),
    Fact("a timer in the past", "POST", "/t/{topic_id}/timer.json", 400, error_type="invalid_parameters",
         form={"status_type": "close", "time": "2020-01-01"}),
    # likes and lists
    Fact("a like", "POST", "/post_actions.json", user="{one}", form={"id": "{post_id}", "post_action_type_id": "2"},
         keys=("id", "actions_summary")),
    Fact("a second like by the same user", "POST", "/post_actions.json", 403, user="{one}",
         form={"id": "{post_id}", "post_action_type_id": "2"},
         errors=("Oops! You already performed this action. Can you try refreshing the page?",)),
    Fact("who liked a post", "GET", "/post_action_users.json?id={post_id}&post_action_type_id=2",
         keys=("post_action_users",)),
    Fact("the latest posts leave out the one named", "GET", "/posts.json?before=1", values={"latest_posts": []}),
    Fact("messages sent", "GET", "/topics/private-messages-sent/{admin}.json", keys=("topic_list.topics",)),
    Fact("a page of a list is a number", "GET", "/latest.json?page=-1", 400, error_type="invalid_parameters",
         errors=("You supplied invalid parameters to the request: page",)),
    Fact("the directory needs a period", "GET", "/directory_items.json", 400,
         errors=("param is missing or the value is empty or invalid: period",)),
    Fact("an unknown period", "GET", "/directory_items.json?period=fortnight", 403, errors=(NOT_ALLOWED,)),
)  # fmt: skip
