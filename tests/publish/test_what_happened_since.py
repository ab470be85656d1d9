"""Everything that is published about people, against everything that can happen to it after it was drafted.

Each scene drafts a roundup (with an item, an opening topic, an open question), a consent request and a story that has
its author's yes; all wait for the LCM. Then something happens to what they show, the LCM approves, and the worker
publishes. The same table runs on a practice forum with and without the plugin and, with `-m live`, on a real Discourse
(DISCOURSE_URL and DISCOURSE_API_KEY, as for the journey; LCM_LIVE_PLUGIN=1 where it has the plugin).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from sync_worker.forum import Patience
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.practice_forum.tables import Post
from tests.journey.site import Site
from tests.publish.scene import ANA, BEN, CARL, DORA, EDITED, SECRETS, Place, Scene

PAUSES = (
    "rate_limit_create_post",
    "rate_limit_new_user_create_post",
    "rate_limit_create_topic",
)
NAMES = ("ana", "ben", "dora")


def edit(scene: Scene) -> None:
    for name in NAMES:
        path = f"/posts/{scene.post_of[name]}.json"
        scene.site.done(
            "PUT", path, as_user=scene.user(name), json={"post": {"raw": f"{EDITED} {scene.suffix} {name}"}}
        )


def delete(scene: Scene) -> None:
    for name in NAMES:
        scene.site.done("DELETE", f"/t/{scene.topic_of[name]}.json")


def withdraw(scene: Scene) -> None:
    """Delete their own answers, in whose place Discourse leaves a note; Ben, unanswered, deletes his topic."""
    for name in ("ana", "dora"):
        scene.site.done("DELETE", f"/posts/{scene.post_of[name]}.json", as_user=scene.user(name))
    scene.site.done("DELETE", f"/t/{scene.topic_of['ben']}.json", as_user=scene.user("ben"))


def hide(scene: Scene) -> None:
    for name in NAMES:
        scene.place.hide(scene.post_of[name])


def move(scene: Scene) -> None:
    for name in NAMES:
        scene.site.done("PUT", f"/t/-/{scene.topic_of[name]}.json", json={"category_id": scene.own["elsewhere"]})


def unlist(scene: Scene) -> None:
    for name in NAMES:
        body = {"status": "visible", "enabled": "false"}
        scene.site.done("PUT", f"/t/{scene.topic_of[name]}/status.json", data=body)


def anonymise(scene: Scene) -> None:
    for name in NAMES:
        scene.site.done("PUT", f"/admin/users/{scene.site.accounts[scene.user(name)]}/anonymize.json")


def rename(scene: Scene) -> None:
    for name in NAMES:
        path = f"/u/{scene.user(name)}/preferences/username.json"
        scene.site.done("PUT", path, data={"new_username": f"new{scene.user(name)}"})


def suspend(scene: Scene) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    for name in NAMES:
        path = f"/admin/users/{scene.site.accounts[scene.user(name)]}/suspend.json"
        scene.site.done("PUT", path, data={"suspend_until": until, "reason": "a test"})


def silence(scene: Scene) -> None:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    for name in NAMES:
        path = f"/admin/users/{scene.site.accounts[scene.user(name)]}/silence.json"
        scene.site.done("PUT", path, data={"silenced_till": until, "reason": "a test"})


def opt_out(scene: Scene) -> None:
    for name in NAMES:
        scene.choose_not_to_be_quoted(name)


def opt_out_and_rename(scene: Scene) -> None:
    opt_out(scene)
    rename(scene)


def take_consent_back(scene: Scene) -> None:
    raw = "I have changed my mind about this: no, please do not show it to anybody."
    scene.site.post(scene.user("dora"), raw, topic_id=scene.own["message"])


def nothing(scene: Scene) -> None:
    del scene


# What happened, and what may still be shown: an item and a consent request about Ana's post, her topic in the opening,
# Ben's question, and Dora's story. "new": only under the author's present name.
NOTHING_LEFT = {"item": "no", "opening": "no", "question": "no", "consent": "no", "story": "no"}
TABLE: dict[str, tuple[Callable[[Scene], None], dict[str, str]]] = {
    "nothing": (nothing, {"item": "yes", "opening": "yes", "question": "yes", "consent": "yes", "story": "yes"}),
    "edited": (edit, {**NOTHING_LEFT, "opening": "any", "question": "any"}),
    "deleted": (delete, NOTHING_LEFT),
    "withdrawn answers": (withdraw, {**NOTHING_LEFT, "opening": "any"}),
    "hidden": (hide, {**NOTHING_LEFT, "opening": "any"}),
    "moved": (move, NOTHING_LEFT),
    "unlisted": (unlist, NOTHING_LEFT),
    "anonymised": (anonymise, {**NOTHING_LEFT, "opening": "any"}),
    "renamed": (rename, {"item": "new", "opening": "any", "question": "yes", "consent": "new", "story": "new"}),
    "suspended": (suspend, {**NOTHING_LEFT, "opening": "any"}),
    "silenced": (silence, {**NOTHING_LEFT, "opening": "any"}),
    "opted out": (opt_out, {**NOTHING_LEFT, "opening": "any"}),
    "opted out, then renamed": (opt_out_and_rename, {**NOTHING_LEFT, "opening": "any"}),
    "consent withdrawn": (
        take_consent_back,
        {"item": "yes", "opening": "yes", "question": "yes", "consent": "yes", "story": "no"},
    ),
}


@pytest.fixture(scope="module", params=["bare", "plugin", pytest.param("live", marks=pytest.mark.live)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A practice forum without the plugin, one with it, and a real Discourse that the environment names."""
    settings = {"enable_category_group_moderation": "true"} | dict.fromkeys(PAUSES, "0")
    if request.param == "live":
        found = _live()
        with found.site.settings(settings):
            yield found
        return
    options = ForumOptions(plugin=request.param == "plugin", settings=settings)
    with ForumServer(":memory:", options=options) as server:

        def hide_post(number: int) -> None:
            with server.forum.database.session() as session:
                session.execute(update(Post).where(Post.id == number).values(hidden=True))

        site = Site(server.url, ForumOptions().api_key, "forumadmin", 1_000_000)
        yield Place(site, request.param == "plugin", hide_post)


