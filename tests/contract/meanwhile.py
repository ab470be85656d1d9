"""What happened between recorded calls without being recorded: known from the ids and texts of later answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.contract.recorded import Client, PracticeClock

Step = Callable[[Client, PracticeClock], None]


def _paging_topics(client: Client, clock: PracticeClock) -> None:
    for number in range(70):
        clock.pass_by(timedelta(milliseconds=100))
        text = "This is the opening post of another topic, long enough for the default limits of the forum."
        title = f"Numbered topic for paging number {number:03d}"
        _done(client.call("POST", "/posts.json", title=title, raw=f"{text} page {number}", category="5"))


def _long_stream(client: Client, clock: PracticeClock) -> None:
    for number in range(60):
        clock.pass_by(timedelta(milliseconds=80))
        text = f"Reply number {number} in the long stream of posts, for the chunks."
        _done(client.call("POST", "/posts.json", topic_id="118", raw=text))


def _hook_user(client: Client, number: int) -> None:
    name = f"hookuser{number}" if number > 1 else "hookuser"
    user = {"email": f"{name}@example.org", "username": name, "name": "Hook User", "active": "true"}
    _done(client.call("POST", "/users.json", password="a-long-enough-password-1", approved="true", **user))
    _done(client.call("PUT", "/groups/41/members.json", usernames=name))
    _done(client.call("DELETE", "/groups/41/members.json", usernames=name))


def _first_two_rounds_of_hooks(client: Client, clock: PracticeClock) -> None:
    openings = ("A topic that fires the webhooks of the forum", "A second topic that fires the webhooks")
    for round_number, title in enumerate(openings, start=1):
        clock.pass_by(timedelta(seconds=1))
        first = client.call(
            "POST", "/posts.json", title=title, raw=f"This is the opening post of round {round_number}.", category="5"
        )
        _done(first)
        _rest_of_a_round(client, str(first.json["topic_id"]), round_number)


def _rest_of_a_round(client: Client, topic_id: str, number: int) -> None:
    _done(client.call("POST", "/posts.json", topic_id=topic_id, raw=f"This is a reply of round {number} as well."))
    _done(client.call("PUT", f"/t/{topic_id}/status.json", status="closed", enabled="true"))
    _hook_user(client, number)


def _rest_of_the_third_round(client: Client, clock: PracticeClock) -> None:
    clock.pass_by(timedelta(milliseconds=200))
    _rest_of_a_round(client, "123", 3)


def _room_to_look_at(client: Client, _clock: PracticeClock) -> None:
    form = {"permissions[helpers]": "1", "permissions[everyone]": "3"}
    colors = {"color": "0088CC", "text_color": "FFFFFF"}
    _done(client.call("POST", "/categories.json", name="Read Only Room", **colors, **form))


def _twice_at_once(client: Client, _clock: PracticeClock) -> None:
    raw = "This is the opening post of a further topic, long enough for the default limits of the forum. tw"
    title = "A topic posted twice at the same moment"
    _done(client.call("POST", "/posts.json", title=title, raw=raw, category="5"))


def _login_required(client: Client, _clock: PracticeClock) -> None:
    _done(client.call("PUT", "/admin/site_settings/login_required.json", login_required="true"))


def _login_optional(client: Client, _clock: PracticeClock) -> None:
    _done(client.call("PUT", "/admin/site_settings/login_required.json", login_required="false"))


def _scoped_key(client: Client, _clock: PracticeClock) -> None:
    key = {"description": "scoped", "username": "forumadmin"}
    wanted = {"key": key | {"scopes": [{"scope_id": "topics:read"}]}}
    answer = client.call("POST", "/admin/api/keys.json", json_body=wanted)
    _done(answer)
    client.keys.scoped = answer.json["key"]["key"]
    client.scoped_id = answer.json["key"]["id"]  # type: ignore[attr-defined]


def _revoke(client: Client, _clock: PracticeClock) -> None:
    _done(client.call("POST", f"/admin/api/keys/{client.scoped_id}/revoke.json"))  # type: ignore[attr-defined]


def _two_more_ids(client: Client, clock: PracticeClock) -> None:
    """One topic and one post more, and one topic's id used up."""
    clock.pass_by(timedelta(seconds=20))
    raw = "This is the opening post of a topic that nobody recorded, long enough for all limits."
    title = "A word in private that nobody recorded"
    form = {"archetype": "private_message", "target_recipients": "bulk0600", "raw": raw}
    _done(client.call("POST", "/posts.json", user="bulk0601", title=title, **form))
    again = client.call("POST", "/posts.json", user="bulk0601", title=f"{title} either", **(form | {"raw": raw * 2}))
    assert again.status == 429, again.text


def _after(seconds: int) -> Step:
    def wait(_client: Client, clock: PracticeClock) -> None:
        clock.pass_by(timedelta(seconds=seconds))

    return wait


BEFORE: dict[int, Step] = {
    449: _paging_topics,
    457: _long_stream,
    713: _first_two_rounds_of_hooks,
    601: _rest_of_the_third_round,
    658: _scoped_key,
    806: _room_to_look_at,
    820: _twice_at_once,
    828: _login_required,
    831: _login_optional,
    834: _revoke,
    835: _after(32),
    841: _after(125),
    861: _two_more_ids,
}
"""What to do before the recorded call of that number."""


def _done(answer: object) -> None:
    status = getattr(answer, "status", 0)
    assert status == 200, getattr(answer, "text", answer)
