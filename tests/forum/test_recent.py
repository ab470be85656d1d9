"""`lcm check` and `lcm sync drift` say what Discourses since 2026 do that touches us: review, changes, workflows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from sync_worker.checks import Finding, Verdict
from sync_worker.forum.checks import check_setup
from sync_worker.forum.recent import EVERYONE_EXCEPT, NO_ONE, NO_ONE_EXCEPT, GroupMove, Review, Workflow
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Category, SiteWorkflow
from tests.conftest import PracticeForum

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL_ON = {"discourse_workflows_enabled": "true", "nested_replies_enabled": "true", "tagging_enabled": "true"}
WORKFLOWS = "/admin/plugins/discourse-workflows/workflows.json"


class Checked:
    """A forum with the group and the category of one cohort, and what `lcm check` says of it."""

    def __init__(self, forum: PracticeForum, folder: Path) -> None:
        self.forum, self.file = forum, folder / "lcm.yaml"
        cohort = {"key": "spring", "name": "Spring", "start": "2026-03-02", "end": "2026-05-29", "timezone": "UTC"}
        self.file.write_text(json.dumps({"forum": {"url": forum.url}, "cohorts": [cohort]}), encoding="utf-8")
        body = {"group": {"name": "spring", "full_name": "Spring"}}
        self.group: int = forum.call("POST", "/admin/groups.json", json=body).json()["basic_group"]["id"]
        made = {"name": "Spring", "slug": "spring", "color": "0088CC", "text_color": "FFFFFF"}
        made |= {"permissions": {"spring": 1}}
        self.category: int = forum.call("POST", "/categories.json", json=made).json()["category"]["id"]

    def change(self, setting: dict[str, Any], **more: Any) -> None:
        """Change how the category treats posts."""
        body = {"name": "Spring", "category_setting_attributes": setting, **more}
        assert self.forum.call("PUT", f"/categories/{self.category}.json", json=body).ok

    def workflow(self, name: str, *, published: bool = True, **parameters: Any) -> None:
        """Make a workflow with a step that is about a group."""
        nodes = [{"type": "trigger:post_created", "name": "Post"}]
        nodes += [{"type": "action:group", "name": "Group", "parameters": parameters}]
        body = {"workflow": {"name": name, "nodes": nodes, "published": str(published).lower()}}
        assert self.forum.call("POST", WORKFLOWS, json=body).status_code == 201

    def check(self) -> dict[str, list[Finding]]:
        """The lines by what they are about."""
        found: dict[str, list[Finding]] = {}
        for line in check_setup(self.file, {"DISCOURSE_API_KEY": DEFAULT_KEY}, datetime.now(UTC)):
            found.setdefault(line.area, []).append(line)
        return found


@pytest.fixture
def checked(make_practice_forum: Callable[..., PracticeForum], tmp_path: Path) -> Checked:
    return Checked(make_practice_forum(dialect="current", settings=ALL_ON), tmp_path)


def test_a_forum_of_3_5_has_none_of_it_and_the_check_says_nothing_about_it(
    make_practice_forum: Callable[..., PracticeForum], tmp_path: Path
) -> None:
    found = Checked(make_practice_forum(), tmp_path).check()
    assert not {"review", "workflows", "upcoming change", "upcoming changes", "recent Discourse"} & found.keys()


def test_upcoming_changes_that_are_on_are_named_with_what_each_means_for_us(checked: Checked) -> None:
    settings = "/admin/site_settings/dashboard_improvements.json"
    assert checked.forum.call("PUT", settings, json={"dashboard_improvements": "true"}).ok
    found = checked.check()
    said = " ".join(line.what for line in found["upcoming change"])
    assert "granular_anonymous_and_logged_in_groups_permissions is on: permissions name logged_in_users" in said
    assert "dashboard_improvements" in found["upcoming changes"][0].what


def test_posts_that_would_wait_for_review_are_reported_by_whose_they_are(checked: Checked) -> None:
    assert "review" not in checked.check()
    checked.change({"topic_posting_review_mode": "everyone"})
    (line,) = checked.check()["review"]
    assert line.verdict is Verdict.WARN
    assert line.what.startswith("learners' topics in 'Spring' wait for review")
    checked.change(
        {"topic_posting_review_mode": "no_one", "reply_posting_review_mode": "no_one_except"},
        reply_posting_review_group_ids=[checked.group],
    )
    (line,) = checked.check()["review"]
    assert line.what.startswith("learners' replies in 'Spring' wait for review")
    checked.change({"reply_posting_review_mode": "everyone_but_the_wise"})
    (line,) = checked.check()["review"]
    assert "may wait for review" in line.what


@pytest.mark.parametrize(
    ("review", "holds"),
    [
        (Review(NO_ONE), False),
        (Review("everyone"), True),
        (Review(EVERYONE_EXCEPT, frozenset({41})), False),
        (Review(EVERYONE_EXCEPT, frozenset({7})), True),
        (Review(NO_ONE_EXCEPT, frozenset({7})), False),
        (Review(NO_ONE_EXCEPT, frozenset({5})), True),
        (Review(None), None),
    ],
)
def test_who_waits_follows_from_the_mode_and_its_groups(review: Review, *, holds: bool | None) -> None:
    assert review.holds({41, 5}) is holds


def test_workflows_that_add_or_remove_members_of_our_groups_are_reported(checked: Checked) -> None:
    assert checked.check()["workflows"][0].verdict is Verdict.OK
    checked.workflow("Welcome", operation="add", group_id=checked.group)
    checked.workflow("Clean up", operation="remove", group_id="={{ $json.group }}")
    checked.workflow("Look", operation="check_membership", group_id=checked.group)
    checked.workflow("Draft", published=False, operation="remove", group_id=checked.group)
    checked.workflow("Others", operation="add", group_id=checked.group + 1)
    lines = [line.what for line in checked.check()["workflows"]]
    assert [line.partition(".")[0] for line in lines] == [
        "the workflow 'Clean up' removes people from a group that it computes, perhaps one of ours",
        "the workflow 'Welcome' adds people to the group spring (cohort spring)",
    ]
    with checked.forum.session() as session:
        session.execute(delete(SiteWorkflow))


def test_nested_replies_are_mentioned_where_the_category_shows_them(checked: Checked) -> None:
    with checked.forum.session() as session:
        session.get_one(Category, checked.category).options = {"nested_replies_default": True}
    assert checked.check()["nested replies"][0].verdict is Verdict.OK


def test_a_workflow_may_do_to_a_group_what_one_of_its_steps_does_to_it_or_to_any() -> None:
    flow = Workflow(1, "w", (GroupMove(adds=True, group_id=7), GroupMove(adds=False, group_id=None)))
    assert flow.may(7, adds=True)
    assert not flow.may(8, adds=True)
    assert flow.may(8, adds=False)
