"""How every page is made: the layout's values, the content security policy, and where a form may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.pages.viewer import NOBODY
from sync_worker.practice_forum.paths import PAGES

if TYPE_CHECKING:
    from flask import Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
FORMS = "/practice/forms"
"""Where the pages' forms are sent to: an address that Discourse does not have."""


def forbid_scripts(answer: Response) -> Response:
    """Add the policy that keeps scripts, frames and foreign pictures out."""
    answer.headers["content-security-policy"] = POLICY
    return answer


def render_page(template: str, **values: Any) -> str:
    """Return a page."""
    forum = context.forum()
    return render_template(
        f"practice_forum/{template}.html",
        viewer=context.user(),
        nobody=NOBODY,
        now=context.now(),
        virtual=forum.clock.virtual is not None,
        plugin=forum.options.plugin,
        path=request.path.removeprefix(PAGES) or "/",
        forms=FORMS,
        **values,
    )


def require_own_form() -> None:
    """Refuse a form that another site's page sends: nobody logs in here, so its origin is all that tells them apart.

    Raises:
        Refusal: 403.

    """
    if request.headers.get("Origin") != context.base_url():
        raise refusals.invalid_access()


def way_back() -> str:
    """Return the page from which a form was sent, the home page where it names none of this forum."""
    path = context.params().text("back") or "/"
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
