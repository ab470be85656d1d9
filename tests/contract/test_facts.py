"""The facts the worker relies on hold on the practice forum, and, with `pytest -m live`, on a real Discourse.

For a real one set DISCOURSE_URL, DISCOURSE_API_KEY (a key for all users) and, if it is not `system`,
DISCOURSE_API_USERNAME. Use a forum made for the purpose: users, groups, categories and topics are made, and stay. With
Discourse's usual limit of 60 calls a minute the facts take ten minutes, because they wait as the forum asks.
"""

from __future__ import annotations

import json

import pytest

from sync_worker.forum.site import PATH
from sync_worker.membership.matching.abilities import ACCOUNTS, MEMBERS, OURS, RIGHTS
from sync_worker.practice_forum.rules.settings import DEFAULTS, SettingDefault
from tests.contract.fact import BODY, Fact
from tests.contract.facts import FACTS
from tests.contract.facts_about_corners import ABOUT_CORNERS
from tests.contract.further_calls import FURTHER_CALLS
from tests.contract.stage import Stage

HIDDEN_BY_PLUGINS = {"send_welcome_message"}  # Discourse's narrative bot hides it while it sends its own welcome
ALL = [*FACTS, *FURTHER_CALLS, *ABOUT_CORNERS]


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.what)
def test_the_forum_keeps_to_the_facts(fact: Fact, stage: Stage) -> None:
    if fact.in_production and stage.is_for_developers():
        pytest.skip("a server in development mode has error pages and headers of its own")
    if not stage.has_settings(fact.needs):
        pytest.skip(f"the site is set differently: {fact.needs}")
    stage.check(fact)


def test_the_same_request_within_two_minutes_gets_the_first_answer_again(stage: Stage) -> None:
    form = {"topic_id": stage.names["topic_id"], "raw": "The very same reply, sent two times in a row."}
    first, second = (stage.call("POST", "/posts.json", **form) for _ in range(2))
    assert first.json == second.json


def test_a_deleted_topic_is_shown_to_staff_and_its_external_id_stays_taken(stage: Stage) -> None:
    external_id = stage.fill("gone-{suffix}")
    form = {"raw": stage.fill(f"{BODY} deleted"), "category": stage.names["category_id"], "external_id": external_id}
    made = stage.call("POST", "/posts.json", title=stage.fill("A topic {suffix} that is deleted soon"), **form)
    topic = made.json["topic_id"]
    assert stage.call("DELETE", f"/t/{topic}.json").status == 200
    assert stage.call("GET", f"/t/{topic}.json").json["deleted_at"]
    assert stage.call("GET", f"/t/external_id/{external_id}.json").status == 404
    again = stage.call("POST", "/posts.json", title=stage.fill("A topic {suffix} after the deleted one"), **form)
    assert again.json["errors"] == ["External has already been taken"]


def open_category(stage: Stage, name: str) -> str:
    """Make a category that everybody reads; return its id."""
    form = {"name": stage.fill(name), "color": "0088CC", "text_color": "FFFFFF"}
    return str(stage.call("POST", "/categories.json", **form).json["category"]["id"])


def test_an_earlier_text_that_is_hidden_is_for_staff_and_counts_as_often_as_it_is_hidden(stage: Stage) -> None:
    one = stage.names["one"]
    form = {
        "title": stage.fill("A topic {suffix} that is changed three times"),
        "category": open_category(stage, "Fruit {suffix}"),
    }
    post = stage.call("POST", "/posts.json", raw=stage.fill(f"{BODY} in the first place"), **form).json["id"]
    path = f"/posts/{post}/revisions"
    assert stage.call("GET", f"{path}/latest.json").status == 404
    for fruit in ("apples", "pears", "plums"):
        edit = {"post[raw]": stage.fill(f"{BODY} about {fruit}"), "post[edit_reason]": f"more about {fruit}"}
        edited = stage.call("PUT", f"/posts/{post}.json", **edit).json["post"]
    assert edited["version"] == 4

    def seen(number: int | str, user: str) -> tuple[int, int | None, bool]:
        answer = stage.client.call("GET", f"{path}/{number}.json", user=user)
        assert answer.status == 200, answer.text[:300]
        return tuple(answer.json[name] for name in ("current_revision", "previous_revision", "previous_hidden"))

    def refused(number: int, user: str, verb: str = "GET", end: str = "") -> int:
        return stage.client.call(verb, f"{path}/{number}{end}.json", user=user).status

    admin = stage.names["admin"]
    assert seen("latest", one) == (4, 3, False)
    assert [refused(number, admin) for number in (1, 5)] == [400, 404]
    assert [refused(3, one, "PUT", "/hide"), refused(5, admin, "PUT", "/hide")] == [403, 404]
    hidden = stage.call("PUT", f"{path}/3/hide.json")
    assert (hidden.status, hidden.text) == (200, "")
    assert seen(3, admin) == (3, 2, True)
    assert seen("latest", admin) == (4, 3, False)
    assert refused(3, one) == 403
    assert seen("latest", one) == (4, 2, False)
    shown = stage.client.call("GET", f"{path}/2.json", user=one).text
    assert [fruit in shown for fruit in ("apples", "pears")] == [False, True]

    def versions() -> list[int]:
        return [stage.client.call("GET", f"/posts/{post}.json", user=user).json["version"] for user in (admin, one)]

    assert versions() == [4, 3]
    assert stage.call("PUT", f"{path}/3/hide.json").status == 200
    assert versions() == [4, 2]
    for number in (2, 4):
        assert stage.call("PUT", f"{path}/{number}/hide.json").status == 200
    assert [refused(number, one) for number in (2, 3, 4)] == [403, 403, 403]
    assert stage.client.call("GET", f"{path}/latest.json", user=one).status == 404
    assert seen("latest", admin) == (4, 3, True)


