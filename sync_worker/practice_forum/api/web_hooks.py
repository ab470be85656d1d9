"""Administration of webhooks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import Refusal
from sync_worker.practice_forum.server.webhooks import EVENT_TYPES
from sync_worker.practice_forum.tables import WebHook

blueprint = Blueprint("web_hooks", __name__)

SHORTEST_SECRET = 12
DISABLED, INACTIVE, FAILED, SUCCESSFUL = 4, 1, 2, 3
NAMES = {number: (name, kind) for kind, names in EVENT_TYPES.items() for name, number in names.items()}


@blueprint.get("/admin/api/web_hooks", endpoint="admin/web_hooks/index")
def index() -> dict[str, Any]:
    """All hooks, and the events that there are."""
    hooks = context.session().scalars(select(WebHook).order_by(WebHook.id)).all()
    kinds = {
        kind: [{"id": number, "name": name, "group": kind} for name, number in names.items()]
        for kind, names in EVENT_TYPES.items()
    }
    return {
        "web_hooks": [_hook(hook) for hook in hooks],
        "extras": {"categories": [], "grouped_event_types": kinds},
        "total_rows_web_hooks": len(hooks),
        "load_more_web_hooks": "/admin/api/web_hooks.json?limit=50&offset=50",
    }


@blueprint.post("/admin/api/web_hooks", endpoint="admin/web_hooks/create")
def create() -> dict[str, Any]:
    """Make a hook."""
    given = context.params().section("web_hook")
    secret, url = given.text("secret") or "", (given.text("payload_url") or "").strip()
    if secret and len(secret) < SHORTEST_SECRET:
        raise _refused(f"Secret is too short (minimum is {SHORTEST_SECRET} characters)")
    if not url.startswith(("http://", "https://")):
        raise _refused("Payload url is invalid")
    types = [int(number) for number in given.items("web_hook_event_type_ids") if int(number) in NAMES]
    everything = given.flag("wildcard_web_hook")
    if not types and not everything:
        raise _refused("Web hook event types can't be blank")
    hook = WebHook(
        payload_url=url, secret=secret, active=given.flag("active"), event_type_ids=list(NAMES) if everything else types
    )
    context.session().add(hook)
    context.forum().webhooks.reload(context.session())
    return {"web_hook": _hook(hook)}


@blueprint.post("/admin/api/web_hooks/<int:number>/ping", endpoint="admin/web_hooks/ping")
def ping(number: int) -> dict[str, str]:
    """Send a test to a hook."""
    context.forum().webhooks.ping(_found(number))
    return {"success": "OK"}


@blueprint.delete("/admin/api/web_hooks/<int:number>", endpoint="admin/web_hooks/destroy")
def destroy(number: int) -> dict[str, str]:
    """Delete a hook."""
    context.session().delete(_found(number))
    context.forum().webhooks.reload(context.session())
    return {"success": "OK"}


def _found(number: int) -> WebHook:
    hook = context.session().get(WebHook, number)
    if hook is None:
        raise requests.not_found()
    return hook


def _hook(hook: WebHook) -> dict[str, Any]:
    status = context.forum().webhooks.delivered.get(hook.id)
    last = INACTIVE if status is None else SUCCESSFUL if status // 100 == 2 else FAILED
    return {
        "id": hook.id,
        "payload_url": hook.payload_url,
        "content_type": 1,
        "last_delivery_status": last if hook.active else DISABLED,
        "secret": hook.secret,
        "wildcard_web_hook": False,
        "verify_certificate": True,
        "active": hook.active,
        "category_ids": [],
        "tag_names": [],
        "group_ids": [],
        "web_hook_event_types": [
            {"id": number, "name": NAMES[number][0], "group": NAMES[number][1]} for number in hook.event_type_ids
        ],
    }


def _refused(text: str) -> Refusal:
    return Refusal(422, {"errors": [text]})
