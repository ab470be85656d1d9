"""The practice forum keeps the plugin's contract; every call here is validated against `openapi.yaml`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lcm import contract
from tests.lcm.conftest import COHORT

PAGES_OF_PEOPLE = {"showBox", "showConsole", "showRun"}
WORKER = [one for one in contract.operations() if one.tag == "worker"]
NOW = "2027-03-10T09:00:00Z"


def everything_published(post_id: int, topic_id: int, user_id: int) -> dict[str, Any]:
    fact = {"text": "Two people tried it", "post_id": post_id, "url": f"/t/{topic_id}"}
    return {
        "as_of": NOW,
        "calendar": [{"at": NOW, "step": "welcome", "play": "topic", "title": "Welcome", "state": "done"}],
        "learners": [
            {
                "user_id": user_id,
                "weeks": [0, 1, 2, 0],
                "posts": 3,
                "replies_given": 1,
                "replies_received": 2,
                "likes_given": 0,
                "likes_received": 1,
                "needs_hand": True,
                "reasons": [fact],
            }
        ],
        "drafts": [
            {
                "key": "draft-1",
                "kind": "message",
                "title": "Hello",
                "raw": "A draft.",
                "reason": "why",
                "created_at": NOW,
            }
        ],
        "stories": [{"post_id": post_id, "title": "It worked", "evidence": [fact]}],
        "blockers": [{"topic_id": topic_id, "question": "How?", "since": NOW}],
        "practices": [{"post_id": post_id, "title": "Ask first", "evidence": [fact]}],
    }


@pytest.fixture
def desk(cohort: Any) -> Any:
    """A cohort with a published desk: one row in every section, about a topic of ana's."""
    post = cohort.post("ana", "How do I begin a hand-over?")
    ana = cohort.forum.get("/u/ana.json")["user"]["id"]
    cohort.ask("PUT", "/lcm/cohorts/spring-27/desk.json", everything_published(post["id"], post["topic_id"], ana))
    cohort.opening, cohort.ana = post, ana
    return cohort


def kinds_of_work(site: Any) -> list[str]:
    return [item["kind"] for item in site.ask("GET", "/lcm/work.json")["work"]]


def test_a_forum_without_the_plugin_knows_none_of_its_paths(practice_forum: Any) -> None:
    assert practice_forum.call("GET", "/lcm/status.json").status_code == 404
    assert practice_forum.call("PUT", "/lcm/heartbeat.json", json={}).status_code == 404


def test_the_status_names_version_contract_and_features(site: Any) -> None:
    status = site.ask("GET", "/lcm/status.json")
    assert status["contract"].partition(".")[0] == contract.description()["info"]["version"].partition(".")[0]
    assert "members" in status["features"]


def test_declaring_makes_groups_and_category_once(site: Any) -> None:
    first, second = site.declare(), site.declare()
    assert [change.partition(" ")[0] for change in first["changes"]] == ["made"] * 3
    assert second["changes"] == []
    assert second["cohort"] == first["cohort"]
    assert first["cohort"]["category"]["permissions"] == {"spring-27": 1, "spring-27-lcm": 1, "staff": 1}
    assert first["cohort"]["category"]["moderated"]


def test_an_archived_cohort_may_only_read(site: Any) -> None:
    site.declare()
    archived = site.declare(category={"name": "Spring 2027", "slug": "spring-27", "archived": True})
    assert archived["cohort"]["category"]["permissions"]["spring-27"] == 3


def test_what_is_missing_is_not_made_when_told_so(site: Any) -> None:
    answer = site.call("PUT", "/lcm/cohorts/none.json", {**_declaration(), "create": False})
    assert (answer.status_code, answer.json()["errors"]) == (422, ["There is no group spring-27."])


def test_a_category_of_somebody_else_is_taken_over_only_when_told_so(site: Any) -> None:
    site.forum.call("POST", "/categories.json", json={"name": "Spring 2027", "slug": "spring-27"})
    assert site.call("PUT", "/lcm/cohorts/spring-27.json", _declaration()).status_code == 422
    assert "changed the category spring-27" in site.declare(adopt=True)["changes"]


def test_forgetting_a_cohort_leaves_its_groups(cohort: Any) -> None:
    assert cohort.call("DELETE", "/lcm/cohorts/spring-27.json").status_code == 204
    assert cohort.ask("GET", "/lcm/cohorts.json")["cohorts"] == []
    assert cohort.forum.call("GET", "/groups/spring-27.json").status_code == 200


