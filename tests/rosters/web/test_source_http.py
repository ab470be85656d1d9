"""Speaking to a source: what is repeated, how long is waited, what is refused, and where no token goes."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
from flask import Flask, jsonify, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from sync_worker.errors import ConfigError, SourceError
from sync_worker.rosters.web_answers import linked_pages, same_origin
from sync_worker.rosters.web_session import Pace, RefusedCallError, SourceSession, read_token
from tests.rosters.web.loopback import Loopback, broken_off, content, header, status

TOKEN = "s3cret-token"
EPOCH = datetime(2027, 3, 1, 9, tzinfo=UTC).timestamp()


def list_of_numbers() -> Flask:
    """Return a service with a list of nine numbers in pages of `size`."""
    app = Flask(__name__)

    @app.get("/list")
    def listed() -> Any:
        start, size = int(request.args.get("from", 0)), int(request.args.get("size", 4))
        response = jsonify(list(range(start, min(9, start + size))))
        if start + size < 9:
            response.headers["Link"] = f'</list?from={start + size}&size={size}>; rel="next", </list>; rel="first"'
        return response

    return app


@pytest.fixture
def source() -> Iterator[Loopback]:
    """The service on loopback."""
    with Loopback(list_of_numbers()) as server:
        yield server


def session(slept: list[float] | None = None, **more: Any) -> SourceSession:
    """Return a session with a token that never sleeps."""
    pace = Pace(sleep=(slept if slept is not None else []).append, clock=lambda: EPOCH)
    return SourceSession(lambda: {"Authorization": f"Bearer {TOKEN}"}, secrets=[TOKEN], pace=pace, **more)


def numbers(server: Loopback, size: int = 4, **more: Any) -> list[int]:
    """Read the whole list."""
    pages = linked_pages(session(**more).get, f"{server.url}/list", [("size", str(size))])
    return [number for page in pages for number in page.json]


@pytest.mark.parametrize("size", [1, 2, 4, 8, 9, 50])
def test_links_lead_through_pages_of_any_size(source: Loopback, size: int) -> None:
    assert numbers(source, size) == list(range(9))


def test_a_link_to_another_host_is_refused_and_the_token_stays(source: Loopback) -> None:
    with Loopback(list_of_numbers()) as other:
        source.fault = header("Link", lambda r: f'<{other.url}/list?from=4>; rel="next"')
        with pytest.raises(SourceError, match="leads to another host"):
            numbers(source)
        assert other.seen == []


@pytest.mark.parametrize("link", ["//evil.example.org/x", "https://127.0.0.1/list", "ftp://127.0.0.1/x"])
def test_so_is_a_link_to_another_scheme_or_port(source: Loopback, link: str) -> None:
    source.fault = header("Link", lambda r: f'<{link}>; rel="next"')
    with pytest.raises(SourceError, match="leads to another host"):
        numbers(source)


@pytest.mark.parametrize("link", ["http://[", "http://127.0.0.1:99999/x"])
def test_a_link_that_is_no_address_is_told(source: Loopback, link: str) -> None:
    source.fault = header("Link", lambda r: f'<{link}>; rel="next"')
    with pytest.raises(SourceError, match="is not a valid URL"):
        numbers(source)


def test_a_redirect_is_not_followed(source: Loopback) -> None:
    with Loopback(list_of_numbers()) as other:
        source.fault = status(302, Location=f"{other.url}/list?token=x")
        with pytest.raises(SourceError, match="redirects to another address") as caught:
            numbers(source)
        assert other.seen == []
    assert "token=x" not in str(caught.value)


class Nowhere(BaseHTTPRequestHandler):
    """Redirects to what is no address, which no framework would send; the path ends with the status."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Location", "http://[")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("code", [300, 302, 304])
def test_a_redirect_to_nowhere_is_told(code: int) -> None:
    with HTTPServer(("127.0.0.1", 0), Nowhere) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(SourceError, match=r"redirects to another address .* an invalid URL"):
            session().get(f"http://127.0.0.1:{server.server_port}/list/{code}")


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_a_busy_source_is_asked_again_with_growing_pauses(source: Loopback, code: int) -> None:
    slept: list[float] = []
    source.fault = status(code)
    with pytest.raises(RefusedCallError) as caught:
        session(slept).get(f"{source.url}/list")
    assert (caught.value.status, slept, len(source.seen)) == (code, [1.0, 4.0, 16.0], 4)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 500, 501])
def test_a_refusal_is_final(source: Loopback, code: int) -> None:
    source.fault = status(code)
    with pytest.raises(RefusedCallError):
        session().get(f"{source.url}/list")
    assert len(source.seen) == 1


def test_what_might_have_done_something_is_sent_once(source: Loopback) -> None:
    source.fault = status(503)
    with pytest.raises(SourceError):
        session().ask("POST", f"{source.url}/list", harmless=False, data={})
    assert len(source.seen) == 1


