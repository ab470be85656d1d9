"""The pages of somebody without an account, and of administrators: sign-up and site settings."""

from __future__ import annotations

from flask import Blueprint

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.pages.render import forbid_scripts, render_page
from sync_worker.practice_forum.pages.viewer import set_viewer
from sync_worker.practice_forum.paths import PAGES
from sync_worker.practice_forum.setting_defaults import DEFAULTS

blueprint = Blueprint("admin_pages", __name__, url_prefix=PAGES)
blueprint.before_request(set_viewer)
blueprint.after_request(forbid_scripts)


@blueprint.get("/signup", endpoint="static/signup")
def sign_up() -> str:
    """Show the form that makes an account."""
    return render_page("signup")


@blueprint.get("/admin/site_settings", endpoint="admin/site_settings/page")
@blueprint.get("/admin/site_settings/category/<_category>", endpoint="admin/site_settings/page")
def site_settings(_category: str = "") -> str:
    """Show every setting that the practice forum knows, or those whose name holds the filter's words.

    Raises:
        Refusal: 404 for everybody but administrators.

    """
    require_admin_viewer()
    wanted = (context.params().text("filter") or "").strip().lower().replace(" ", "_")
    values = context.settings()
    shown = [
        (setting, values.text(setting.name))
        for setting in sorted(DEFAULTS.values(), key=lambda setting: setting.name)
        if not setting.hidden and wanted in setting.name
    ]
    return render_page("site_settings", settings=shown, filter=wanted)


def require_admin_viewer() -> None:
    """Hide a page from everybody but administrators.

    Raises:
        Refusal: 404.

    """
    viewer = context.user()
    if viewer is None or not viewer.admin:
        raise refusals.not_found()
