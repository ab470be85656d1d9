"""What the last look costs, and whose eyes it sees with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_worker.activity.collect import opens_to_all
from sync_worker.forum.records import Category
from sync_worker.model import Draft
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.publish.citations import citations_of
from sync_worker.publish.last_look import LastLook
from sync_worker.store.payload import draft_from_json
from sync_worker.store.scratch import scratch_copy
from sync_worker.store.tables import ChoiceRow, CursorRow, DraftRow, LedgerRow, PostRow, TopicRow
from tests.journey.site import Site
from tests.publish.scene import Place, Scene
from tests.publish.test_what_happened_since import PAUSES


@pytest.fixture(scope="module", params=["bare", "plugin"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    settings = {"enable_category_group_moderation": "true"} | dict.fromkeys(PAUSES, "0")
    with ForumServer(":memory:", options=ForumOptions(plugin=request.param == "plugin", settings=settings)) as server:
        site = Site(server.url, ForumOptions().api_key, "forumadmin", 1_000_000)
        place = Place(site, request.param == "plugin", hide=lambda _: None)
        made = Scene(place, tmp_path_factory.mktemp("look"), uuid.uuid4().hex[:6])
        made.prepare()
        yield made


def roundup(scene: Scene) -> Draft:
    with scene.at_work() as (_, store), store.begin() as session:
        rows = session.scalars(select(DraftRow)).all()
    return next(draft for row in rows if "roundup" in (draft := draft_from_json(row.body)).refs)


def test_it_costs_a_call_a_topic_and_a_person_and_with_the_plugin_one_for_all_persons(scene: Scene) -> None:
    draft = roundup(scene)
    topics = {one.topic_id for one in citations_of(draft)}
    people = {one.user_id for one in citations_of(draft) if one.user_id is not None}
    assert (len(topics), len(people)) == (4, 4)
    with scene.at_work() as (forum, store):
        look = LastLook(forum, store, scene.now)
        before = forum.calls.total
        assert look.findings(draft, scene.own["category"], scene.cohort) == ()
        found_the_plugin, choices = 1, int(scene.place.plugin)
        persons = 1 if scene.place.plugin else len(people)
        assert forum.calls.total - before == found_the_plugin + choices + len(topics) + persons
        before = forum.calls.total
        assert look.findings(draft, scene.own["category"], scene.cohort) == ()
        assert forum.calls.total == before


def test_a_preview_looks_the_same_up_and_stores_nothing(scene: Scene) -> None:
    draft = roundup(scene)
    with scene.at_work() as (forum, store):
        with store.begin() as session:
            before = _contents(session)
        with scratch_copy(store, forum.name) as copy:
            look = LastLook(forum, copy, scene.now)
            look.findings(draft, scene.own["category"], scene.cohort)
        with store.begin() as session:
            assert _contents(session) == before


def test_a_topic_that_moved_to_where_everybody_reads_is_still_shown(scene: Scene) -> None:
    draft = roundup(scene)
    with scene.at_work() as (forum, store):
        public = forum.create_category(f"Public {scene.suffix}", f"public-{scene.suffix}", {"everyone": 1})
        shared = forum.create_category(
            f"Shared {scene.suffix}", f"shared-{scene.suffix}", {scene.cohort: 1, f"{scene.cohort}-lcm": 1, "staff": 1}
        )
        for category in (public, shared):
            path = f"/t/-/{scene.topic_of['ana']}.json"
            scene.site.done("PUT", path, json={"category_id": category.id})
            look = LastLook(forum, store, scene.now)
            assert look.findings(draft, scene.own["category"], scene.cohort) == ()


@pytest.mark.parametrize(
    ("other", "own", "opens"),
    [
        ({"everyone": 1}, {"spring": 1}, True),
        ({"spring": 3, "staff": 1}, {"spring": 1}, True),
        ({"spring": 1}, {"spring": 1, "spring-lcm": 1}, False),
        ({"others": 1}, {"spring": 1}, False),
        (None, {"spring": 1}, False),
        ({"spring": 1}, None, False),
        ({"spring": 1}, {}, False),
        ({"spring": 1}, {"everyone": 1}, False),
    ],
)
def test_a_category_is_readable_only_where_all_readers_of_the_target_are_known_to_read_it(
    other: dict[str, int] | None, own: dict[str, int] | None, opens: bool
) -> None:
    categories = [Category(number, "C", "c", None, True, granted) for number, granted in ((1, other), (2, own))]
    assert opens_to_all(*categories) is opens


def _contents(session: Session) -> list[object]:
    tables = (ChoiceRow, CursorRow, LedgerRow, PostRow, TopicRow, DraftRow)
    return [session.execute(select(*table.__table__.columns)).all() for table in tables]