@pytest.mark.parametrize(
    ("asked", "slept"),
    [
        ("7", [7.0]),
        ("120", [120.0]),
        ("Mon, 01 Mar 2027 09:00:30 GMT", [30.0]),
        ("Mon, 01 Mar 2027 08:00:00 GMT", [0.0]),
        ("soon", [1.0]),
        ("-5", [1.0]),
        ("\u00b2", [1.0]),
    ],
)
def test_a_wait_that_is_asked_for_is_kept(source: Loopback, asked: str, slept: list[float]) -> None:
    naps: list[float] = []
    source.fault = status(429, times=1, Retry_After=asked)
    session(naps).get(f"{source.url}/list")
    assert naps == slept


@pytest.mark.parametrize("asked", ["121", "86400", "Tue, 02 Mar 2027 09:00:00 GMT"])
def test_a_wait_that_is_too_long_is_left_for_the_next_run(source: Loopback, asked: str) -> None:
    naps: list[float] = []
    source.fault = status(429, Retry_After=asked)
    with pytest.raises(RefusedCallError, match="429"):
        session(naps).get(f"{source.url}/list")
    assert naps == []


def test_a_connection_that_breaks_once_is_mended(source: Loopback) -> None:
    fault = broken_off()
    fault.times = 1
    source.fault = fault
    assert numbers(source) == list(range(9))


def test_an_answer_that_never_ends_is_cut(source: Loopback) -> None:
    source.fault = content(b"[" + b"1," * 5_000)
    with pytest.raises(SourceError, match="larger than 4 kB"):
        session(max_bytes=4096).get(f"{source.url}/list")


def test_a_source_that_is_not_there_is_told_apart() -> None:
    with Loopback(list_of_numbers()) as gone:
        url = gone.url
    slept: list[float] = []
    with pytest.raises(SourceError, match="refuses connections") as caught:
        session(slept).get(f"{url}/list?secret=1")
    assert caught.value.where == f"{url}/list"
    assert len(slept) == 3


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("", "text/plain", "text/plain, not JSON"),
        ("<html>", "text/html", "text/html, not JSON"),
        ('{"a": ', "application/json", "is truncated or is not valid JSON"),
        ("[" * 100_000, "application/json", "is truncated or is not valid JSON"),
        (b"\xff\xfe", "application/json", "not JSON"),
    ],
)
def test_what_is_not_json_is_told_by_what_it_is(source: Loopback, body: Any, kind: str, says: str) -> None:
    source.fault = content(body, kind)
    with pytest.raises(SourceError, match=says):
        session().get(f"{source.url}/list")


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "%s"}]}',
        '{"message": "%s"}',
        '{"detail": "%s"}',
        '{"error": "invalid_client", "error_description": "%s"}',
        '{"errors": {"message": "%s"}}',
        "%s",
    ],
)
def test_the_sources_own_words_are_in_the_message_without_secrets_and_addresses(source: Loopback, body: str) -> None:
    source.fault = status(403, body % f"ana@x.org may not {TOKEN}")
    with pytest.raises(RefusedCallError) as caught:
        session().get(f"{source.url}/list")
    assert "[e-mail] may not [secret]" in caught.value.what


@given(
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a.org", "A.org", "b.org"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
)
def test_origins_are_compared_as_browsers_do(scheme: str, host: str, port: str) -> None:
    url = f"{scheme}://{host}{port}/x?y#z"
    assert same_origin(url, url)
    same = host.lower() == "a.org" and (scheme, port) in {("https", ""), ("https", ":443")}
    assert same_origin("https://a.org/other", url) is same


@pytest.mark.parametrize("written", ["", "  ", "two words", "tok\u00e9n", "line\nbreak"])
def test_what_is_no_token_is_not_sent(written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_token("THE_TOKEN", None, {"THE_TOKEN": written}, "Make one.")
    assert "THE_TOKEN" in str(caught.value)
    assert written.strip() == "" or written.strip() not in str(caught.value)


def test_a_token_may_stand_in_a_file(tmp_path: Any) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    assert read_token("THE_TOKEN", file, {"THE_TOKEN": "other"}, "Make one.") == TOKEN
    file.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_token(None, file, {}, "Make one.")


def test_an_authority_of_ones_own_is_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = make_server("localhost", 0, list_of_numbers(), threaded=True, ssl_context=context)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        url = f"https://localhost:{server.server_port}/list"
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        with pytest.raises(SourceError, match="certificate is not accepted") as raised:
            session().get(url, [])
        assert raised.value.do is not None
        assert "REQUESTS_CA_BUNDLE" in raised.value.do
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        assert session().get(url, []).json == [0, 1, 2, 3]
    finally:
        server.shutdown()
        thread.join(timeout=60)
        server.server_close()
