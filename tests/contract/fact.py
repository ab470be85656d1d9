"""What a fact is: a call, and what Discourse answers to it; and the words that several facts share.

Words in braces stand for things made beforehand: a group, a category, a topic, a message, two plain users.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOT_FOUND = "The requested URL or resource could not be found."
NOT_ALLOWED = "You are not permitted to view the requested resource."
BAD_KEY = f"{NOT_ALLOWED} The API username or key is invalid."
BODY = "This is a body that is long enough for the limits of any forum, number {suffix}"
MISSING = "param is missing or the value is empty or invalid:"
INVALID = "You supplied invalid parameters to the request:"


@dataclass(frozen=True)
class Fact:
    """One call and its answer.

    Paths into the answer have dots: `a.0.b` is the first item's b, `a.id=7.b` is the b of the item whose id is 7.

    Args:
        what: the fact as a phrase; facts are named by it.
        method: HTTP method.
        path: path and query.
        status: the answer's status.
        form: what the body says, as a form.
        json: what the body says, as JSON instead.
        user: who calls.
        errors: the answer's error texts, exactly.
        error_type: Discourse's error type.
        keys: paths that the answer has.
        lacks: paths that it does not have.
        values: values by path; "" is the whole answer.
        headers: how headers end; "" means that they are there.
        needs: the site's settings under which it holds, where they are not the usual ones of every site.
        in_production: whether it takes a server in production mode: one for developers has error pages of its own.

    """

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
    lacks: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    in_production: bool = False