def test_looking_finds_people_by_each_identifier_and_shows_who_is_there(cohort: Any) -> None:
    people = [
        {"ref": "a", "email": "ANA@example.org"},
        {"ref": "b", "username": "Ben"},
        {"ref": "c", "email": "nobody@example.org"},
        {"ref": "d", "email": "cai@example.org", "username": "ben"},
    ]
    seen = cohort.ask("POST", "/lcm/cohorts/spring-27/members.json", {"people": people})
    found = {row["ref"]: (row["account"]["username"], row["by"]) for row in seen["found"]}
    assert found == {"a": ("ana", "email"), "b": ("ben", "username")}
    assert seen["unknown"] == ["c"]
    ambiguous = {row["account"]["username"] for row in seen["ambiguous"][0]["accounts"]}
    assert ambiguous == {"cai", "ben"}
    assert [row["username"] for row in seen["members"]] == ["ana", "ben", "lea"]
    assert [row["username"] for row in seen["lcm_members"]] == ["lea"]


def test_looking_with_the_present_digest_says_that_nothing_changed(cohort: Any) -> None:
    digest = cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"]
    seen = cohort.ask("POST", "/lcm/cohorts/spring-27/members.json", {"people": [], "digest": digest})
    assert seen == {"unchanged": True, "digest": digest}


def test_a_cohort_that_is_not_declared_is_looked_for_by_its_names(cohort: Any) -> None:
    path = "/lcm/cohorts/autumn/members.json"
    assert cohort.call("POST", path, {"people": []}).status_code == 404
    nowhere = {"group": "autumn", "lcm_group": "autumn-lcm", "category_slug": "autumn"}
    seen = cohort.ask("POST", path, {"people": [{"ref": "a", "username": "ana"}], "named": nowhere})
    assert (seen["cohort"]["group"], seen["cohort"]["category"], seen["members"]) == (None, None, [])
    assert [row["account"]["username"] for row in seen["found"]] == ["ana"]
    there = {"group": "spring-27", "lcm_group": "autumn-lcm", "category_slug": "spring-27"}
    seen = cohort.ask("POST", path, {"people": [], "named": there})
    assert seen["cohort"]["category"]["slug"] == "spring-27"
    assert [row["username"] for row in seen["members"]] == ["ana", "ben", "lea"]
    assert [row["key"] for row in cohort.ask("GET", "/lcm/cohorts.json")["cohorts"]] == ["spring-27"]


def test_a_change_is_done_once_however_often_it_is_sent(cohort: Any) -> None:
    cai = cohort.forum.get("/u/cai.json")["user"]["id"]
    change = {"change": "one", "group": {"add": [cai, 999_999]}}
    first = cohort.ask("PUT", "/lcm/cohorts/spring-27/members.json", change)
    assert first["group"]["added"] == [cai]
    assert first["group"]["skipped"] == [{"user_id": 999_999, "reason": "unknown_user"}]
    cohort.forum.call("DELETE", f"/groups/{_group_id(cohort)}/members.json", json={"usernames": "cai"})
    assert cohort.ask("PUT", "/lcm/cohorts/spring-27/members.json", change) == first
    seen = cohort.ask("POST", "/lcm/cohorts/spring-27/members.json", {"people": []})
    assert "cai" not in [row["username"] for row in seen["members"]]


def test_a_change_that_was_taken_back_since_is_done_again_for_a_caller_who_saw_that(cohort: Any) -> None:
    path, cai = "/lcm/cohorts/spring-27/members.json", cohort.forum.get("/u/cai.json")["user"]["id"]
    before = cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"]
    change = {"change": "one", "expect": before, "group": {"add": [cai]}}
    first = cohort.ask("PUT", path, change)
    assert first["digest"] != before
    assert cohort.ask("PUT", path, change) == first
    cohort.forum.call("DELETE", f"/groups/{_group_id(cohort)}/members.json", json={"usernames": "cai"})
    assert cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"] == before
    assert cohort.ask("PUT", path, change)["digest"] == first["digest"]
    seen = cohort.ask("POST", path, {"people": []})
    assert "cai" in [row["username"] for row in seen["members"]]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(cohort: Any) -> None:
    before = cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"]
    ana = cohort.forum.get("/u/ana.json")["user"]["id"]
    change = {"change": "dry", "dry_run": True, "group": {"remove": [ana], "add_owners": [ana]}}
    answer = cohort.ask("PUT", "/lcm/cohorts/spring-27/members.json", change)
    assert (answer["group"]["removed"], answer["group"]["owners_added"]) == ([ana], [ana])
    assert cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"] == before


