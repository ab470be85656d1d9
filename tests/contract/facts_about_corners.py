"""Facts about parameters that the worker does not use today: how odd ones are read, and how they are refused."""

from __future__ import annotations

from tests.contract.fact import BODY, INVALID, MISSING, NOT_ALLOWED, NOT_FOUND, Fact

_NEW = {"color": "0088CC", "text_color": "FFFFFF"}
_MEMBERS = "/groups/{group}/members.json"
_EXISTING = f"{INVALID} update_existing_users"
_NOT_DELETED = "There was an error deleting that topic. Please contact the site's administrator."
_PERIODS = "all, yearly, quarterly, monthly, weekly, daily"


def _invalid(what: str, path: str, name: str) -> Fact:
    return Fact(what, "GET", path, 400, errors=(f"{INVALID} {name}",), error_type="invalid_parameters")


ABOUT_CORNERS: tuple[Fact, ...] = (
    # accounts
    Fact("ids of login providers are for administrators", "GET", "/u/by-external/google_oauth2/1.json", 403,
         user="{one}", errors=(NOT_ALLOWED,)),
    Fact("an account needs a password", "POST", "/users.json",
         form={"username": "none_{suffix}", "email": "none_{suffix}@example.org"},
         values={"success": False, "errors.password.0": "can't be blank", "values.username": "none_{suffix}"}),
    Fact("some usernames are for nobody", "POST", "/users.json",
         form={"username": "moderator", "email": "none_{suffix}@example.org", "password": "Long-Enough-{suffix}"},
         values={"": {"success": False, "message": "That username is not allowed."}}),
    Fact("people are found by a word of their names", "GET", "/u/search/users.json?term={suffix}&limit=1",
         keys=("users.0.username",), lacks=("users.1",)),
    Fact("a user is made a moderator", "PUT", "/admin/users/{one_id}/grant_moderation.json",
         values={"moderator": True, "admin": False}),
    Fact("... who sees the list of accounts", "GET", "/admin/users/list/active.json", user="{one}", keys=("0.id",)),
    Fact("... and makes no groups", "POST", "/admin/groups.json", 403, user="{one}",
         json={"group": {"name": "mod_{suffix}"}}, errors=(NOT_ALLOWED,)),
    Fact("... and is an ordinary user again", "PUT", "/admin/users/{one_id}/revoke_moderation.json",
         values={"moderator": False}),
    Fact("what somebody new does is hidden from others", "GET", "/user_actions.json?username={two}&filter=4", 404,
         user="{one}", errors=(NOT_FOUND,)),
    Fact("the latest notifications come without a total", "GET", "/notifications.json?recent=true", user="{one}",
         keys=("notifications", "seen_notification_id"), lacks=("total_rows_notifications",)),
    # groups
    Fact("a domain of addresses has a dot", "POST", "/admin/groups.json", 422,
         json={"group": {"name": "dom_{suffix}", "automatic_membership_email_domains": "not a domain"}},
         errors=("'not a domain' is not a valid domain.",)),
    Fact("a group with a member", "PUT", "/groups/{group_id}/members.json", form={"usernames": "{two}"}),
    Fact("new defaults ask about present members", "PUT", "/groups/{group_id}.json", 422, errors=(_EXISTING,),
         json={"group": {"watching_category_ids": ["{category_id}"]}}, values={"user_count": 1}),
    Fact("... and hold where that is answered", "PUT", "/groups/{group_id}.json", values={"success": "OK"},
         json={"group": {"watching_category_ids": ["{category_id}"]}, "update_existing_users": "false"}),
    Fact("a default that is not named again asks as well", "PUT", "/groups/{group_id}.json", 422,
         json={"group": {"full_name": "Other {suffix}"}}, errors=(_EXISTING,)),
    Fact("... and is taken away", "PUT", "/groups/{group_id}.json", values={"success": "OK"},
         json={"group": {"watching_category_ids": ["-1"]}, "update_existing_users": "false"}),
    Fact("who asked to be a member", "GET", f"{_MEMBERS}?requesters=true", values={"members": []}, lacks=("owners",)),
    Fact("... is for those who may change the group", "GET", f"{_MEMBERS}?requesters=true", 403, user="{one}",
         errors=(NOT_ALLOWED,)),
    Fact("nobody is listed as a member of everyone", "GET", "/groups/everyone/members.json", values={"members": []}),
    # categories
    Fact("a colour with a sign is too long", "POST", "/categories.json", 500,
         form={"name": "Colour {suffix}", "color": "#0088CC", "text_color": "FFFFFF"}),
    Fact("an unknown group in permissions", "POST", "/categories.json", 422, errors=("unknown group",),
         form={**_NEW, "name": "Groups {suffix}", "permissions[none-{suffix}]": "1"}),
    Fact("... of a category that is there", "PUT", "/categories/{category_id}.json", 500,
         json={"permissions": {"none-{suffix}": 1}}),
    Fact("a slug is ASCII", "POST", "/categories.json", 422, errors=("Slug contains non-ascii characters",),
         form={**_NEW, "name": "Slug {suffix}", "slug": "Ünï"}),
    Fact("a slug has a letter", "POST", "/categories.json", 422, errors=("Slug is invalid",),
         form={**_NEW, "name": "Slug {suffix}", "slug": "123"}),
    Fact("an unknown parent", "POST", "/categories.json", 500,
         form={**_NEW, "name": "Child {suffix}", "parent_category_id": "99999999"}),
    Fact("a category cannot lose its name", "PUT", "/categories/{category_id}.json", 422, json={"name": ""},
         errors=("Category Name can't be blank", "Category Name is too short (minimum is 1 character)")),
    Fact("there is one page of categories", "GET", "/categories.json?page=9", values={"category_list.categories": []}),
    Fact("what members of a category are not told", "GET", "/c/{category_id}/show.json", user="{two}",
         lacks=("category.can_edit", "category.email_in", "category.group_permissions")),
    # topics and posts
    Fact("warnings are private", "POST", "/posts.json", 422,
         form={"title": "A warning about {suffix} to all", "raw": BODY + "w", "category": "{category_id}",
               "is_warning": "true"}, errors=("You can only attach warnings to personal messages.",)),
    Fact("nobody whispers by default", "POST", "/posts.json", 403,
         form={"topic_id": "{topic_id}", "raw": BODY + "x", "whisper": "true"},
         errors=("Either whispers are not enabled or you do not have access to create whisper posts",)),
    Fact("tags of a topic by themselves", "PUT", "/t/{topic_id}/tags.json", json={"tags": ["corner-{suffix}"]},
         keys=("basic_topic.id", "basic_topic.title")),
    Fact("... must be given", "PUT", "/t/{topic_id}/tags.json", 400, errors=(f"{MISSING} tags",)),
    Fact("deleting a topic that is not there", "DELETE", "/t/99999999.json", 422, errors=(_NOT_DELETED,)),
    Fact("topics are not moved into the future", "PUT", "/t/{topic_id}/change-timestamp.json", 422,
         form={"timestamp": "9999999999"}, values={"": {"failed": "FAILED"}}),
    Fact("a timer needs a time", "POST", "/t/{topic_id}/timer.json", 400,
         form={"status_type": "close", "time": "rubbish"}, errors=(f"{INVALID} Discourse::InvalidParameters",)),
    Fact("a reason for an edit", "PUT", "/posts/{post_id}.json",
         json={"post": {"raw": BODY + "edited", "edit_reason": "why"}}, values={"post.edit_reason": "why"}),
    Fact("... stays at the next edit", "PUT", "/posts/{post_id}.json", json={"post": {"raw": BODY + "edited too"}},
         values={"post.edit_reason": "why"}),
    Fact("an edit needs a text", "PUT", "/posts/{post_id}.json", 422, json={"post": {"edit_reason": "none"}},
         errors=("Body can't be blank", "Body seems unclear, is it a complete sentence?")),
    # likes
    Fact("who liked a post, in full", "GET", "/post_action_users.json?id={post_id}&post_action_type_id=2",
         values={"post_action_users.0.username_lower": "{one}"}, lacks=("post_action_users.0.flair_name",)),
    Fact("at most 200 of them", "GET", "/post_action_users.json?id={post_id}&post_action_type_id=2&limit=201", 400,
         errors=(f"{INVALID} limit",)),
    Fact("who liked an unknown post", "GET", "/post_action_users.json?id=99999999&post_action_type_id=2", 403,
         errors=(NOT_ALLOWED,)),
    Fact("taking back a like that nobody gave", "DELETE", "/post_actions/{post_id}.json?post_action_type_id=2", 404,
         user="{two}", errors=(NOT_FOUND,), lacks=("error_type",)),
    # searching and lists
    _invalid("a search of two letters", "/search.json?q=xx", "q"),
    _invalid("there are ten pages of a search", "/search.json?q=number&page=11",
             "page parameter must not be greater than 10"),
    Fact("a page before the first is the first", "GET", "/search.json?q=number&page=0",
         keys=("grouped_search_result.term",)),
    Fact("a search for nothing", "GET", "/search.json?q=", values={"": {"grouped_search_result": None}}),
    _invalid("the best topics of an unknown time", "/top.json?period=fortnight",
             f"Invalid period. Valid periods are {_PERIODS}"),
    _invalid("the directory of an unknown group", "/directory_items.json?period=all&group=none-{suffix}", "group"),
    _invalid("at most 50 lines of the directory", "/directory_items.json?period=all&limit=51", "limit"),
    _invalid("a page of the directory is a number", "/directory_items.json?period=all&page=two", "page"),
    _invalid("... and not before the first", "/directory_items.json?period=all&page=-1", "page"),
    Fact("a tag group's parent", "POST", "/tag_groups.json",
         json={"name": "Corner {suffix}", "parent_tag_name": ["top-{suffix}"]},
         values={"tag_group.parent_tag_name": ["top-{suffix}"]}),
)  # fmt: skip
