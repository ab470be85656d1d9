"""The practice forum as a WSGI application (routes, one transaction a request, headers), and serving it over HTTP."""

from __future__ import annotations

import json
import logging
import signal
import socket
import threading
import time
import uuid
from copy import copy
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from waitress import create_server
from waitress.wasyncore import close_all, loop
from werkzeug.exceptions import HTTPException

from sync_worker.practice_forum import lcm, pages
from sync_worker.practice_forum.api import (
    admin_users,
    categories,
    context,
    group_members,
    groups,
    invites,
    keys,
    plugins,
    post_actions,
    posts,
    recent,
    revisions,
    search,
    site,
    staff,
    topic_reads,
    topics,
    user_activity,
    users,
    web_hooks,
)
from sync_worker.practice_forum.dialects import RECORDED
from sync_worker.practice_forum.json.dialect_answers import spoken
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.forum import FaultLayer, Forum, KilledError
from sync_worker.practice_forum.server.options import LOOPBACK, ForumOptions
from sync_worker.practice_forum.server.requests import PathLayer, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self


JSON_TYPE = "application/json; charset=utf-8"
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-permitted-cross-domain-policies": "none",
    "referrer-policy": "strict-origin-when-cross-origin",
}
_FROM_CONTROLLERS = {"x-frame-options": "SAMEORIGIN", "x-xss-protection": "0"}
_OPEN_TO_ALL = ("session/", "site/basic_info", "invites/")
_WITHOUT_DISCOURSE = ("forums/", "practice/")
_WITH_NOT_FOUND_PAGE = ("topics/show", "categories/find_by_slug")
_TITLES = {
    requests.NOT_FOUND: "Oops! That page doesn’t exist or is private.",
    requests.INVALID_ACCESS: "Oops! That page is private.",
}
_ANSWERED_APART = ("uploads/create", "admin/users/destroy")  # by a thread of their own, without cache-control
_WRITABLE_WHEN_READ_ONLY = ("admin/backups/readonly",)


class _DiscourseJson(DefaultJSONProvider):
    """Writes JSON as Discourse sends it: compact, UTF-8, with the charset in the content type."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        kwargs = {"ensure_ascii": False, "separators": (",", ":"), **kwargs}
        return json.dumps(obj, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        value = self._prepare_response_obj(args, kwargs)
        return Response(self.dumps(value), content_type=JSON_TYPE)


class _ForumApp(Flask):
    """Wraps every request into one transaction, committed before the answer leaves."""

    json_provider_class = _DiscourseJson

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a route; endpoints are Discourse's actions, and several functions may serve one action."""
        if endpoint is not None:
            name, number = endpoint, 2
            while self.view_functions.get(endpoint, view_func) is not view_func:
                endpoint, number = f"{name}#{number}", number + 1
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)

    def full_dispatch_request(self) -> Response:
        with self.extensions["forum"].database.session() as session:
            g.session = session
            return super().full_dispatch_request()


def create_app(database: Path | str, *, options: ForumOptions | None = None) -> Flask:
    """Return a practice forum on `database` (a file, made where absent, or `:memory:`).

    `app.extensions["forum"]` is the `Forum`; call its `close()` when done.
    """
    options = options or ForumOptions()
    app = copy(_application(plugin=options.plugin))
    faults = FaultLayer(app.wsgi_app, options.faults, options.fault_seed)
    app.extensions = {"forum": Forum(database, options), "faults": faults}
    app.wsgi_app = PathLayer(faults)  # type: ignore[method-assign]
    return app


