"""Neither logs nor errors show the key, e-mail addresses or what people wrote."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from sync_worker.errors import LcmError
from sync_worker.forum import Forum
from sync_worker.http import redact
from tests.forum.conftest import HASTY

EMAIL = "ana.silva+forum@example.org"
BODY = "My employer does not know this yet."


@pytest.mark.parametrize("read_timeout", [HASTY])
def test_no_log_or_error_shows_key_address_or_text(
    forum: Forum, scripted: Any, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    leak = f"key {key}, mail <b>{EMAIL}</b>"
    refusals = [
        scripted.reply({"errors": [leak], "error_type": leak}, 422),
        scripted.reply({"failed": "FAILED", "message": leak}, 403),
        scripted.reply(leak, 429, {"Retry-After": "1"}, content_type="text/plain"),
        scripted.reply(f"<title>{leak}</title>{leak}", 502, content_type="text/html"),
        scripted.reply("", 302, {"Location": f"https://x.example/login?mail={EMAIL}&key={key}"}),
        scripted.reply(f'{{"errors": ["{leak}', 200),
        scripted.reply(fault="close"),
        scripted.reply(fault="slow"),
        scripted.reply([{"id": leak}]),
    ]
    texts = []
    attempts = (
        (("GET", "/u/ana.json"), lambda: forum.user("ana")),
        (("GET", "/admin/users/list/active.json"), lambda: list(forum.users())),
        (("POST", "/posts.json"), lambda: forum.reply(5, BODY)),
        (("PUT", "/groups/41/members.json"), lambda: forum.add_members(41, [7])),
        (("POST", "/admin/groups.json"), lambda: forum.create_group("bakers", BODY)),
    )
    for route, attempt in attempts:
        for refusal in refusals:
            scripted.on(*route, refusal)
            with pytest.raises(LcmError) as caught:
                attempt()
            error = caught.value
            texts += [str(error), repr(error), repr(vars(error)), repr(error.__cause__)]
    texts += [record.getMessage() for record in caplog.records] + [caplog.text]
    texts += [repr(forum), repr(vars(forum)), str(forum.calls.by_operation)]
    assert len(caplog.records) > len(refusals)
    for text in texts:
        assert key not in text
        assert EMAIL not in text.replace("%40", "@").replace("%2B", "+")
        assert "@example.org" not in text
        assert BODY not in text


def test_an_address_is_never_looked_up_as_a_username(forum: Forum, scripted: Any) -> None:
    assert forum.user(EMAIL) is None
    assert scripted.calls == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bob@example.org", "[e-mail]"),
        ("no need to invite <b>bob@example.org</b>, they are here", "no need to invite [e-mail], they are here"),
        ("/u/bob%40example.org.json", "/u/[e-mail]"),
        ("mail=bob@example.org&key=abc123", "mail=[e-mail]&key=[key]"),
        ("two\nlines", "two lines"),
        ("x" * 400, "x" * 300 + "..."),
    ],
)
def test_texts_are_made_fit_to_be_shown(text: str, shown: str) -> None:
    assert redact(text, "abc123") == shown
