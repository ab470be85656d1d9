"""A category that the worker makes says what it is for, in the cohort's language, and its members hear of topics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sync_worker.forum import FailedCall, Forum, Outcome
from sync_worker.languages.parts import MEMBERSHIP
from tests.membership.model_forum import KilledError

if TYPE_CHECKING:
    from tests.membership.conftest import Site

LOCALES = Path(__file__).parents[2] / "discourse_plugin" / "config" / "locales"
ENGLISH = "This is the place of the cohort"
START = datetime(2027, 3, 10, 9, tzinfo=UTC)
STEPS = ("create_category", "update_group", "topic", "edit_opening")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_words_are_those_of_the_plugin(locale: str) -> None:
    texts = yaml.safe_load((LOCALES / f"server.{locale}.yml").read_text(encoding="utf-8"))
    plugin = texts[locale]["discourse_lcm"]["about_category"].replace("%{cohort}", "$cohort")
    assert plain(plugin) == plain(MEMBERSHIP.of(locale).about_category)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("locale", "title", "words"),
    [("en", "About the {} category", ENGLISH), ("fr", "À propos de la catégorie {}", "C’est ici que se retrouve")],
)
def test_its_own_topic_speaks_the_cohorts_language(site: Site, locale: str, title: str, words: str) -> None:
    key = site.keys[0]
    site.cohort = {"locale": locale}
    site.enrol(key, (1,))
    assert site.sync(only=key)[1].failed == ()
    topic = about(site, key)
    assert topic["title"] == title.format(name_of(site, key))
    assert topic["post_stream"]["posts"][0]["raw"].startswith(words)


def test_members_hear_of_new_topics_unless_the_cohort_says_otherwise(site: Site) -> None:
    first, second = site.keys
    site.sync(only=first)
    site.cohort = {"category_notifications": "regular"}
    calls = site.sync(only=second)[2]
    assert default(site, first) == [category_of(site, first)["id"]]
    assert default(site, second) == []
    assert calls.get("PUT /groups/{id}", 0) == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_run_goes_on_and_a_later_one_leaves_it_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool
) -> None:
    key = site.keys[0]
    site.enrol(key, (1,))
    real = getattr(Forum, step)

    def dying(forum: Forum, *given: Any, **more: Any) -> Any:
        if after:
            real(forum, *given, **more)
        raise KilledError

    monkeypatch.setattr(Forum, step, dying)
    with pytest.raises(KilledError):
        site.sync(only=key)
    monkeypatch.undo()
    assert site.sync(only=key, now=days(1))[1].failed == ()
    assert about(site, key)["post_stream"]["posts"][0]["raw"].startswith(ENGLISH)
    assert default(site, key) == [category_of(site, key)["id"]]
    prepared, _, calls = site.sync(only=key, now=days(2))
    assert prepared.plan.effective == ()
    assert not [name for name in calls if name.startswith(("PUT", "POST"))]


def test_what_somebody_wrote_into_it_meanwhile_stays(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = site.keys[0]
    monkeypatch.setattr(Forum, "update_group", kill)
    with pytest.raises(KilledError):
        site.sync(only=key)
    monkeypatch.undo()
    post = about(site, key)["post_stream"]["posts"][0]
    with site.forum() as forum:
        forum.edit_opening(post["id"], "What this place is for", "Lea wrote what this place is for.", instead_of="")
    site.sync(only=key, now=days(1))
    assert about(site, key)["post_stream"]["posts"][0]["raw"] == "Lea wrote what this place is for."


@pytest.mark.parametrize("status", [403, 409])
def test_a_topic_that_may_not_be_changed_stops_nothing_and_is_not_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    key = site.keys[0]
    site.enrol(key, (1,))

    def refuse(*given: Any, **more: Any) -> None:
        del given, more
        raise FailedCall("no.", outcome=Outcome.REFUSED, status=status)

    monkeypatch.setattr(Forum, "edit_opening", refuse)
    _, report, _ = site.sync(only=key)
    monkeypatch.undo()
    assert report.failed == ()
    assert site.sync(only=key, now=days(1))[2].get("GET /t/{id}", 0) == 0


def days(number: int) -> datetime:
    return START + timedelta(days=number)


def kill(*given: Any, **more: Any) -> None:
    del given, more
    raise KilledError


def category_of(site: Site, key: str) -> dict[str, Any]:
    with site.forum() as forum:
        number = next(one.id for one in forum.categories() if one.slug == key)
        shown: dict[str, Any] = forum._http.ask("GET", f"/c/{number}/show.json").json()["category"]
    return shown


def name_of(site: Site, key: str) -> str:
    return str(category_of(site, key)["name"])


def about(site: Site, key: str) -> dict[str, Any]:
    """A category's own topic."""
    number = category_of(site, key)["topic_url"].rsplit("/", 1)[1]
    with site.forum() as forum:
        topic: dict[str, Any] = forum._http.ask("GET", f"/t/{number}.json", params={"include_raw": "true"}).json()
    return topic


def default(site: Site, key: str) -> list[int]:
    """The categories whose first posts the members of a cohort's group watch from the start."""
    with site.forum() as forum:
        group = forum._http.ask("GET", f"/groups/{key}.json").json()["group"]
    return list(group["watching_first_post_category_ids"])