def _live() -> Place:
    url, key = os.environ.get("DISCOURSE_URL"), os.environ.get("DISCOURSE_API_KEY")
    if not url or not key:
        pytest.skip("DISCOURSE_URL and DISCOURSE_API_KEY name no Discourse")
    budget = int(os.environ.get("DISCOURSE_CALLS_PER_MINUTE", "55"))
    site = Site(url.rstrip("/"), key, os.environ.get("DISCOURSE_API_USERNAME", "system"), budget)

    def hide_post(number: int) -> None:
        flag = {"id": number, "post_action_type_id": 4, "take_action": "true"}
        site.done("POST", "/post_actions.json", data=flag)

    return Place(site, os.environ.get("LCM_LIVE_PLUGIN") == "1", hide_post, ends=False, patience=Patience())


@pytest.fixture(scope="module", params=list(TABLE))
def scene(request: pytest.FixtureRequest, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A scene after something has happened and everything was approved and published."""
    made = Scene(place, tmp_path_factory.mktemp("scene"), uuid.uuid4().hex[:6])
    made.event = request.param
    made.answers = request.param == "withdrawn answers"
    try:
        made.prepare()
        TABLE[request.param][0](made)
        made.approve_and_publish()
        yield made
    finally:
        made.tidy()


def wanted(scene: Scene, thing: str) -> str:
    return TABLE[scene.event][1][thing]


def shows(texts: list[str], name: str) -> bool:
    """Whether one of the texts has words that somebody wrote."""
    return any(secret in text for text in texts for secret in SECRETS[name])


def check(scene: Scene, wanted: str, texts: list[str], name: str) -> None:
    """Check that texts show somebody's words, do not show them, or show them under the present name only."""
    assert shows(texts, name) is (wanted != "no"), texts
    for text in texts:
        if wanted == "no":
            assert f"{scene.user(name)}," not in text
        if wanted == "new":
            assert f'"{scene.user(name)}, post:' not in text
            assert f'"new{scene.user(name)}, post:' in text


def test_an_item_of_a_roundup(scene: Scene) -> None:
    check(scene, wanted(scene, "item"), scene.published("roundup"), "ana")


def test_the_topics_that_a_roundup_opens_with(scene: Scene) -> None:
    linked = any(f"/{scene.topic_of['ana']}" in text for text in scene.published("roundup"))
    if wanted(scene, "opening") != "any":
        assert linked is (wanted(scene, "opening") == "yes")


def test_an_open_question(scene: Scene) -> None:
    linked = any(f"/{scene.topic_of['ben']})" in text for text in scene.published("roundup"))
    if wanted(scene, "question") != "any":
        assert linked is (wanted(scene, "question") == "yes")
    if wanted(scene, "question") != "yes":
        assert not shows(scene.published("roundup"), "ben")


def test_a_roundup_goes_out_all_the_same_with_what_holds(scene: Scene) -> None:
    texts = scene.published("roundup")
    assert len(texts) == 1
    assert "write for two minutes" in texts[0]


def test_a_consent_request(scene: Scene) -> None:
    asked = [text for text in scene.published("ask-ana") if scene.suffix in text]
    check(scene, wanted(scene, "consent"), asked, "ana")


def test_a_story(scene: Scene) -> None:
    check(scene, wanted(scene, "story"), scene.published("story"), "dora")


def test_of_a_held_story_the_lcms_hear(scene: Scene) -> None:
    assert scene.told_the_lcms() is (wanted(scene, "story") == "no")


def test_the_queue_says_what_became_of_a_held_draft_and_why_a_roundup_came_back(scene: Scene) -> None:
    decided = scene.decided()
    state, _, outcome = decided["story"]
    assert (state, bool(outcome)) == (("withdrawn", True) if wanted(scene, "story") == "no" else ("sent", False))
    came_back = "so it was written anew" in decided["roundup"][1]
    assert came_back is (wanted(scene, "item") == "no")


def test_a_story_that_an_lcm_picks_on_the_desk(scene: Scene) -> None:
    if not scene.place.plugin:
        pytest.skip("there is no desk without the plugin")
    before = len(scene.published("story")) + len(scene.published("picked-by-lcm-story"))
    scene.spotlight()
    texts = [*scene.published("story"), *scene.published(f"story-{scene.post_of['dora']}")]
    check(scene, wanted(scene, "story"), texts, "dora")
    assert len(texts) == before


def test_the_words_of_this_table_are_not_the_ones_of_its_edits() -> None:
    assert not any(secret in EDITED for secrets in SECRETS.values() for secret in secrets)
    for name, text in (("ana", ANA), ("ben", BEN), ("dora", DORA)):
        assert all(secret in text for secret in SECRETS[name])
    assert "two minutes" in CARL
