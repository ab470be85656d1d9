"""Calls of described operations that neither the recordings nor the facts make, or not as described."""

from __future__ import annotations

from tests.contract.fact import NOT_FOUND, Fact

FURTHER_CALLS: tuple[Fact, ...] = (
    Fact("a list of groups", "GET", "/groups.json", keys=("groups", "extras.type_filters", "total_rows_groups")),
    Fact("a group's members without any wish", "GET", "/groups/{group}/members.json", values={"meta.limit": 50}),
    Fact("a group is changed with its name", "PUT", "/groups/{group_id}.json",
         json={"group": {"name": "{group}", "full_name": "All {suffix}"}}, values={"success": "OK"}),
    Fact("the list of accounts without a flag", "GET", "/admin/users.json", keys=("0.username",)),
    Fact("the addresses of an account", "GET", "/u/{one}/emails.json",
         values={"email": "{one}@example.org", "secondary_emails": []}),
    Fact("a profile is changed", "PUT", "/u/{one}.json", json={"name": "One of {suffix}"}, values={"success": "OK"}),
    Fact("an account by the id of a provider that is not enabled", "GET", "/u/by-external/nobody/{suffix}.json", 404,
         errors=(NOT_FOUND,)),
    Fact("what an account did", "GET", "/user_actions.json?offset=0&username={one}&filter=1", keys=("user_actions",)),
    Fact("notifications are marked as read", "PUT", "/notifications/mark-read.json", json={}, values={"success": "OK"}),
    Fact("the topics of a category", "GET", "/c/{category_slug}/{category_id}.json", keys=("topic_list.topics.0.id",)),
    Fact("a tag group", "GET", "/tag_groups/{tag_group_id}.json", values={"tag_group.name": "Facts {suffix}"}),
    Fact("a tag group is renamed", "PUT", "/tag_groups/{tag_group_id}.json", json={"name": "Tags {suffix}"},
         values={"success": "OK", "tag_group.name": "Tags {suffix}"}),
    Fact("a tag group is made", "POST", "/tag_groups.json", json={"name": "More tags {suffix}"},
         values={"tag_group.tag_names": [], "tag_group.one_per_topic": False}),
    Fact("a post is locked", "PUT", "/posts/{post_id}/locked.json", json={"locked": "true"}, values={"locked": True}),
    Fact("... and unlocked", "PUT", "/posts/{post_id}/locked.json", json={"locked": "false"},
         values={"locked": False}),
    Fact("replies to the opening post", "GET", "/posts/{post_id}/replies.json", keys=("0.reply_to_post_number",)),
)  # fmt: skip