def test_another_title_alone_is_a_change_whose_earlier_title_can_be_hidden(stage: Stage) -> None:
    raw, old = stage.fill(f"{BODY} under a title that changes"), stage.fill("A title {suffix} about gooseberries")
    made = stage.call("POST", "/posts.json", title=old, raw=raw, category=open_category(stage, "Titles {suffix}")).json
    path = f"/posts/{made['id']}"
    edit = {"title": stage.fill("Another title {suffix} that may stay"), "post[raw]": raw, "post[edit_reason]": "why"}
    assert stage.call("PUT", f"{path}.json", **edit).json["post"]["version"] == 2
    one = stage.names["one"]
    assert "gooseberries" in stage.client.call("GET", f"{path}/revisions/2.json", user=one).text
    assert stage.call("PUT", f"{path}/revisions/2/hide.json").status == 200
    assert stage.client.call("GET", f"{path}/revisions/2.json", user=one).status == 403


def test_our_queries_run_in_the_data_explorer(stage: Stage) -> None:
    switch = "/admin/site_settings/data_explorer_enabled.json"
    before = setting_of(stage, "data_explorer_enabled")
    assert stage.call("PUT", switch, data_explorer_enabled="true").status == 200
    try:
        saved = {}
        for query in OURS:
            body = {"query": {"name": f"{query.name} (fact)", "description": query.description, "sql": query.sql}}
            made = stage.client.call("POST", f"{PATH}.json", user=stage.names["admin"], json_body=body)
            assert made.json["query"]["sql"] == query.sql
            saved[query.name] = made.json["query"]["id"]
        lists = dict.fromkeys(("lcm_emails", "lcm_outside", "lcm_accounts"), "#null")
        params = {**lists, "lcm_names": stage.fill("{one},none-{suffix}"), "lcm_provider": "none"}
        form = {"params": json.dumps(params), "limit": "ALL"}
        found = stage.call("POST", f"{PATH}/{saved[ACCOUNTS.name]}/run.json", **form).json
        row = dict(zip(found["columns"], found["rows"][0], strict=True))
        assert found["result_count"] == 1
        assert (row["account"], row["username"]) == (int(stage.names["one_id"]), stage.names["one"])
        assert row["email"] == stage.fill("{one}@example.org")
        for query, name, value in (
            (MEMBERS, "lcm_groups", "{group_id}"),
            (RIGHTS, "lcm_categories", "{category_id}"),
        ):
            form = {"params": json.dumps({name: stage.fill(value)}), "limit": "ALL"}
            assert stage.call("POST", f"{PATH}/{saved[query.name]}/run.json", **form).json["success"] is True
        for number in saved.values():
            assert stage.call("DELETE", f"{PATH}/{number}.json").json["success"] is True
        stage.call("PUT", switch, data_explorer_enabled="false")
        assert stage.call("GET", f"{PATH}.json").status == 404
    finally:
        stage.call("PUT", switch, data_explorer_enabled=before)


def test_the_practice_forum_s_settings_and_their_defaults_are_discourse_s(stage: Stage) -> None:
    rows = stage.call("GET", "/admin/site_settings.json").json["site_settings"]
    defaults = {row["setting"]: str(row["default"]).lower() for row in rows}
    shown = {name for name, setting in DEFAULTS.items() if _is_of_3_5(setting)}
    assert shown - set(defaults) <= HIDDEN_BY_PLUGINS
    of_ours = {name: str(DEFAULTS[name].default).lower() for name in shown & set(defaults)}
    assert of_ours == {name: defaults[name] for name in of_ours}


def _is_of_3_5(setting: SettingDefault) -> bool:
    """Whether a Discourse 3.5 without plugins shows a setting."""
    return not setting.hidden and setting.category != "plugins" and not setting.fact


def setting_of(stage: Stage, name: str) -> str:
    """Return what the site has set, so that it can be put back."""
    rows = stage.call("GET", "/admin/site_settings.json").json["site_settings"]
    return next(str(row["value"]) for row in rows if row["setting"] == name)


def test_no_two_facts_have_the_same_name() -> None:
    names = [fact.what for fact in ALL]
    assert len(names) == len(set(names))
