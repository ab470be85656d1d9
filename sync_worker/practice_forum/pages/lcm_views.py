"""The plugin's pages, simple ones: the desk, a person's choices, the administrators' console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.pages import lcm_reading
from sync_worker.practice_forum.pages.render import forbid_scripts, render_page, set_viewer
from sync_worker.practice_forum.pages.views import require_admin_viewer
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import PAGES
from sync_worker.practice_forum.tables import Group

if TYPE_CHECKING:
    from typing import Any

blueprint = Blueprint("lcm_pages", __name__, url_prefix=PAGES)
blueprint.before_request(set_viewer)
blueprint.after_request(forbid_scripts)
CONSOLE = "/admin/plugins/discourse-lcm"


@blueprint.get("/groups/<name>/lcm", endpoint="discourse_lcm/desks/page")
def desk(name: str) -> str:
    """Show a cohort's desk to its LCMs and to staff."""
    group = context.session().scalar(select(Group).where(Group.name_lower == name.lower()))
    cohort = lcm_reading.cohort_of_group(group.id) if group is not None else None
    if cohort is None or not lcm_reading.may_lead(cohort):
        raise refusals.not_found()
    return render_page("desk", group=group, desk=lcm_reading.desk(cohort))


@blueprint.get("/u/<username>/preferences/lcm", endpoint="discourse_lcm/preferences/page")
def preferences(username: str) -> str:
    """Show people what they allow, and about which posts they were asked."""
    found, viewer = people.by_username(context.session(), username), context.user()
    if found is None or viewer is None or viewer.id != found.id:
        raise refusals.not_found()
    return render_page("preferences", choices=lcm_reading.choices(), questions=lcm_reading.questions())


@blueprint.get(CONSOLE, endpoint="discourse_lcm/admin/page")
@blueprint.get(f"{CONSOLE}/playbooks", endpoint="discourse_lcm/admin/page")
@blueprint.get(f"{CONSOLE}/runs", endpoint="discourse_lcm/admin/page")
@blueprint.get(f"{CONSOLE}/health", endpoint="discourse_lcm/admin/page")
def console() -> str:
    """Show administrators cohorts with their calendars, runs, and the workers."""
    require_admin_viewer()
    return render_page("console", console=lcm_reading.console(), console_path=CONSOLE)


@blueprint.get(f"{CONSOLE}/runs/<run_id>", endpoint="discourse_lcm/admin/run_page")
def run(run_id: str) -> str:
    """Show one run: its lines, and what would be posted where it is a preview."""
    require_admin_viewer()
    found = lcm_reading.run(run_id)
    if found is None:
        raise refusals.not_found()
    previews = [{**one, "cooked": _cooked(one)} for one in found.body.get("previews") or []]
    return render_page("run", run=found, previews=previews, console_path=CONSOLE)


def _cooked(preview: dict[str, Any]) -> str:
    return cook_post(context.session(), preview["raw"], context.require_user(), None, context.base_url())
