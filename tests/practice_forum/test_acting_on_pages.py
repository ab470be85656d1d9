"""What a person can do on the practice forum's pages: sign up, write, change a setting, and decide as an LCM does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from tests.conftest import PracticeForum
from tests.practice_forum.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


def test_groups_stand_in_a_setting_by_name_and_are_kept_as_discourse_keeps_them(
    forum: PracticeForum, person: Person
) -> None:
    page = person.open("/admin/site_settings?filter=personal_message_enabled_groups")
    field = page.select_one("input[name=value]")
    assert field["value"] == "admins|moderators|trust_level_1"
    form = page.select_one("form[action*=settings\\/]")
    assert person.send(form, value=f"{field['value']}|Spring-27| spring-27-lcm").ok
    shown = forum.get("/admin/site_settings.json?names=personal_message_enabled_groups")["site_settings"]
    numbers = [forum.get(f"/groups/{name}.json")["group"]["id"] for name in ("spring-27", "spring-27-lcm")]
    assert shown[-1]["value"] == "|".join(str(number) for number in (1, 2, 11, *numbers))

    refused = person.send(form, value="admins|spring-72")
    assert refused.status_code == 422
    assert "No group is named spring-72;" in refused.text


def test_only_administrators_see_and_change_settings_and_the_console(forum: PracticeForum, person: Person) -> None:
    person.open("/?as=ana")
    assert person.status("/admin/site_settings") == 404
    assert person.status("/admin/plugins/discourse-lcm") == 404
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
    reply = BeautifulSoup(person.http.get(sent.url, timeout=30).text, "html.parser").select_one("form.write")
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
    assert data == {"nudges": True, "quoting": False, "pairing": True, "changed": ["quoting"]}


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


def open_topic(forum: PracticeForum, author: str, title: str = "How we shortened the hand-over") -> dict[str, int]:
    """Open a topic in the cohort's category; return its first post."""
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    raw = {"title": title, "raw": f"It took twenty minutes, now seven: {title}.", "category": category}
    post: dict[str, int] = forum.call("POST", "/posts.json", as_user=author, json=raw).json()
    return post


def test_an_lcm_marks_a_post_as_practice_and_story_and_the_topic_as_blocker(
    forum: PracticeForum, person: Person
) -> None:
    post = open_topic(forum, "ana")
    path = f"/t/{post['topic_id']}"
    person.open("/?as=marta")
    actions = [
        ("article form", "practice", "mark_practice", str(post["id"])),
        ("article form", "spotlight", "spotlight", str(post["id"])),
        ("section.box form", "blocker", "open_blocker", str(post["topic_id"])),
        ("section.box form", "solved", "solve_blocker", str(post["topic_id"])),
        ("section.box form", "no-practice", "unmark_practice", str(post["id"])),
    ]
    for selector, action, _, _ in actions:
        form = person.open(path).select_one(selector)
        button = form.select_one(f"button[formaction$='/{action}']")
        if button is not None:
            form["action"] = button["formaction"]
        assert form["action"].endswith(f"/{action}")
        assert person.send(form).ok
    assert work_of(forum) == [(kind, subject, "marta") for _, _, kind, subject in actions]


def test_only_lcms_have_a_topics_menu_and_only_in_a_cohorts_category(forum: PracticeForum, person: Person) -> None:
    post = open_topic(forum, "ana")
    person.open("/?as=ana")
    assert person.open(f"/t/{post['topic_id']}").select("article form, #menu-title") == []
    person.open("/?as=forumadmin")
    elsewhere = forum.get("/latest.json")["topic_list"]["topics"]
    assert person.open(f"/t/{post['topic_id']}").select("#menu-title")
    (welcome,) = [topic["id"] for topic in elsewhere if topic["title"].startswith("Welcome")]
    assert person.open(f"/t/{welcome}").select("article form, #menu-title") == []


@pytest.mark.parametrize(("day", "words"), [("2027-03-01", "past"), ("2099-03-01", "to come")])
def test_the_box_shows_the_last_prompt_also_one_that_was_run_ahead_of_its_time(
    forum: PracticeForum, person: Person, day: str, words: str
) -> None:
    post = open_topic(forum, "marta")
    entry = {"at": f"{day}T09:00:00Z", "play": "prompt", "step": "weekly", "title": words, "state": "done"}
    other = entry | {"at": "2027-03-02T09:00:00Z", "play": "topic", "step": "welcome"}
    desk = {"as_of": "2027-03-05T09:00:00Z", "calendar": [other, entry | {"topic_id": post["topic_id"]}]}
    published = forum.call("PUT", "/lcm/cohorts/spring-27/desk.json", json=desk)
    assert published.ok, published.text
    person.open("/?as=ana")
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    assert person.open(f"/c/spring-27/{category}").select_one(".box a").text == "How we shortened the hand-over"


