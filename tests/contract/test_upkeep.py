"""How a category's tags and place and a group's notification default are shown and changed, here and on a real forum.

For a real one see test_facts.py.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.contract.stage import Stage

SERIAL = count(1)
NESTED = "You can't nest a subcategory under another"


@pytest.fixture
def made(stage: Stage) -> dict[str, int]:
    """Three categories of everybody's, by a word in their names."""
    number, found = next(SERIAL), {}
    for word in ("above", "below", "beside"):
        form = {"name": stage.fill(f"{word} {{suffix}} {number}"), "color": "0088CC", "text_color": "FFFFFF"}
        found[word] = stage.call("POST", "/categories.json", **form).json["category"]["id"]
    return found


def change(stage: Stage, number: int, **fields: Any) -> Any:
    name = shown(stage, number)["name"]
    path = f"/categories/{number}.json"
    return stage.client.call("PUT", path, user=stage.names["admin"], json_body={"name": name, **fields})


def shown(stage: Stage, number: int) -> Any:
    return stage.call("GET", f"/c/{number}/show.json").json["category"]


def listed(stage: Stage, number: int) -> Any:
    return next(row for row in stage.call("GET", "/site.json").json["categories"] if row["id"] == number)


def tags(row: Any) -> list[str]:
    return sorted(tag if isinstance(tag, str) else tag["name"] for tag in row["allowed_tags"])


def test_the_list_of_categories_shows_their_tags_and_what_they_are_below(stage: Stage, made: dict[str, int]) -> None:
    row = listed(stage, made["below"])
    assert (tags(row), row["allowed_tag_groups"], row["allow_global_tags"]) == ([], [], False)
    assert row.get("parent_category_id") is None


def test_allowed_tags_are_replaced_and_made_where_they_are_new(stage: Stage, made: dict[str, int]) -> None:
    new = [stage.fill("First {suffix}"), stage.fill("second_{suffix}")]
    answer = change(stage, made["below"], allowed_tags=new, allow_global_tags="true").json["category"]
    wanted = sorted(name.lower().replace(" ", "-") for name in new)
    for row in (answer, listed(stage, made["below"]), shown(stage, made["below"])):
        assert tags(row) == wanted
        assert row["allow_global_tags"] is True
    assert tags(change(stage, made["below"], allowed_tags=[wanted[0]]).json["category"]) == [wanted[0]]
    assert shown(stage, made["below"])["allow_global_tags"] is True
    assert tags(change(stage, made["below"], allowed_tags=[""]).json["category"]) == []
    assert tags(listed(stage, made["below"])) == []


def test_tags_that_are_not_named_stay(stage: Stage, made: dict[str, int]) -> None:
    change(stage, made["below"], allowed_tags=[stage.fill("first-{suffix}")])
    change(stage, made["below"], permissions={"everyone": 1})
    assert tags(shown(stage, made["below"])) == [stage.fill("first-{suffix}")]


def test_a_category_is_moved_below_another_and_back(stage: Stage, made: dict[str, int]) -> None:
    above, below = made["above"], made["below"]
    assert change(stage, below, parent_category_id=above).json["category"]["parent_category_id"] == above
    assert listed(stage, below)["parent_category_id"] == above
    change(stage, below, permissions={"everyone": 1})
    assert shown(stage, below)["parent_category_id"] == above
    assert change(stage, below, parent_category_id="").status == 200
    assert listed(stage, below).get("parent_category_id") is None


def test_a_category_with_others_below_it_is_not_moved_below_one(stage: Stage, made: dict[str, int]) -> None:
    change(stage, made["below"], parent_category_id=made["above"])
    refused = change(stage, made["above"], parent_category_id=made["beside"])
    assert (refused.status, refused.json["errors"]) == (422, [NESTED])


def test_a_category_is_moved_only_below_one_that_is_open_to_its_groups(stage: Stage, made: dict[str, int]) -> None:
    change(stage, made["above"], permissions={"staff": 1})
    permissions = {stage.names["group"]: 1, "staff": 1}
    refused = change(stage, made["below"], parent_category_id=made["above"], permissions=permissions)
    assert refused.status == 422
    assert stage.names["group"] in refused.json["errors"][0]
    change(stage, made["above"], permissions={"staff": 1, stage.names["group"]: 3})
    moved = change(stage, made["below"], parent_category_id=made["above"], permissions=permissions)
    assert moved.json["category"]["parent_category_id"] == made["above"]


def test_the_list_of_groups_shows_the_notification_level_that_members_start_with(stage: Stage) -> None:
    group = stage.fill("up_{suffix}")
    number = stage.call("POST", "/admin/groups.json", **{"group[name]": group}).json["basic_group"]["id"]
    body = {"group": {"default_notification_level": 2}, "update_existing_users": "false"}
    path = f"/groups/{number}.json"
    assert stage.client.call("PUT", path, user=stage.names["admin"], json_body=body).status == 200
    rows = stage.call("GET", "/groups/search.json").json
    assert next(row for row in rows if row["name"] == group)["default_notification_level"] == 2


def test_a_group_renamed_is_in_its_log(stage: Stage) -> None:
    group = stage.fill("old_{suffix}")
    number = stage.call("POST", "/admin/groups.json", **{"group[name]": group}).json["basic_group"]["id"]
    body = {"group": {"name": f"{group}x"}, "update_existing_users": "false"}
    stage.client.call("PUT", f"/groups/{number}.json", user=stage.names["admin"], json_body=body)
    log = stage.call("GET", f"/groups/{group}x/logs.json?offset=0").json
    row = next(row for row in log["logs"] if row["subject"] == "name")
    assert (row["action"], row["prev_value"], row["new_value"]) == ("change_group_setting", group, f"{group}x")
    assert row["acting_user"]["username"] == stage.names["admin"]
    assert row["target_user"] is None
