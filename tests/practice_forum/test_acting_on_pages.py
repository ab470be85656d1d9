"""What a person can do on the practice forum's pages: sign up, write, change a setting, and decide as an LCM does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.serving import ForumServer
from tests.conftest import PracticeForum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bs4 import Tag

COHORT = {
    "name": "Leading teams",
    "start": "2027-03-01",
    "end": "2027-05-28",
    "timezone": "Europe/Lisbon",
    "locale": "en",
    "playbook": "first-steps",
    "group": {"name": "spring-27", "full_name": "Leading teams"},
    "lcm_group": {"name": "spring-27-lcm", "full_name": "Leading teams (LCM)"},
    "category": {"name": "Leading teams", "slug": "spring-27"},
}


class Person:
    """Somebody with a browser that sends forms as browsers do: with their origin."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def status(self, path: str) -> int:
        """Open a page and return the status of the answer."""
        return self.http.get(urljoin(self.url, path), timeout=30).status_code

    def open(self, path: str, status: int = 200) -> BeautifulSoup:
        """Open a page."""
        answer = self.http.get(urljoin(self.url, path), timeout=30)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "lxml")

    def send(self, form: Tag, button: tuple[str, str] | None = None, **typed: str) -> requests.Response:
        """Fill a form in, press a button, and follow to where it leads."""
        fields: dict[str, str] = {}
        for field in form.select("input[name], textarea[name], select[name]"):
            if field.get("type") == "checkbox" and not field.has_attr("checked"):
                continue
            chosen = field.select_one("option[selected], option") if field.name == "select" else None
            value = (
                chosen.get("value", chosen.text)
                if chosen
                else field.text
                if field.name == "textarea"
                else field["value"]
                if field.has_attr("value")
                else ""
            )
            fields[str(field["name"])] = str(value)
        fields |= typed
        if button:
            fields[button[0]] = button[1]
        kept = {name: value for name, value in fields.items() if value != "(unticked)"}
        return self.http.post(
            urljoin(self.url, str(form["action"])), data=kept, headers={"Origin": self.url}, timeout=30
        )


@pytest.fixture
def forum(tmp_path: Path) -> Iterator[PracticeForum]:
    """A practice forum with the plugin, a declared cohort, its LCM marta and its learner ana."""
    with ForumServer(tmp_path / "forum.db", options=ForumOptions(plugin=True)) as server:
        made = PracticeForum(server, DEFAULT_KEY)
        made.add_users("marta", "ana")
        assert made.call("PUT", "/lcm/cohorts/spring-27.json", json=COHORT).ok
        for group, name in (("spring-27", "ana"), ("spring-27-lcm", "marta")):
            number = made.get(f"/groups/{group}.json")["group"]["id"]
            assert made.call("PUT", f"/groups/{number}/members.json", json={"usernames": name}).ok
        yield made
        made.client.close()


@pytest.fixture
def person(forum: PracticeForum) -> Iterator[Person]:
    """Somebody who looks as the administrator until they say otherwise."""
    found = Person(forum.url)
    yield found
    found.http.close()


def work_of(forum: PracticeForum) -> list[tuple[str, str, str]]:
    """Return what waits for the worker: kind, subject, by whom."""
    return [(item["kind"], item["subject"], item["by"]["username"]) for item in forum.get("/lcm/work.json")["work"]]


def publish_draft(forum: PracticeForum) -> None:
    draft = {
        "key": "lcm-spring-27-consent-1",
        "kind": "message",
        "title": "May I show your post?",
        "raw": "Your post on hand-overs helped three people.",
        "reason": "three people liked it",
        "recipients": ["ana"],
        "created_at": "2027-03-05T09:00:00Z",
    }
    published = forum.call(
        "PUT", "/lcm/cohorts/spring-27/desk.json", json={"as_of": draft["created_at"], "drafts": [draft]}
    )
    assert published.ok, published.text


def test_a_visitor_signs_up_and_looks_at_the_forum_as_the_new_account(forum: PracticeForum, person: Person) -> None:
    form = person.open("/signup").select_one("form.write")
    assert person.send(form, name="Rui Costa", username="rui", email="rui@example.org").ok
    assert person.open("/").select_one("#as")["value"] == "rui"
    account = forum.get("/admin/users/list/all.json?email=rui@example.org")[0]
    assert (account["username"], account["active"]) == ("rui", True)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"username": "ana", "email": "new@example.org"}, "Username must be unique."),
        ({"username": "rui", "email": "ana@example.org"}, "The e-mail address has already been taken."),
        ({"username": "rui", "email": "no address"}, "The e-mail address is invalid."),
        ({"username": "a", "email": "new@example.org"}, "Username must be at least 3 characters"),
        ({"username": "admin", "email": "new@example.org"}, "Username is not allowed."),
    ],
)
def test_a_sign_up_that_the_forum_refuses_says_why_and_makes_nothing(
    forum: PracticeForum, person: Person, typed: dict[str, str], reason: str
) -> None:
    before = len(forum.get("/admin/users/list/all.json"))
    refused = person.send(person.open("/signup").select_one("form.write"), **typed)
    assert refused.status_code == 422
    assert reason in refused.text
    assert len(forum.get("/admin/users/list/all.json")) == before


