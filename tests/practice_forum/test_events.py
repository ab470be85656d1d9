"""Events, moments and further languages on the practice forum, as Discourse and its calendar do them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.cook import CookContext, cook
from sync_worker.practice_forum.server.options import ForumOptions
from tests.contract.recorded import Answer, Client, Keys

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENT = '[event start="2026-03-09 16:00" end="2026-03-09 17:00" status="public" timezone="Europe/Paris"]\n[/event]'
TEXT = f"We meet next Monday, in the blue room.\n\n{EVENT}"


class Site:
    """A practice forum with members, and with what is switched on."""

    def __init__(self, server: ForumServer) -> None:
        self.client = Client(server.url, Keys(ForumOptions().api_key, ""))
        self.at(NOW)

    def at(self, moment: datetime) -> None:
        assert self.client.call("PUT", "/practice/clock.json", json_body={"now": moment.isoformat()}).status == 200

    def switch_on(self, *names: str) -> None:
        for name in names:
            answer = self.client.call("PUT", f"/admin/site_settings/{name}.json", **{name: "true"})
            assert answer.status == 200, answer.text

    def post(self, raw: str = TEXT, title: str = "Our first session together", **form: str) -> Answer:
        return self.client.call("POST", "/posts.json", raw=raw, title=title, category="4", **form)

    def come(self, post: Any, user: str, status: str) -> Answer:
        path = f"/discourse-post-event/events/{post['id']}/invitees.json"
        return self.client.call("POST", path, user=user, **{"invitee[status]": status})

    def invitees(self, post: Any, **form: str) -> list[tuple[str, str]]:
        query = "&".join(f"{name}={value}" for name, value in form.items())
        path = f"/discourse-post-event/events/{post['id']}/invitees.json?{query}"
        return [(one["user"]["username"], one["status"]) for one in self.client.call("GET", path).json["invitees"]]


@pytest.fixture
def site() -> Iterator[Site]:
    with ForumServer(":memory:", options=ForumOptions(bulk_users=5, now=NOW - timedelta(days=30))) as server:
        yield Site(server)


@pytest.fixture
def with_events(site: Site) -> Site:
    site.switch_on("calendar_enabled", "discourse_post_event_enabled")
    return site


def test_moments_and_events_are_cooked() -> None:
    assert cook('At [date=2026-03-09 time=16:00:00 timezone="Europe/Paris"], in room 4.', context=CookContext()) == (
        '<p>At <span class="discourse-local-date" data-date="2026-03-09" data-time="16:00:00" '
        'data-timezone="Europe/Paris">2026-03-09T16:00:00 (Europe/Paris)</span>, in room 4.</p>'
    )
    both = cook("[date-range from=2026-03-09T16:00:00 to=2026-03-09T17:00:00 timezone=UTC]", context=CookContext())
    assert both.count("discourse-local-date") == 2
    assert 'data-range="to"' in both
    assert cook(EVENT, context=CookContext()).startswith('<div class="discourse-post-event" data-start="2026-03-09 16')


def test_people_say_whether_they_come_and_may_change_their_minds(with_events: Site) -> None:
    post = with_events.post().json
    for user, status in (("bulk0002", "going"), ("bulk0001", "not_going"), ("bulk0001", "going")):
        assert with_events.come(post, user, status).status == 200
    with_events.come(post, "bulk0003", "interested")
    assert with_events.invitees(post) == [
        ("bulk0001", "going"),
        ("bulk0002", "going"),
        ("bulk0003", "interested"),
    ]
    assert with_events.invitees(post, type="interested") == [("bulk0003", "interested")]
    with_events.at(NOW + timedelta(days=20))
    assert with_events.come(post, "bulk0004", "going").status == 403


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (f"{TEXT}\n\n{EVENT}", "only have one event"),
        (TEXT.replace("2026-03-09 17:00", "2026-03-09 15:00"), "end before it starts"),
        (TEXT.replace("2026-03-09 16:00", "soon"), "start date is required"),
        (TEXT.replace("Europe/Paris", "Paris/Texas"), "not a valid timezone"),
    ],
)
def test_an_event_that_does_not_hold_up_is_refused(with_events: Site, raw: str, says: str) -> None:
    answer = with_events.post(raw)
    assert answer.status == 422
    assert says in answer.json["errors"][0]


def test_without_the_calendar_nobody_can_answer(site: Site) -> None:
    post = site.post().json
    assert site.come(post, "bulk0001", "going").status == 404


def localize(site: Site, post: Any, raw: str, user: str = "forumadmin") -> int:
    form = {"post_id": str(post["id"]), "locale": "fr", "raw": raw}
    return site.client.call("POST", "/post_localizations/create_or_update.json", user=user, **form).status


def test_a_further_language_is_added_once_and_replaced_after_that(site: Site) -> None:
    post = site.post("We meet next Monday, in the blue room.", locale="en").json
    assert localize(site, post, "On se voit lundi, salle bleue.") == 403
    site.switch_on("content_localization_enabled")
    assert localize(site, post, "On se voit lundi, salle bleue.", user="bulk0001") == 403
    assert localize(site, post, "On se voit mardi, salle bleue.") == 201
    assert localize(site, post, "On se voit lundi, salle bleue.") == 200
    form = {"topic_id": str(post["topic_id"]), "locale": "fr", "title": "Notre première séance"}
    assert site.client.call("POST", "/topic_localizations/create_or_update.json", **form).status == 201
    [found] = site.client.call("GET", f"/post_localizations/{post['id']}.json").json["post_localizations"]
    assert (found["locale"], found["raw"], found["topic_localization"]["title"]) == (
        "fr",
        "On se voit lundi, salle bleue.",
        "Notre première séance",
    )
    assert site.client.call("GET", "/post_localizations/999999.json").status == 404
