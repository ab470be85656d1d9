"""Facts about who calls, accounts and the site's settings."""

from __future__ import annotations

from tests.contract.fact import BAD_KEY, MISSING, NOT_ALLOWED, NOT_FOUND, Fact

_LIST = "/admin/users/list/active.json"
_OF_USERS = ("id", "username", "name", "email", "active", "staged", "admin", "secondary_emails")

ABOUT_PEOPLE: tuple[Fact, ...] = (
    # who calls
    Fact("an unknown path", "GET", "/nothing/here.json", 404, errors=(NOT_FOUND,), error_type="not_found",
         in_production=True),
    Fact("an unknown Api-Username", "GET", "/groups.json", 403, user="nobody-{suffix}", errors=(BAD_KEY,),
         error_type="invalid_access"),
    Fact("who one is", "GET", "/session/current.json", values={"current_user.username": "{admin}",
         "current_user.admin": True}),
    Fact("how long the server took", "GET", "/session/current.json", headers={"x-runtime": ""}, in_production=True),
    Fact("a key without limits has no scopes", "GET", "/session/scopes.json", values={"scopes": []}),
    # accounts
    Fact("accounts with their addresses", "GET", f"{_LIST}?page=1&show_emails=true&order=created&asc=true",
         keys=tuple(f"username={{admin}}.{key}" for key in _OF_USERS)),
    Fact("newest accounts first, with their addresses", "GET", f"{_LIST}?page=1&show_emails=true&order=created",
         values={"username={one}.email": "{one}@example.org", "username={one}.secondary_emails": []}),
    Fact("addresses are shown on demand only", "GET", f"{_LIST}?page=1&order=created", keys=("username={one}.id",),
         lacks=("username={one}.email",)),
    Fact("a page past the last account is empty", "GET", f"{_LIST}?page=100000&show_emails=true", values={"": []}),
    Fact("administration is hidden from plain users", "GET", _LIST, 404, user="{one}", errors=(NOT_FOUND,),
         in_production=True),
    Fact("an account by its name", "GET", "/u/{one}.json", values={"user.username": "{one}"}, keys=("user.id",)),
    Fact("an unknown account", "GET", "/u/none-{suffix}.json", 404, errors=(NOT_FOUND,), error_type="not_found"),
    # the site
    Fact("settings by name, as texts", "GET",
         "/admin/site_settings.json?names[]=tagging_enabled&names[]=min_post_length"
         "&names[]=no_such_setting",
         values={"site_settings.setting=tagging_enabled.value": "true"},
         keys=("site_settings.setting=min_post_length.value",),
         lacks=("site_settings.setting=no_such_setting", "site_settings.setting=title")),
    Fact("the directory needs a period", "GET", "/directory_items.json", 400, errors=(f"{MISSING} period",)),
    Fact("an unknown period", "GET", "/directory_items.json?period=fortnight", 403, errors=(NOT_ALLOWED,)),
)  # fmt: skip