def test_an_administrator_changes_a_setting_that_the_check_names(forum: PracticeForum, person: Person) -> None:
    page = person.open("/admin/site_settings?filter=enable_category_group_moderation")
    assert len(page.select("tbody tr")) == 1
    assert person.send(page.select_one("form[action*=settings\\/]"), value="true").ok
    shown = forum.get("/admin/site_settings.json?names=enable_category_group_moderation")["site_settings"]
    assert {row["setting"]: row["value"] for row in shown}["enable_category_group_moderation"] == "true"


def test_a_value_that_a_setting_does_not_take_is_refused_in_words(forum: PracticeForum, person: Person) -> None:
    page = person.open("/admin/site_settings?filter=min_topic_title_length")
    refused = person.send(page.select_one("form[action*=settings\\/]"), value="0")
    assert refused.status_code == 422
    assert "Value must be between" in refused.text


def test_only_administrators_see_and_change_settings_and_the_console(forum: PracticeForum, person: Person) -> None:
    person.open("/?as=ana")
    person.open("/admin/site_settings", status=404)
    person.open("/admin/plugins/discourse-lcm", status=404)
    address = f"{forum.url}/practice/forms/settings/title"
    refused = person.http.post(address, data={"value": "Mine"}, headers={"Origin": forum.url}, timeout=30)
    assert refused.status_code == 422
    assert "Discourse" in str(forum.get("/admin/site_settings.json?names=title"))


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null"])
def test_a_form_from_another_site_is_refused(forum: PracticeForum, person: Person, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    for form, data in (
        ("signup", {"username": "eve", "email": "eve@example.org"}),
        ("settings/title", {"value": "Mine"}),
        ("lcm/requests", {"kind": "run_playbook", "cohort": "spring-27"}),
    ):
        address = f"{forum.url}/practice/forms/{form}"
        assert person.http.post(address, data=data, headers=headers, timeout=30).status_code == 422
    assert work_of(forum) == []
    assert forum.call("GET", "/u/eve.json").status_code == 404


def test_a_form_leads_back_to_this_forum_only(forum: PracticeForum, person: Person) -> None:
    page = person.open("/admin/site_settings?filter=title_prettify")
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        fields = {"value": "true", "back": back}
        answer = person.http.post(
            urljoin(forum.url, str(page.select_one("form[action*=settings\\/]")["action"])),
            data=fields,
            headers={"Origin": forum.url},
            timeout=30,
            allow_redirects=False,
        )
        assert answer.headers["location"] == "/"


def test_a_learner_opens_a_topic_and_another_replies(forum: PracticeForum, person: Person) -> None:
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    person.open("/?as=ana")
    page = person.open(f"/c/spring-27/{category}")
    sent = person.send(
        page.select_one("form.write"), title="How do you hand over at night?", raw="Our two shifts never meet."
    )
    assert sent.ok
    assert "How do you hand over at night?" in sent.text
    person.open("/?as=marta")
    reply = BeautifulSoup(person.http.get(sent.url, timeout=30).text, "lxml").select_one("form.write")
    assert "One page on the door" in person.send(reply, raw="One page on the door, read aloud.").text


def test_a_text_that_discourse_refuses_is_refused_with_its_words(forum: PracticeForum, person: Person) -> None:
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    person.open("/?as=ana")
    form = person.open(f"/c/spring-27/{category}").select_one("form.write")
    refused = person.send(form, title="Short", raw="Too short")
    assert refused.status_code == 422
    assert "Title is too short" in refused.text


def test_an_lcm_edits_and_approves_a_draft_on_the_desk(forum: PracticeForum, person: Person) -> None:
    publish_draft(forum)
    person.open("/?as=marta")
    form = person.open("/g/spring-27/lcm").select_one("form[action*=drafts]")
    assert person.send(form, ("decision", "approve"), raw="Your post on hand-overs helped four people.").ok
    assert work_of(forum) == [("approve_draft", "lcm-spring-27-consent-1", "marta")]
    item = forum.get("/lcm/work.json")["work"][0]
    assert item["data"]["raw"] == "Your post on hand-overs helped four people."
    assert "approved" in person.open("/g/spring-27/lcm").text


def test_a_draft_is_rejected_only_with_a_reason(forum: PracticeForum, person: Person) -> None:
    publish_draft(forum)
    person.open("/?as=marta")
    form = person.open("/g/spring-27/lcm").select_one("form[action*=drafts]")
    assert person.send(form, ("decision", "reject")).status_code == 422
    assert work_of(forum) == []
    assert person.send(form, ("decision", "reject"), reason="too early").ok
    assert work_of(forum) == [("reject_draft", "lcm-spring-27-consent-1", "marta")]


def test_the_desk_is_for_lcms_and_staff_only(forum: PracticeForum, person: Person) -> None:
    assert person.status("/g/spring-27/lcm") == 200
    for name in ("ana", "-"):
        person.open(f"/?as={name}")
        assert person.status("/g/spring-27/lcm") == 404


def test_a_learner_saves_choices_and_the_worker_hears_of_them(forum: PracticeForum, person: Person) -> None:
    person.open("/?as=ana")
    form = person.open("/u/ana/preferences/lcm").select_one("form[action$=preferences]")
    assert person.send(form, quoting="(unticked)").ok
    page = person.open("/u/ana/preferences/lcm")
    assert [box["name"] for box in page.select("input[type=checkbox]") if box.has_attr("checked")] == [
        "nudges",
        "pairing",
    ]
    data = forum.get("/lcm/work.json")["work"][0]["data"]
    assert data == {"nudges": True, "quoting": False, "pairing": True}


def test_nobody_sees_the_choices_of_somebody_else(person: Person) -> None:
    assert person.status("/u/ana/preferences/lcm") == 404


def test_an_author_answers_with_one_click_in_the_message_that_asks(forum: PracticeForum, person: Person) -> None:
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    opening = {
        "title": "How we shortened the hand-over",
        "raw": "It took twenty minutes, now seven.",
        "category": category,
    }
    post = forum.call("POST", "/posts.json", as_user="ana", json=opening).json()
    asking = {
        "title": "May I show your post to everybody?",
        "raw": "It would be shown to the whole cohort.",
        "target_recipients": "ana",
        "archetype": "private_message",
    }
    message = forum.call("POST", "/posts.json", json=asking).json()
    story = {
        "post_id": post["id"],
        "title": "A shorter hand-over",
        "evidence": [],
        "state": "asked",
        "message_topic_id": message["topic_id"],
    }
    publication = {"as_of": "2027-03-05T09:00:00Z", "stories": [story]}
    assert forum.call("PUT", "/lcm/cohorts/spring-27/desk.json", json=publication).ok
    person.open("/?as=ana")
    form = person.open(f"/t/{message['topic_id']}").select_one("form[action$=consent]")
    assert "You said yes." in person.send(form, ("answer", "yes")).text
    assert work_of(forum) == [("consent", str(post["id"]), "ana")]
    person.open("/?as=marta")
    assert person.open(f"/t/{post['topic_id']}").select_one("form[action$=consent]") is None


def test_an_administrator_asks_for_a_preview_a_pause_and_a_shift(forum: PracticeForum, person: Person) -> None:
    form = person.open("/admin/plugins/discourse-lcm").select_one("form[action$=requests]")
    assert person.send(form, ("kind", "preview_playbook")).ok
    assert person.send(form, ("kind", "pause_cohort"), until="2027-04-01").ok
    assert person.send(form, ("kind", "shift_cohort"), days="7").ok
    assert person.send(form, ("kind", "shift_cohort")).status_code == 422
    items = forum.get("/lcm/work.json")["work"]
    assert [item["kind"] for item in items] == ["preview_playbook", "pause_cohort", "shift_cohort"]
    assert items[1]["data"] == {"until": "2027-04-01T00:00:00Z"}
    assert items[2]["data"] == {"days": 7}


def test_a_run_shows_its_lines_and_what_would_be_posted_without_running_anything(
    forum: PracticeForum, person: Person
) -> None:
    report = {
        "kind": "preview",
        "cohort": "spring-27",
        "state": "done",
        "started_at": "2027-03-05T09:00:00Z",
        "summary": "welcome, 2027-03-01 09:00",
        "lines": [{"number": 1, "at": "2027-03-05T09:00:00Z", "level": "info", "text": "<b>drafted</b>"}],
        "previews": [
            {"kind": "topic", "title": "Welcome", "raw": "Hello <script>alert(1)</script> *all*", "reason": "due"}
        ],
    }
    assert forum.call("PUT", "/lcm/runs/abc.json", json=report).ok
    assert "welcome, 2027-03-01 09:00" in person.open("/admin/plugins/discourse-lcm").text
    page = person.open("/admin/plugins/discourse-lcm/runs/abc")
    assert page.select("script, ol b") == []
    assert page.select_one(".cooked em").text == "all"


def test_the_console_says_when_a_worker_fell_silent(forum: PracticeForum, person: Person) -> None:
    assert "No worker has reported yet" in person.open("/admin/plugins/discourse-lcm").text
    assert forum.call("PUT", "/lcm/heartbeat.json", json={"worker": "w1", "version": "0.1.0", "work_taken": 0}).ok
    assert "silent" not in person.open("/admin/plugins/discourse-lcm").select_one("#health + p").text
    now = forum.server.forum.clock.now()
    forum.set_clock(now.replace(year=now.year + 1))
    assert "silent" in person.open("/admin/plugins/discourse-lcm").select_one("#health + p").text