@cache
def _application(*, plugin: bool) -> _ForumApp:
    """Return the application that forums are copies of; compiling its routes is what takes longest."""
    app = _ForumApp("practice_forum", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(Refusal, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(KilledError, _leave_to_fault_layer)
    app.register_error_handler(Exception, _refuse_crash)
    register(app, plugin=plugin)
    return app


def _before() -> Response | None:
    g.started = time.perf_counter()
    context.forum().clock.follow(request.headers.get("Practice-Forum-Now"))
    over = context.limit_address()
    if over is not None:
        return _address_over_limit(*over)
    route = context.route_name()
    if route is None or route.startswith(_WITHOUT_DISCOURSE):
        return None
    _let_staff_pass(route)
    g.route = route
    writes = request.method not in ("GET", "HEAD") and route not in _WRITABLE_WHEN_READ_ONLY
    if writes and context.forum().read_only:
        raise requests.read_only()
    return _require_login(route)


def _let_staff_pass(route: str) -> None:
    """Authenticate; the router hides administration from everybody else, bad keys included."""
    hidden = hidden_from_others(request.path, route)
    try:
        context.authenticate()
    except Refusal as refusal:
        if hidden and refusal.status == 403:
            raise requests.no_route() from None
        raise
    caller = context.user()
    if hidden and (caller is None or not (caller.admin if hidden == "admin" else caller.staff)):
        raise requests.no_route()


_ADMINS_ONLY = (
    "/admin/api/",
    "/admin/backups/",
    "/admin/plugins/",
    "/admin/site_settings",
    "/admin/users/sync_sso",
)
_ADMINS_ONLY_ROUTES = (
    "admin/groups/destroy",
    "groups/add_members",
    "groups/remove_member",
    "admin/users/log_out",
    "admin/users/add_group",
    "admin/users/remove_group",
)


def hidden_from_others(path: str, route: str) -> str | None:
    """Who must call for the path to exist at all: `admin`, `staff`, or None for anybody."""
    if path.startswith("/tag_groups"):
        return "staff"
    if not path.startswith("/admin/"):
        return None
    return "admin" if path.startswith(_ADMINS_ONLY) or route in _ADMINS_ONLY_ROUTES else "staff"


def _require_login(route: str) -> Response | None:
    if context.user() is not None or route.startswith(_OPEN_TO_ALL):
        return None
    if not context.settings().flag("login_required"):
        return None
    if context.wants_json() or request.method != "GET":
        raise requests.not_logged_in()
    answer = Response("", 302, content_type="text/html; charset=utf-8")
    answer.headers["location"] = f"{context.base_url()}/login"
    return answer


def _address_over_limit(code: str, wait: int) -> Response:
    text = f"Slow down, you're making too many requests.\nPlease retry again in {wait} seconds.\nError code: {code}.\n"
    answer = Response(text, 429, content_type="text/plain")
    answer.headers["retry-after"] = str(wait)
    answer.headers["discourse-rate-limit-error-code"] = code
    g.bare = True
    return answer


def _after(answer: Response) -> Response:
    if g.get("bare"):
        return answer
    _speak(answer)
    answer.headers.extend(_ALWAYS)
    answer.headers["x-request-id"] = str(uuid.uuid4())
    answer.headers["x-runtime"] = f"{time.perf_counter() - g.get('started', time.perf_counter()):.6f}"
    if request.environ.get("forum.by_accept"):
        answer.headers["vary"] = "Accept"
    if g.get("outside_controllers"):
        if not context.wants_json():
            answer.headers["x-xss-protection"] = "0"
        return answer
    answer.headers.extend(_FROM_CONTROLLERS)
    route = g.get("route")
    if route:
        if _unindexed(route):
            answer.headers["x-robots-tag"] = "noindex"
        if caller := context.user():
            answer.headers["x-discourse-username"] = caller.username
        answer.headers["x-discourse-route"] = route
        if not g.get("raised"):
            _add_success_headers(answer)
    return answer


def _speak(answer: Response) -> None:
    """Give a success in the forum's dialect; what is not Discourse's own is the same in all."""
    dialect, route = context.forum().dialect, g.get("route")
    if dialect.name == RECORDED or not (answer.is_json and answer.status_code < 300):
        return
    if not route or route.startswith("lcm"):
        return
    body = json.loads(answer.get_data())
    answer.set_data(_DiscourseJson.dumps(_JSON, spoken(body, dialect, route, context.session())))


def _unindexed(route: str) -> bool:
    """Whether the answer asks search engines to stay away: profiles always, groups where they are shown."""
    return route == "users/show" or (
        route.startswith("groups/") and request.method == "GET" and not g.get("raised", False)
    )


def _add_success_headers(answer: Response) -> None:
    if g.route not in _ANSWERED_APART:
        answer.headers.setdefault("cache-control", "no-cache, no-store")
    if context.settings().flag("login_required"):
        answer.headers["discourse-no-onebox"] = "1"
    if g.get("was_read_only", context.forum().read_only):
        answer.headers["discourse-readonly"] = "true"


def _refuse(refusal: Refusal) -> Response:
    context.session().rollback()
    g.raised = refusal.kind is not None
    g.outside_controllers = refusal.kind in ("leaked", "no_route")
    if refusal.kind == "leaked":
        g.route = None
    if refusal.body is None:
        return Response("", refusal.status, content_type="text/plain; charset=utf-8", headers=refusal.headers)
    if not context.wants_json() and request.method == "GET" and refusal.kind != "rate_limit":
        return _refuse_with_page(refusal)
    body = dict(refusal.body)
    if refusal.kind in ("not_found", "invalid_access") and context.route_name() in _WITH_NOT_FOUND_PAGE:
        html = error_fragment(_TITLES.get(refusal.message, refusal.message))
        body["extras"] = {"title": "Page Not Found", "html": html, "group": None}
    text = _DiscourseJson.dumps(_JSON, body)
    return Response(text, refusal.status, content_type=JSON_TYPE, headers=refusal.headers)


def _refuse_with_page(refusal: Refusal) -> Response:
    if refusal.message == requests.INVALID_CREDENTIALS:
        return Response(refusal.message, refusal.status, content_type="text/plain; charset=utf-8")
    return Response(error_page(refusal.message), refusal.status, content_type="text/html; charset=utf-8")


_JSON = _DiscourseJson(Flask("json", static_folder=None))


def _refuse_http(error: HTTPException) -> Response:
    if error.code in (404, 405, 308):
        return _refuse(requests.no_route())
    return _refuse(requests.bad_request() if error.code == 400 else requests.crash())


def _refuse_crash(error: Exception) -> Response:
    context.forum().log.error("the practice forum failed at %s %s", request.method, request.path, exc_info=error)
    return _refuse(requests.crash())


def _leave_to_fault_layer(error: Exception) -> Response:
    return Response(status=502)


def error_fragment(message: str) -> str:
    """Return what an error answer carries as `extras.html`, to be put into a page."""
    return f'<div class="page-not-found">\n  <h1 class="title">{escape(message)}</h1>\n</div>\n'


def error_page(message: str) -> str:
    """Return a whole HTML page with the message."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Page Not Found</title></head>\n'
        f'<body><div class="page-not-found"><h1 class="title">{escape(message)}</h1>'
        "<p>This is a practice forum.</p></div></body>\n</html>\n"
    )


_RESOURCES = (
    *(admin_users, categories, group_members, groups, invites, keys, user_activity, plugins, post_actions, posts),
    *(recent, revisions, search, site, staff, users, topic_reads, topics, web_hooks),
)


def register(app: Flask, *, plugin: bool) -> None:
    """Add the blueprint of every resource to the application; with the plugin, its own as well."""
    for resource in _RESOURCES:
        app.register_blueprint(resource.blueprint)
    app.register_blueprint(plugins.explorer_blueprint)
    pages.register(app, plugin=plugin)
    if plugin:
        lcm.register(app)


# Serving a practice forum over HTTP, in the foreground or in a thread.


_THREADS = 4


class ForumServer:
    """A practice forum that listens; port 0 takes a free one. A context manager that serves in a thread."""

    def __init__(
        self,
        database: Path | str,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        options: ForumOptions | None = None,
    ) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.app = create_app(database, options=options)
        self.forum: Forum = self.app.extensions["forum"]
        address = socket.gethostbyname(host)
        self._server = create_server(
            self.app,
            host=address,
            port=port,
            threads=_THREADS,
            clear_untrusted_proxy_headers=False,
            ident="practice-forum",
            max_request_body_size=64 * 1024 * 1024,
        )
        self.port = int(self._server.effective_port)
        self.url = f"http://{host}:{self.port}"
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._pulled = threading.Event()

    def run(self) -> None:
        """Serve until the process is asked to end (or `stop` is called from another thread), then clean up."""
        sockets = self._server._map
        try:
            while not self._ending.is_set():
                loop(timeout=1.0, use_poll=True, map=sockets, count=1)
        except KeyboardInterrupt:
            self._ending.set()
        finally:
            if self._thread is not None:
                # Any other pull may have woken the loop for `stop`, which must not then write into a closed trigger.
                self._pulled.wait(timeout=10)
            self._server.task_dispatcher.shutdown()
            close_all(sockets, ignore_all=True)
            self.forum.close()

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.run, name="practice-forum", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what `start` began, and wait for it."""
        if self._thread is not None:
            self._server.trigger.pull_trigger(self._ending.set)
            self._pulled.set()
            self._thread.join(timeout=10)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    host: str,
    port: int,
    database: Path | str,
    *,
    options: ForumOptions | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a practice forum until SIGTERM or Ctrl-C.

    Args:
        host: address to listen on; loopback unless the forum is to be seen from elsewhere (it has no login).
        port: 0 takes a free one.
        database: the SQLite file, made where absent, or `:memory:`.
        options: how the forum is to behave.
        ready: called with the forum's address once it listens.

    """
    server = ForumServer(database, host=host, port=port, options=options)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    if ready is not None:
        ready(server.url)
    server.run()


def _end(*_: object) -> None:
    raise SystemExit(0)
