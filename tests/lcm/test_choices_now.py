"""What people allow is read by account id, right before something is published."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sync_worker.config.settings import ForumSettings
from sync_worker.forum import Forum, Patience

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync_worker.forum.plugin_records import ChoicesNow
    from tests.lcm.conftest import Site


@contextmanager
def forum_of(site: Site) -> Iterator[Forum]:
    settings = ForumSettings(url=site.forum.url, api_username="forumadmin", calls_per_minute=1_000_000)
    with Forum.connect(settings, site.forum.key, patience=Patience(attempts=1)) as forum:
        yield forum


def choices_now(site: Site, user_ids: Iterable[int], post_ids: Iterable[int] = ()) -> ChoicesNow:
    with forum_of(site) as forum:
        assert forum.plugin is not None
        return forum.plugin.choices_now(user_ids, post_ids)


def id_of(site: Site, username: str) -> int:
    return int(site.forum.get(f"/u/{username}.json")["user"]["id"])


def test_a_no_holds_at_once_and_by_account_id(cohort: Site) -> None:
    ana, ben = id_of(cohort, "ana"), id_of(cohort, "ben")
    cohort.ask("PUT", "/lcm/preferences.json", {"quoting": False}, as_user="ana")
    cohort.forum.call("PUT", "/u/ana/preferences/username.json", json={"new_username": "anabela"})

    now = choices_now(cohort, [ana, ben, 999_999])

    assert (now.choices[ana].quoting, now.choices[ana].nudges) == (False, True)
    assert now.choices[ben].quoting
    assert now.gone == {999_999}


def test_an_authors_last_answer_is_told_by_post(cohort: Site) -> None:
    post = cohort.post("ana", "How do I begin a hand-over?")
    asked = {"post_id": post["id"], "title": "It worked", "evidence": [], "state": "asked"}
    cohort.ask("PUT", "/lcm/cohorts/spring-27/desk.json", {"as_of": "2027-03-10T09:00:00Z", "stories": [asked]})
    assert choices_now(cohort, [], [post["id"]]).consents == {(post["id"], "spring-27"): "asked"}
    for answer in ("yes", "no"):
        cohort.ask("PUT", f"/lcm/stories/{post['id']}/consent.json", {"answer": answer}, as_user="ana")
        assert choices_now(cohort, [], [post["id"]]).consents == {(post["id"], "spring-27"): answer}


@pytest.mark.parametrize(("people", "calls"), [(0, 0), (1, 1), (500, 1), (501, 2)])
def test_five_hundred_people_cost_one_call(cohort: Site, people: int, calls: int) -> None:
    with forum_of(cohort) as forum:
        assert forum.plugin is not None
        now = forum.plugin.choices_now(range(100_000, 100_000 + people))
        assert forum.calls.by_operation.get("GET /lcm/*", 0) == calls
    assert len(now.gone) == people


def test_more_than_five_hundred_ids_in_a_call_are_refused(cohort: Site) -> None:
    ids = ",".join(map(str, range(1, 502)))
    assert cohort.call("GET", f"/lcm/choices.json?user_ids={ids}").status_code == 400