def test_a_change_planned_against_another_state_is_refused(cohort: Any) -> None:
    change = {"change": "late", "expect": "something else", "group": {}}
    assert cohort.call("PUT", "/lcm/cohorts/spring-27/members.json", change).status_code == 409


def test_the_digest_changes_with_members_and_owners(cohort: Any) -> None:
    ana = cohort.forum.get("/u/ana.json")["user"]["id"]
    digests = {cohort.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["digest"]}
    for number, part in enumerate(({"add_owners": [ana]}, {"remove_owners": [ana]}, {"remove": [ana]})):
        change = {"change": f"step-{number}", "group": part}
        digests.add(cohort.ask("PUT", "/lcm/cohorts/spring-27/members.json", change)["digest"])
    assert len(digests) == 3  # promoted and demoted again is the first state


def test_activity_comes_in_pages_of_one_stream_each(desk: Any) -> None:
    desk.forum.call(
        "POST", "/post_actions.json", as_user="ben", json={"id": desk.opening["id"], "post_action_type_id": 2}
    )
    rows = _read_all(desk, limit=1)
    assert desk.opening["id"] in [row["id"] for row in rows["posts"]]
    assert [(row["post_id"], row["author_id"]) for row in rows["likes"]] == [(desk.opening["id"], desk.ana)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 7))
def test_pages_of_any_size_give_every_post_once(cohort: Any, limit: int) -> None:
    number = len(_read_all(cohort, limit=1000)["posts"])
    cohort.post("forumadmin", f"A question of today, number {number} of them")
    ids = [row["id"] for row in _read_all(cohort, limit=limit)["posts"]]
    assert len(ids) == len(set(ids)) == number + 1


def test_reading_on_from_the_last_cursor_gives_only_what_is_new_or_changed(cohort: Any) -> None:
    first = cohort.post("ana", "A first question for everybody")
    cursor = _cursor_at_the_end(cohort)
    assert _read_all(cohort, after=cursor)["posts"] == []
    cohort.forum.set_clock(cohort.forum.server.forum.clock.now() + timedelta(minutes=1))
    second = cohort.post("ben", "A second question for everybody")
    assert cohort.forum.call("DELETE", f"/t/{first['topic_id']}.json").ok
    rows = {row["id"]: row["deleted"] for row in _read_all(cohort, after=cursor)["posts"]}
    assert rows == {first["id"]: True, second["id"]: False}


def test_a_broken_cursor_is_refused(cohort: Any) -> None:
    assert cohort.call("GET", "/lcm/cohorts/spring-27/activity.json?after=nonsense").status_code == 400


def test_publishing_a_section_replaces_it_and_leaves_the_others(desk: Any) -> None:
    answer = desk.ask("PUT", "/lcm/cohorts/spring-27/desk.json", {"as_of": NOW, "blockers": []})
    counts = answer["counts"]
    assert (counts["blockers"], counts["stories"], counts["drafts"]) == (0, 1, 1)


def test_a_row_about_something_that_is_gone_is_refused_alone(cohort: Any) -> None:
    blockers = [{"topic_id": 999_999, "question": "How?", "since": NOW}]
    answer = cohort.ask("PUT", "/lcm/cohorts/spring-27/desk.json", {"as_of": NOW, "blockers": blockers})
    assert [row["subject"] for row in answer["refused"]] == ["999999"]


def test_the_desk_is_read_whole_by_lcms_and_staff_only(desk: Any) -> None:
    read = desk.ask("GET", "/lcm/desk/spring-27.json", as_user="lea")
    assert [row["key"] for row in read["drafts"]] == ["draft-1"]
    assert {name: len(read[name]) for name in ("calendar", "learners", "blockers", "stories", "practices")} == {
        "calendar": 1,
        "learners": 1,
        "blockers": 1,
        "stories": 1,
        "practices": 1,
    }
    assert [card["username"] for card in read["lcms"]] == ["lea"]
    counters = read["counters"]
    assert (counters["need_a_hand"], counters["drafts_pending"], counters["blockers_open"]) == (1, 1, 1)
    assert desk.ask("GET", "/lcm/desk/spring-27.json") == read
    assert desk.call("GET", "/lcm/desk/spring-27.json", as_user="ana").status_code == 403


