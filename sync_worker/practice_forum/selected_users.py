"""The people whom a call about a group names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.params import to_i

if TYPE_CHECKING:
    from sync_worker.practice_forum.tables import User


def comma_list(name: str) -> list[str]:
    """Return the parts of a comma list as Ruby splits it: empty parts at the end are dropped.

    Raises:
        Refusal: 500 where the client sent an array, for that is what Discourse makes of it.

    """
    value = context.params().raw(name)
    if isinstance(value, (list, dict)):
        raise refusals.crash()
    parts = str(value).split(",") if value is not None else []
    while parts and parts[-1] == "":
        parts.pop()
    return parts


def given(name: str) -> bool:
    """Whether a parameter is there and not blank."""
    value = context.params().raw(name)
    return value is not None and str(value).strip() != "" and value not in ([], {})


def selected_users() -> list[User]:
    """Return the users that the call names: by names, else id, else ids, else addresses.

    Raises:
        Refusal: 400 naming the parameter, where nobody matches.

    """
    session = context.session()
    if given("usernames"):
        found, name = people.by_usernames(session, comma_list("usernames")), "usernames"
    elif given("user_id"):
        found, name = list(people.by_ids(session, [context.params().integer("user_id")]).values()), "user_id"
    elif isinstance(context.params().raw("user_ids"), list):
        raise refusals.invalid_parameters("user_ids")
    elif given("user_ids"):
        found, name = list(people.by_ids(session, map(to_i, comma_list("user_ids"))).values()), "user_ids"
    elif given("user_emails"):
        # Discourse lowers the addresses it has, not those that it is given.
        lower = [email for email in comma_list("user_emails") if email == email.lower()]
        found, name = people.by_emails(session, lower), "user_emails"
    else:
        return []
    if not found:
        raise refusals.invalid_parameters(name)
    return found
