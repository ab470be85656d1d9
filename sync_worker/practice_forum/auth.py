"""Who calls: API keys, the users they act for, their scopes, and the limits on them."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import g, request
from sqlalchemy import bindparam, select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.api_scopes import allows
from sync_worker.practice_forum.params import as_text, to_i
from sync_worker.practice_forum.tables import ApiKey, ApiKeyScope, SsoRecord, User

if TYPE_CHECKING:
    from sync_worker.practice_forum.limits import SlidingWindow

_KEY_AND_SCOPES = (
    select(ApiKey, ApiKeyScope)
    .outerjoin(ApiKeyScope, ApiKeyScope.api_key_id == ApiKey.id)
    .where(ApiKey.key_hash == bindparam("hash"), ApiKey.revoked_at.is_(None))
)


def hash_key(key: str) -> str:
    """Return the form in which keys are kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def authenticate() -> None:
    """Set the request's user and key from its headers.

    Raises:
        Refusal: 403 for a bad key, user or scope; 429 where the site's admin keys have used up their minute.

    """
    g.user = None
    secret = request.headers.get("Api-Key")
    if secret is None:
        return
    rows = context.session().execute(_KEY_AND_SCOPES, {"hash": hash_key(secret)}).all()
    if not rows:
        raise refusals.invalid_credentials()
    key = rows[0][0]
    scopes = [row[1] for row in rows if row[1] is not None]
    if not allows(key, scopes, route_name(), request.method, _given()):
        raise refusals.invalid_credentials()
    user = _acting_user(key)
    if user is None:
        raise refusals.invalid_credentials()
    now = context.now()
    if user.suspended(now) or not user.active:
        raise refusals.invalid_access()
    _count_admin_call()
    g.user, g.api_key = user, key
    if key.last_used_at is None or now - key.last_used_at >= timedelta(minutes=1):
        key.last_used_at = now


def _given() -> dict[str, str]:
    """The parameters that a scope can be pinned to: those of the path, the query and a form."""
    path = {("id" if name == "group_id" else name): str(value) for name, value in (request.view_args or {}).items()}
    sent = {
        name: as_text(value) for name, value in context.params().tree.items() if not isinstance(value, (dict, list))
    }
    return {**sent, **path}


def _acting_user(key: ApiKey) -> User | None:
    session = context.session()
    username = request.headers.get("Api-Username")
    if key.user_id is not None:
        owner = session.get(User, key.user_id)
        matches = owner is not None and (username is None or username.lower() == owner.username_lower)
        return owner if matches else None
    if username is not None:
        return people.by_username(session, username)
    if user_id := request.headers.get("Api-User-Id"):
        return session.get(User, to_i(user_id))
    if external_id := request.headers.get("Api-User-External-Id"):
        holder = select(SsoRecord.user_id).where(SsoRecord.external_id == external_id)
        return session.scalar(select(User).where(User.id == holder.scalar_subquery()))
    return None


def _count_admin_call() -> None:
    window = context.forum().admin_window
    wait = window.enter() if window is not None else None
    if wait is not None:
        raise refusals.rate_limited(wait, "admin_api_key_rate_limit")
    for counted in g.get("address_windows", ()):
        counted.take_back()


def route_name() -> str | None:
    """The `controller/action` of the matched route, None where no route matched.

    Endpoints are named so; where several functions serve one action, what follows a `#` tells them apart.
    """
    return action_of(request.endpoint) if request.endpoint else None


def action_of(endpoint: str) -> str:
    """Return the `controller/action` that an endpoint is named after."""
    return endpoint.rpartition(".")[2].partition("#")[0]


def limit_address() -> tuple[str, int] | None:
    """Count the call against its client address; the limiter's code and the seconds to wait where it is over.

    Only public addresses are limited, and only a proxy's X-Forwarded-For can name one here.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").partition(",")[0].strip()
    if not forwarded or not context.forum().options.ip_limits or not _public(forwarded):
        return None
    short, long = context.forum().address_limits(forwarded)
    g.address_windows = (short, long)
    codes: list[tuple[SlidingWindow, str]] = [(short, "ip_10_secs_limit"), (long, "ip_60_secs_limit")]
    for window, code in codes:
        wait = window.enter()
        if wait is not None:
            return code, wait
    return None


def _public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    local = parsed.is_loopback or parsed.is_link_local
    return not local and not any(parsed in network for network in _PRIVATE if network.version == parsed.version)


_PRIVATE = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
