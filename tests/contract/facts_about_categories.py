"""Facts about categories, and the list of their topics."""

from __future__ import annotations

from tests.contract.fact import INVALID, MISSING, NOT_FOUND, Fact

_NEW = {"color": "0088CC", "text_color": "FFFFFF"}
_LATEST = "/c/{category_slug}/{category_id}/l/latest.json"
_OF_TOPICS = ("title", "slug", "category_id", "created_at", "bumped_at", "posts_count", "like_count", "views", "tags",
              "pinned", "closed")  # fmt: skip

ABOUT_CATEGORIES: tuple[Fact, ...] = (
    Fact("a category that only a group sees, moderated by it", "POST", "/categories.json",
         form={**_NEW, "name": "Closed {suffix}", "slug": "closed-{suffix}", "permissions[{group}]": "1",
               "moderating_group_ids[]": "{group_id}"},
         values={"category.slug": "closed-{suffix}", "category.read_restricted": True,
                 "category.group_permissions.0.group_name": "{group}",
                 "category.group_permissions.0.permission_type": 1}, keys=("category.id",)),
    Fact("a category's name is taken", "POST", "/categories.json", 422, form={**_NEW, "name": "{category}"},
         errors=("Category Name has already been taken",)),
    Fact("a category's slug is taken", "POST", "/categories.json", 422,
         form={**_NEW, "name": "Another {suffix}", "slug": "{category_slug}"}, errors=("Slug is already in use",)),
    Fact("a category needs a name", "POST", "/categories.json", 400, form={"color": "0088CC"},
         errors=(f"{MISSING} name",)),
    Fact("a category is changed: its permissions are replaced", "PUT", "/categories/{category_id}.json",
         json={"name": "{category}", "permissions": {"{group}": 1, "admins": 1}, "moderating_group_ids": []},
         values={"category.read_restricted": True, "category.name": "{category}"}, keys=("success",)),
    Fact("a category with its permissions", "GET", "/c/{category_id}/show.json",
         values={"category.slug": "{category_slug}", "category.read_restricted": True,
                 "category.group_permissions.group_name={group}.permission_type": 1,
                 "category.group_permissions.group_name=admins.permission_type": 1},
         lacks=("category.group_permissions.group_name=everyone",)),
    Fact("an unknown category's permissions", "GET", "/c/99999999/show.json", 404, errors=(NOT_FOUND,)),
    Fact("all categories in one answer, without permissions", "GET", "/site.json",
         values={"categories.slug={category_slug}.read_restricted": True,
                 "categories.slug=closed-{suffix}.name": "Closed {suffix}"},
         keys=("categories.slug={category_slug}.id",), lacks=("categories.slug={category_slug}.group_permissions",)),
    # its topics
    Fact("the list of a category's topics", "GET", f"{_LATEST}?page=0&per_page=100",
         keys=("users", *(f"topic_list.topics.id={{topic_id}}.{key}" for key in _OF_TOPICS)),
         lacks=("topic_list.more_topics_url",), values={"topic_list.per_page": 100}),
    Fact("there is more of the list", "GET", f"{_LATEST}?page=0&per_page=1", keys=("topic_list.more_topics_url",)),
    Fact("a page past the last topic is empty", "GET", f"{_LATEST}?page=1000&per_page=100",
         values={"topic_list.topics": []}, lacks=("topic_list.more_topics_url",)),
    Fact("more than 100 topics a page", "GET", f"{_LATEST}?per_page=101", 400, errors=(f"{INVALID} per_page",),
         error_type="invalid_parameters"),
    Fact("a wrong slug leads to the right one", "GET", "/c/-/{category_id}/l/latest.json?page=0&per_page=100", 301,
         headers={"location": "/c/{category_slug}/{category_id}/l/latest.json?page=0&per_page=100"}),
    Fact("the list of an unknown category", "GET", "/c/-/99999999/l/latest.json", 404, errors=(NOT_FOUND,)),
)  # fmt: skip
