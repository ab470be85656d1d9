"""Facts about groups, their members and owners."""

from __future__ import annotations

from tests.contract.fact import INVALID, NOT_ALLOWED, NOT_FOUND, Fact

_MEMBERS = "/groups/{group_id}/members.json"
_OWNERS = "/groups/{group_id}/owners.json"
_LIST = "/groups/{group}/members.json?limit=1000&offset=0&order=added_at&asc=true"
_GROUP = {
    "full_name": "Facts, {suffix}",
    "visibility_level": 2,
    "members_visibility_level": 2,
    "mentionable_level": 3,
    "messageable_level": 3,
}


def _add(what: str, usernames: str, status: int = 200, *errors: str, done: tuple[str, ...] | None = None) -> Fact:
    values = {} if done is None else {"usernames": list(done), "success": "OK"}
    return Fact(what, "PUT", _MEMBERS, status, form={"usernames": usernames}, errors=errors, values=values)


def _remove(what: str, usernames: str, done: tuple[str, ...], skipped: tuple[str, ...] = ()) -> Fact:
    values = {"usernames": list(done), "skipped_usernames": list(skipped)}
    return Fact(what, "DELETE", _MEMBERS, form={"usernames": usernames}, values=values)


ABOUT_GROUPS: tuple[Fact, ...] = (
    Fact("a group is made", "POST", "/admin/groups.json", json={"group": {"name": "new_{suffix}", **_GROUP}},
         values={"basic_group.name": "new_{suffix}", "basic_group.full_name": "Facts, {suffix}"},
         keys=("basic_group.id",)),
    Fact("the name of a group is taken by a group", "POST", "/admin/groups.json", 422,
         json={"group": {"name": "NEW_{suffix}", **_GROUP}}, errors=("Name has already been taken",)),
    Fact("the name of a group is taken by a user", "POST", "/admin/groups.json", 422,
         json={"group": {"name": "{one}", **_GROUP}}, errors=("Name has already been taken",)),
    Fact("a group is changed", "PUT", "/groups/{group_id}.json", values={"success": "OK"},
         json={"group": {"full_name": "All {suffix}", "messageable_level": 3}, "update_existing_users": "false"}),
    Fact("all groups in one answer", "GET", "/groups/search.json", values={"name={group}.full_name": "All {suffix}",
         "name={group}.automatic": False}, keys=("name={group}.id", "name={group}.user_count", "name=trust_level_0")),
    Fact("a group by its name in any case", "GET", "/groups/{GROUP}.json", keys=("group.id", "group.user_count")),
    Fact("a group by its id", "GET", "/groups/by-id/{group_id}.json", values={"group.name": "{group}"}),
    Fact("an unknown group", "GET", "/groups/none-{suffix}.json", 404, errors=(NOT_FOUND,)),
    # members
    _add("unknown usernames beside a known one are ignored", "{one},none-{suffix}", done=("{one}",)),
    _add("all are members already", "{one}", 422, "'{one}' is already a member of this group."),
    _add("one is a member already, one is new: both are named", "{one},{two}", done=("{one}", "{two}")),
    _add("several who are members already", "{one},{two}", 422,
         "The following users are already members of this group: {one}, {two}"),
    _add("nobody is known", "none-{suffix}", 400),
    Fact("nobody is named", "PUT", _MEMBERS, 400, errors=(f"{INVALID} Usernames or emails must be present",),
         error_type="invalid_parameters"),
    Fact("a list of names instead of one text", "PUT", _MEMBERS, 500, json={"usernames": ["{one}", "{two}"]}),
    Fact("adding to an unknown group", "PUT", "/groups/99999999/members.json", 404, form={"usernames": "{one}"}),
    Fact("plain users may not add members", "PUT", _MEMBERS, 403, user="{one}", form={"usernames": "{two}"},
         errors=(NOT_ALLOWED,), error_type="invalid_access"),
    Fact("members in the order in which they came", "GET", _LIST, values={"meta.total": 2, "owners": [],
         "members.0.username": "{one}", "members.1.username": "{two}"},
         keys=("members.0.id", "members.0.name", "members.0.added_at", "members.0.last_posted_at",
               "members.0.last_seen_at", "meta.limit", "meta.offset")),
    Fact("members past the end", "GET", "/groups/{group}/members.json?limit=1000&offset=5000&order=added_at&asc=true",
         values={"members": [], "meta.total": 2}),
    Fact("at most 1000 members a page", "GET", "/groups/{group}/members.json?limit=1001", 400,
         error_type="invalid_parameters"),
    Fact("the members of an unknown group", "GET", "/groups/none-{suffix}/members.json", 404, errors=(NOT_FOUND,)),
    # owners
    Fact("a member is made an owner", "PUT", "/groups/{group_id}/owners.json", form={"usernames": "{two}"},
         values={"usernames": ["{two}"]}),
    Fact("an owner is made an owner again", "PUT", "/groups/{group_id}/owners.json", form={"usernames": "{two}"},
         values={"usernames": ["{two}"]}),
    Fact("an unknown name is made an owner", "PUT", "/groups/{group_id}/owners.json", 400,
         form={"usernames": "none-{suffix}"}, errors=(f"{INVALID} usernames",), error_type="invalid_parameters"),
    Fact("owners stand beside the members", "GET", _LIST, values={"owners.0.username": "{two}", "meta.total": 2}),
    Fact("an owner is made a plain member", "DELETE", "/admin/groups/{group_id}/owners.json",
         form={"user_id": "{two_id}"}, values={"success": "OK"}),
    Fact("... and is still a member", "GET", _LIST, values={"owners": [], "meta.total": 2}),
    # removing
    _remove("a member is removed", "{two}", ("{two}",)),
    _remove("removing somebody who is no member", "{two}", (), ("{two}",)),
    _remove("unknown names beside a member are not even skipped", "{one},none-{suffix}", ("{one}",)),
    Fact("removing nobody who is known", "DELETE", _MEMBERS, 400, form={"usernames": "none-{suffix}"},
         errors=(f"{INVALID} usernames",), error_type="invalid_parameters"),
    # owners who are no members, and people by address and by id
    Fact("a person who is no member becomes one as an owner", "PUT", _OWNERS, form={"usernames": "{one},none-{suffix}"},
         values={"usernames": ["{one}"]}),
    Fact("owners by their addresses", "PUT", _OWNERS, form={"user_emails": "{two}@example.org,none@example.org"},
         values={"usernames": ["{two}"]}),
    Fact("both are members and owners, and counted", "GET", _LIST, values={"meta.total": 2},
         keys=("owners.0.id", "owners.1.id")),
    Fact("the log has somebody's coming and their becoming an owner", "GET", "/groups/{group}/logs.json",
         values={"logs.0.action": "make_user_group_owner", "logs.1.action": "add_user_to_group",
                 "logs.0.target_user.username": "{two}", "logs.1.target_user.username": "{two}"}),
    Fact("no names of owners at all", "PUT", _OWNERS, values={"success": "OK", "usernames": []}),
    Fact("addresses to be invited are not read for owners", "PUT", _OWNERS, form={"emails": "{one}@example.org"},
         values={"success": "OK", "usernames": []}),
    Fact("removing by id; an unknown one is not even skipped", "DELETE", _MEMBERS,
         form={"user_ids": "{one_id},99999999"}, values={"usernames": ["{one}"], "skipped_usernames": []}),
    Fact("removing by id somebody who is no member", "DELETE", _MEMBERS, form={"user_ids": "{one_id}"},
         values={"usernames": [], "skipped_usernames": ["{one}"]}),
    Fact("removing by unknown ids", "DELETE", _MEMBERS, 400, form={"user_ids": "99999999"},
         errors=(f"{INVALID} user_ids",), error_type="invalid_parameters"),
    Fact("removing by address", "DELETE", _MEMBERS, form={"user_emails": "{two}@example.org,none@example.org"},
         values={"usernames": ["{two}"], "skipped_usernames": []}),
    Fact("removing by an address in capitals", "DELETE", _MEMBERS, 400,
         form={"user_emails": "Two_{suffix}@example.org"}, errors=(f"{INVALID} user_emails",),
         error_type="invalid_parameters"),
)  # fmt: skip