def test_an_older_publication_than_the_last_is_refused(desk: Any) -> None:
    older = {"as_of": "2027-03-09T09:00:00Z", "drafts": []}
    assert desk.send("PUT", "/lcm/cohorts/spring-27/desk.json", older).status_code == 422


def test_an_approved_draft_reaches_the_worker_as_edited_and_is_decided_once(desk: Any) -> None:
    path = "/lcm/desk/spring-27/drafts/draft-1.json"
    decided = desk.ask("PUT", path, {"decision": "approve", "raw": "Better words."}, as_user="lea")
    assert (decided["draft"]["state"], decided["draft"]["decided_by"]) == ("approved", "lea")
    work = desk.ask("GET", "/lcm/work.json")["work"][-1]
    assert (work["kind"], work["subject"], work["data"]["raw"]) == ("approve_draft", "draft-1", "Better words.")
    assert desk.call("PUT", path, {"decision": "reject", "reason": "late"}, as_user="lea").status_code == 409


def test_a_rejection_needs_a_reason(desk: Any) -> None:
    path = "/lcm/desk/spring-27/drafts/draft-1.json"
    assert desk.call("PUT", path, {"decision": "reject"}, as_user="lea").status_code == 400
    desk.ask("PUT", path, {"decision": "reject", "reason": "Ben wrote to her himself"}, as_user="lea")
    assert kinds_of_work(desk) == ["reject_draft"]


def test_a_decided_draft_is_never_pending_again(desk: Any) -> None:
    path = "/lcm/desk/spring-27/drafts/draft-1.json"
    desk.ask("PUT", path, {"decision": "approve"}, as_user="lea")
    again = everything_published(desk.opening["id"], desk.opening["topic_id"], desk.ana)
    desk.ask("PUT", "/lcm/cohorts/spring-27/desk.json", again)
    assert desk.call("PUT", path, {"decision": "approve"}, as_user="lea").status_code == 409


def test_a_sign_can_be_put_aside_dismissed_and_brought_back(desk: Any) -> None:
    path = f"/lcm/desk/spring-27/learners/{desk.ana}.json"
    assert (
        desk.call("PUT", path, {"action": "snooze", "until": "2020-01-01T00:00:00Z"}, as_user="lea").status_code == 400
    )
    row = desk.ask("PUT", path, {"action": "dismiss", "reason": "on leave"}, as_user="lea")["learner"]
    assert (row["needs_hand"], row["attention"]["reason"]) == (False, "on leave")
    assert desk.ask("PUT", path, {"action": "restore"}, as_user="lea")["learner"]["needs_hand"]
    assert kinds_of_work(desk) == ["dismiss_learner", "restore_learner"]


def test_a_blocker_gets_an_owner_of_the_cohort_and_is_solved(desk: Any) -> None:
    path = f"/lcm/desk/spring-27/blockers/{desk.opening['topic_id']}.json"
    assert desk.call("PUT", path, {"owner": "cai"}, as_user="lea").status_code == 400
    assert desk.ask("PUT", path, {"owner": "ben"}, as_user="lea")["blocker"]["owner"]["username"] == "ben"
    assert desk.ask("PUT", path, {"state": "solved"}, as_user="lea")["blocker"]["state"] == "solved"
    assert kinds_of_work(desk) == ["own_blocker", "solve_blocker"]


def test_a_story_is_shown_only_after_its_author_agreed(desk: Any) -> None:
    story, consent = (
        f"/lcm/desk/spring-27/stories/{desk.opening['id']}.json",
        f"/lcm/stories/{desk.opening['id']}/consent.json",
    )
    assert desk.call("PUT", consent, {"answer": "yes"}, as_user="ana").status_code == 404
    assert desk.call("PUT", story, {"action": "spotlight"}, as_user="lea").status_code == 422
    desk.ask("PUT", story, {"action": "ask_consent"}, as_user="lea")
    assert desk.call("PUT", consent, {"answer": "yes"}, as_user="ben").status_code == 404
    desk.ask("PUT", consent, {"answer": "yes"}, as_user="ana")
    assert desk.ask("PUT", story, {"action": "spotlight"}, as_user="lea")["story"]["state"] == "spotlighted"
    assert kinds_of_work(desk) == ["ask_consent", "consent", "spotlight"]
    mine = desk.ask("GET", "/lcm/preferences.json", as_user="ana")
    assert [row["answer"] for row in mine["consents"]] == ["yes"]


