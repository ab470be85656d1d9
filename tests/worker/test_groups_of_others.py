"""A group that somebody made anew under the name of a cohort's LCM group has no LCMs in it, and hears nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sync_worker.config.load import complete_cohort
from sync_worker.forum import Forum
from sync_worker.membership.observing.observe import members_of, recipients_now
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.worker.surroundings import look_around
from tests.worker.story_site import StorySite, day

if TYPE_CHECKING:
    pass


@pytest.fixture
def site(new_site: Callable[..., StorySite]) -> StorySite:
    """A cohort whose groups and category a sync has written down as its own."""
    site = new_site()
    with site.store() as store, connect(site) as forum:
        memory = MembershipStore(store.sessions, forum.name)
        numbers = {group.name: group.id for group in forum.groups()}
        for name in (site.key, lcm_group(site)):
            memory.write_created("group", name, numbers[name], "sync", day(1, 9))
        memory.write_created("category", site.key, site.category, "sync", day(1, 9))
    site.tell()
    return site


def connect(site: StorySite) -> Forum:
    return Forum.connect(site.settings.forum, DEFAULT_KEY)


def lcm_group(site: StorySite) -> str:
    return f"{site.key}-lcm"


def number_of(forum: Forum, name: str) -> int:
    return next(group.id for group in forum.groups() if group.name == name)


def make_anew(site: StorySite) -> str:
    """Delete the LCM group, and let somebody else make one of its name for a stranger; return who is in it."""
    stranger = f"ben_{site.key}"
    with connect(site) as forum:
        site.call("DELETE", f"/admin/groups/{number_of(forum, lcm_group(site))}.json")
        made = forum.create_group(lcm_group(site), "Something else", messageable_level=3)
        account = site.call("GET", f"/u/{stranger}.json")["user"]["id"]
        forum.add_members(made.id, [account])
    return stranger


def hosts(site: StorySite) -> list[str]:
    with site.store() as store, connect(site) as forum:
        cohort = complete_cohort(site.settings.cohorts[0])
        return [host.username for host in look_around(forum, store, cohort).hosts]


def test_the_lcms_are_those_of_the_group_that_is_ours(site: StorySite) -> None:
    assert hosts(site) == [site.lcm]
    make_anew(site)
    assert hosts(site) == []


def test_a_group_of_ours_that_was_renamed_still_has_its_lcms(site: StorySite) -> None:
    with connect(site) as forum:
        number = number_of(forum, lcm_group(site))
        site.call("PUT", f"/groups/{number}.json", json={"group": {"name": f"{site.key}-team"}})
    assert hosts(site) == [site.lcm]


def test_nobody_of_another_group_is_asked_to_look_after_a_story(site: StorySite) -> None:
    stranger = make_anew(site)
    site.run(day(16, 10))
    site.approve()
    site.run(day(16, 11))
    for topic in site.messages():
        shown = site.call("GET", f"/t/{topic.id}.json")
        assert stranger not in {user["username"] for user in shown["details"]["allowed_users"]}


def test_a_note_to_the_lcms_is_not_sent_to_another_group_of_their_name(site: StorySite) -> None:
    site.ask()
    site.say(site.learner, "Call me about it, please.", day(16, 14))
    make_anew(site)
    report = site.run(day(17, 12))
    assert not [topic for topic in site.messages() if "please read" in topic.title]
    assert any("was deleted on the forum, or is not ours" in deed.reason for deed in report.deeds)


def test_a_message_goes_to_the_present_name_of_our_group_and_others_stay_as_they_are(site: StorySite) -> None:
    with site.store() as store, connect(site) as forum:
        number = number_of(forum, lcm_group(site))
        site.call("PUT", f"/groups/{number}.json", json={"group": {"name": f"{site.key}-team"}})
        assert recipients_now(forum, store.sessions, (lcm_group(site), "ana")) == (f"{site.key}-team", "ana")
        before = forum.calls.total
        assert recipients_now(forum, store.sessions, ("ana", "moderators")) == ("ana", "moderators")
        assert forum.calls.total == before


def test_the_names_of_a_cohort_of_which_nothing_was_ever_written_down_are_believed(
    new_site: Callable[..., StorySite],
) -> None:
    site = new_site()
    assert hosts(site) == [site.lcm]


def test_a_group_that_no_sync_made_or_adopted_is_not_the_cohorts_once_its_category_is(site: StorySite) -> None:
    with site.store() as store, connect(site) as forum:
        MembershipStore(store.sessions, forum.name).forget_created("group", lcm_group(site))
        cohort = complete_cohort(site.settings.cohorts[0])
        assert members_of(forum, store.sessions, cohort, lcm_group(site)) == []
        assert len(members_of(forum, store.sessions, cohort, site.key)) == 3