def test_the_box_shows_what_is_due_and_begins_next_and_the_plan_that_was_asked_for(
    forum: PracticeForum, person: Person
) -> None:
    topics = {}
    for name in ("task", "later-task", "plan", "old-plan", "talk", "talk-of-old"):
        topics[name] = open_topic(forum, "forumadmin", title=f"This is the topic of the {name}")["topic_id"]
    answer = {"topic_id": topics["plan"], "raw": "When the shift ends on Thursday, I will read the list aloud."}
    assert forum.call("POST", "/posts.json", as_user="ana", json=answer).ok

    def entry(day: str, play: str, name: str, due: str | None = None) -> dict[str, object]:
        found = {"at": f"{day}T09:00:00Z", "play": play, "step": name, "title": name, "state": "done"}
        return found | {"topic_id": topics[name]} | ({"due": f"{due}T17:00:00Z"} if due else {})

    calendar = [
        entry("2027-03-01", "commitment", "old-plan"),
        entry("2027-03-02", "commitment", "plan"),
        entry("2027-03-02", "assignment", "later-task", "2097-03-08"),
        entry("2027-03-03", "assignment", "task", "2096-03-08"),
        entry("2027-03-03", "session", "talk", "2096-07-09"),
        entry("2027-03-04", "session", "talk-of-old", "2017-03-09"),
    ]
    desk = {"as_of": "2027-03-05T09:00:00Z", "calendar": calendar}
    published = forum.call("PUT", "/lcm/cohorts/spring-27/desk.json", json=desk)
    assert published.ok, published.text
    person.open("/?as=ana")
    category = forum.get("/c/spring-27/find_by_slug.json")["category"]["id"]
    box = person.open(f"/c/spring-27/{category}").select_one(".box")
    assert [" ".join(line.text.split()) for line in box.select("p")] == [
        "Assignment: This is the topic of the task, due 2096-03-08 17:00You have not answered yet.",
        "Your plan: This is the topic of the planYou have answered.",
        "Next session: This is the topic of the talk, begins 2096-07-09 18:00",
    ]


def test_the_box_names_partners_who_are_in_the_cohort(forum: PracticeForum, person: Person) -> None:
    ana, marta = (forum.get(f"/u/{name}.json")["user"]["id"] for name in ("ana", "marta"))
    counted = dict.fromkeys(("posts", "replies_given", "replies_received", "likes_given", "likes_received"), 0)
    row = {"user_id": ana, "weeks": [0, 0, 0, 0], **counted, "partners": [marta]}
    desk = {"as_of": "2027-03-05T09:00:00Z", "learners": [row]}
    assert forum.call("PUT", "/lcm/cohorts/spring-27/desk.json", json=desk).ok
    person.open("/?as=ana")
    page = f"/c/spring-27/{forum.get('/c/spring-27/find_by_slug.json')['category']['id']}"
    assert "Marta" not in person.open(page).select_one(".box").text
    group = forum.get("/groups/spring-27.json")["group"]["id"]
    assert forum.call("PUT", f"/groups/{group}/members.json", json={"usernames": "marta"}).ok
    assert "Marta" in person.open(page).select_one(".box").text


def test_a_pin_is_described_in_words(forum: PracticeForum, person: Person) -> None:
    post = open_topic(forum, "marta")
    for enabled in ("true", "false"):
        answer = forum.call("PUT", f"/t/{post['topic_id']}/status.json", json={"status": "pinned", "enabled": enabled})
        assert answer.ok, answer.text
    actions = [line.text.partition(",")[0] for line in person.open(f"/t/{post['topic_id']}").select("p.action")]
    assert actions == ["Pinned by forumadmin", "Unpinned by forumadmin"]


def test_the_console_says_when_the_next_occurrence_is_due_in_words(forum: PracticeForum, person: Person) -> None:
    beat = {"worker": "w1", "version": "0.1.0", "work_taken": 0, "next_at": "2027-03-01T09:00:00+00:00"}
    assert forum.call("PUT", "/lcm/heartbeat.json", json=beat).ok
    shown = person.open("/admin/plugins/discourse-lcm").select_one("#health + p").text
    assert "next occurrence 1 Mar 2027, 09:00" in shown