def test_the_buttons_of_a_topic_work_for_its_lcms_only(desk: Any) -> None:
    topic = desk.opening["topic_id"]
    for verb, what, body in (
        ("PUT", "pin", {"until": _soon(desk)}),
        ("DELETE", "pin", None),
        ("PUT", "blocker", {"note": "the key is lost"}),
        ("DELETE", "blocker", None),
        ("PUT", "spotlight", {}),
        ("PUT", "practice", {"post_number": 1}),
        ("DELETE", "practice", None),
        ("PUT", "timer", {"kind": "close", "at": _soon(desk)}),
        ("DELETE", "timer", None),
    ):
        path = f"/lcm/topics/{topic}/{what}.json"
        assert desk.call(verb, path, body, as_user="ana").status_code == 403, path
        assert desk.call(verb, path, body, as_user="cai").status_code == 404, path
        assert desk.call(verb, path, body, as_user="lea").status_code == 200, path
    assert {"pin", "unpin", "open_blocker", "solve_blocker", "spotlight", "mark_practice"} <= set(kinds_of_work(desk))


def test_one_post_of_a_topic_is_marked_as_practice_and_loses_its_mark_alone(desk: Any) -> None:
    topic = desk.opening["topic_id"]
    reply = {"topic_id": topic, "raw": "We tried it as well, and it holds since March."}
    desk.forum.call("POST", "/posts.json", as_user="ben", json=reply)
    path = f"/lcm/topics/{topic}/practice.json"
    desk.ask("PUT", path, {"post_number": 1}, as_user="lea")
    both = desk.ask("PUT", path, {"post_number": 2}, as_user="lea")["topic"]
    assert (both["practice"], both["practices"]) == (True, [1, 2])
    left = desk.ask("DELETE", f"{path}?post_number=2", as_user="lea")["topic"]
    assert (left["practice"], left["practices"]) == (True, [1])
    assert desk.ask("DELETE", path, as_user="lea")["topic"]["practices"] == []
    assert kinds_of_work(desk) == [*["mark_practice"] * 2, *["unmark_practice"] * 2]


def test_choices_hold_at_once_and_the_worker_hears_of_them(cohort: Any) -> None:
    saved = cohort.ask("PUT", "/lcm/preferences.json", {"nudges": False}, as_user="ana")
    assert saved["preferences"] == {"nudges": False, "quoting": True, "pairing": True}
    [told] = cohort.ask("GET", "/lcm/work.json")["work"]
    assert (told["kind"], told["by"]["username"], told["cohort"]) == ("preference", "ana", None)
    assert told["data"] == {**saved["preferences"], "changed": ["nudges"]}


def test_the_worker_hears_of_what_somebody_changed_and_of_nothing_where_that_is_nothing(cohort: Any) -> None:
    for choices in ({"quoting": True}, {"quoting": False}, {"quoting": False, "pairing": False}, {"pairing": False}):
        cohort.ask("PUT", "/lcm/preferences.json", choices, as_user="ana")
    told = [item["data"] for item in cohort.ask("GET", "/lcm/work.json")["work"]]
    assert [data["changed"] for data in told] == [["quoting"], ["pairing"]]
    assert told[1] == {"nudges": True, "quoting": False, "pairing": False, "changed": ["pairing"]}


def test_an_administrator_asks_for_a_run_and_the_worker_reports_it(cohort: Any) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": "welcome"}
    asked = cohort.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)
    work = cohort.ask("GET", "/lcm/work.json")["work"][-1]
    assert (work["id"], work["subject"], work["data"]) == (asked["request_id"], asked["run"]["id"], {"step": "welcome"})
    line = {"number": 1, "at": NOW, "level": "info", "text": "Posted the welcome."}
    report = {"kind": "playbook", "cohort": "spring-27", "state": "running", "started_at": NOW, "lines": [line]}
    for state, kept in (("running", "running"), ("done", "done"), ("running", "done")):
        answer = cohort.ask("PUT", f"/lcm/runs/{work['subject']}.json", {**report, "state": state})
        assert answer == {"success": "OK", "state": kept}


def test_a_run_says_what_was_asked_of_the_cohort_s_clock(cohort: Any) -> None:
    body = {"kind": "pause_cohort", "cohort": "spring-27", "until": NOW}
    asked = cohort.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)
    assert asked["run"]["asked"] == {"until": NOW, "days": None}


def test_a_shift_needs_days(cohort: Any) -> None:
    body = {"kind": "shift_cohort", "cohort": "spring-27"}
    assert cohort.call("POST", "/admin/plugins/discourse-lcm/requests.json", body).status_code == 400


def test_the_worker_says_that_it_is_alive_and_which_playbooks_it_has(site: Any) -> None:
    beat = {"worker": "host-1", "version": "0.1.0", "calls": 3, "calls_limit": 55}
    assert site.ask("PUT", "/lcm/heartbeat.json", beat)["last_work_id"] == 0
    step = {"id": "welcome", "play": "topic", "timing": "start +0d 09:00"}
    playbook = {"name": "first-steps", "title": {"en": "First steps"}, "version": 1, "steps": [step]}
    site.ask("PUT", "/lcm/playbooks.json", {"playbooks": [playbook]})


def test_work_is_read_from_an_id_on_and_reading_takes_nothing_away(cohort: Any) -> None:
    for value in (False, True, False):
        cohort.ask("PUT", "/lcm/preferences.json", {"nudges": value}, as_user="ana")
    first = cohort.ask("GET", "/lcm/work.json?limit=2")
    assert (len(first["work"]), first["more"]) == (2, True)
    rest = cohort.ask("GET", f"/lcm/work.json?after={first['work'][-1]['id']}")
    assert (len(rest["work"]), rest["more"]) == (1, False)
    assert cohort.ask("GET", "/lcm/work.json?limit=2") == first


@pytest.mark.parametrize("operation", WORKER, ids=lambda one: one.name)
@pytest.mark.parametrize("caller", ["ana", "lea"])
def test_nobody_but_the_worker_reaches_its_paths(cohort: Any, operation: Any, caller: str) -> None:
    path = operation.path.replace("{key}", "spring-27").replace("{id}", "run-1")
    assert cohort.send(operation.verb, path, {}, as_user=caller).status_code == 403


def test_a_key_with_the_workers_scope_opens_the_plugin_and_nothing_else(cohort: Any) -> None:
    body = {"key": {"description": "worker", "username": "forumadmin", "scope_mode": "granular"}}
    body["key"]["scopes"] = [{"scope_id": "lcm:worker"}]  # type: ignore[assignment]
    made = cohort.forum.call("POST", "/admin/api/keys.json", json=body)
    assert made.status_code == 200, made.text
    headers = {"Api-Key": made.json()["key"]["key"]}
    assert cohort.forum.call("GET", "/lcm/status.json", headers=headers).status_code == 200
    assert cohort.forum.call("GET", "/groups.json", headers=headers).status_code == 403


def test_every_operation_of_the_contract_is_there_but_for_the_pages_of_people(site: Any) -> None:
    rules = {(verb, rule.rule) for rule in site.forum.server.app.url_map.iter_rules() for verb in rule.methods or ()}
    missing = {one.name for one in contract.operations() if not any(_answers(one, *rule) for rule in rules)}
    assert missing == PAGES_OF_PEOPLE


def _answers(operation: Any, verb: str, rule: str) -> bool:
    filled = "".join("1" if part.startswith("<") else part for part in _parts(rule))
    return bool(verb == operation.verb and operation.pattern.fullmatch(f"{filled}.json"))


def _parts(rule: str) -> list[str]:
    return re.split(r"(<[^>]+>)", rule)


def _declaration() -> dict[str, Any]:
    return dict(COHORT)


def _group_id(site: Any) -> int:
    return int(site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["group"]["id"])


def _soon(site: Any) -> str:
    return (site.forum.server.forum.clock.now() + timedelta(days=3)).isoformat()


def _pages(site: Any, after: str | None = None, limit: int = 500) -> list[Any]:
    pages = []
    more = True
    while more:
        query = f"?limit={limit}" + (f"&after={after}" if after else "")
        pages.append(site.ask("GET", f"/lcm/cohorts/spring-27/activity.json{query}"))
        after, more = pages[-1]["cursor"], pages[-1]["more"]
    return pages


def _read_all(site: Any, after: str | None = None, limit: int = 500) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {"posts": [], "likes": [], "solutions": [], "visits": []}
    for page in _pages(site, after, limit):
        rows[page["stream"]] += page[page["stream"]]
    return rows


def _cursor_at_the_end(site: Any) -> str:
    return str(_pages(site)[-1]["cursor"])
