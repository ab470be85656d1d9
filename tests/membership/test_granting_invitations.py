"""An invitation that makes its person an administrator or moderator of the forum is never the worker's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sync_worker.membership.observing.unseen import HAS_GRANTED, WOULD_GRANT
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.unseen import InvitationStore, Stage
from sync_worker.membership.undo_runs import prepare_undo
from sync_worker.model import ChangeKind
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.practice_forum.tables import InviteGrant
from tests.membership.conftest import SERIAL, STAFF, Site
from tests.membership.test_invitations import NOW, kinds, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

K = ChangeKind
ADMIN, MODERATOR = {"admin": True}, {"moderator": True}


@pytest.fixture(scope="module")
def granting_forum() -> Iterator[ForumServer]:
    """A practice forum whose invitations can give rights over the forum."""
    options = ForumOptions(dialect="current", bulk_users=5, settings={"enable_category_group_moderation": "true"})
    with ForumServer(":memory:", options=options) as server:
        yield server


@pytest.fixture
def inviting(granting_forum: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two cohorts, and `invite` switched on."""
    site = Site(granting_forum.url, tmp_path_factory.mktemp("site"), f"g{next(SERIAL):04}")
    site.limits = {"allow": ("add", "remove", "owners", "create", "invite"), "max_shrink_fraction": 1}
    site.enrol(site.keys[0], (1, 2))
    yield site
    site.store.close()


@pytest.fixture
def grant(granting_forum: ForumServer, inviting: Site) -> Callable[..., None]:
    """Let the waiting invitation of an address give rights, as staff does on the forum."""

    def change(email: str, **rights: bool) -> None:
        number = inviting.pending()[email]["id"]
        with granting_forum.forum.database.session() as session:
            session.merge(InviteGrant(invite_id=number, **rights))

    return change


def invited_by_hand(site: Site, email: str) -> None:
    """Invite somebody as the API user, as an administrator does who uses that account."""
    answer = requests.post(f"{site.url}/invites.json", json={"email": email}, headers=STAFF, timeout=60)
    assert answer.ok, answer.text


def stage(site: Site, name: str) -> Stage:
    """What is remembered of a person's invitation."""
    with site.forum() as forum:
        known = InvitationStore(site.store.sessions, forum.name).read()
    return next(one.stage for one in known.values() if one.email.startswith(f"{name}."))


@pytest.mark.parametrize("rights", [ADMIN, MODERATOR])
def test_one_that_waits_already_is_not_sent_again_and_says_so_until_it_is_withdrawn(
    inviting: Site, grant: Callable[..., None], rights: dict[str, bool]
) -> None:
    email = inviting.newcomer("zoe")
    invited_by_hand(inviting, email)
    grant(email, **rights)
    before = inviting.pending()[email]
    plan, report, calls = run(inviting)
    assert kinds(plan) == [K.UNKNOWN]
    assert plan.of(K.UNKNOWN)[0].reason == f"not invited: {WOULD_GRANT}"
    assert report.failed == ()
    assert "POST /invites/create-multiple" not in calls
    assert inviting.pending()[email] == before
    requests.delete(f"{inviting.url}/invites.json", json={"id": before["id"]}, headers=STAFF, timeout=60)
    assert kinds(run(inviting, days=1)[0]) == [K.INVITE]
    assert stage(inviting, "zoe") is Stage.INVITED


def test_it_stops_nobody_else(inviting: Site, grant: Callable[..., None]) -> None:
    email, other = inviting.newcomer("zoe"), inviting.newcomer("yan")
    invited_by_hand(inviting, email)
    grant(email, **ADMIN)
    plan, _, _ = run(inviting)
    assert sorted(kinds(plan)) == [K.INVITE, K.UNKNOWN]
    assert set(inviting.pending()) == {email, other}


def test_one_of_ours_that_was_given_rights_is_not_sent_as_a_reminder(
    inviting: Site, grant: Callable[..., None]
) -> None:
    email = inviting.newcomer("zoe")
    run(inviting, remind_after_days=3)
    grant(email, **MODERATOR)
    before = inviting.pending()[email]
    for days in (4, 8):
        plan, report, _ = run(inviting, days=days, remind_after_days=3)
        assert [line.reason for line in plan.of(K.UNKNOWN)] == [f"not invited: {WOULD_GRANT}"]
        assert report.failed == ()
    assert inviting.pending()[email] == before
    assert stage(inviting, "zoe") is Stage.GRANTS
    del inviting.rows[inviting.keys[0], "zoe"]
    run(inviting, days=9)
    assert inviting.pending()[email] == before  # it is not ours to withdraw


def test_it_is_reported_also_while_nobody_may_be_invited(inviting: Site, grant: Callable[..., None]) -> None:
    email = inviting.newcomer("zoe")
    run(inviting, remind_after_days=3)
    grant(email, **ADMIN)
    run(inviting, days=4, remind_after_days=3)
    inviting.limits["allow"] = ("add", "remove", "owners", "create")
    plan, _, _ = run(inviting, days=8, remind_after_days=3)
    assert [line.reason for line in plan.of(K.UNKNOWN)] == [f"not invited: {WOULD_GRANT}"]


def test_whoever_accepts_one_is_named_and_is_not_ours_to_remove(inviting: Site, grant: Callable[..., None]) -> None:
    email = inviting.newcomer("zoe")
    run(inviting)
    grant(email, **ADMIN)
    username = f"zoe_{inviting.prefix}"
    inviting.accept(email, username)
    plan, _, _ = run(inviting, days=1)
    assert HAS_GRANTED.format(username=username) in [line.reason for line in plan.of(K.KEPT)]
    assert stage(inviting, "zoe") is Stage.GRANTED
    del inviting.rows[inviting.keys[0], "zoe"]
    plan, _, _ = run(inviting, days=2)
    assert plan.of(K.REMOVE) == ()
    assert username in inviting.members(inviting.keys[0])


def test_one_that_is_given_rights_between_the_look_and_the_call_fails_and_is_not_ours(
    inviting: Site, grant: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    email = inviting.newcomer("zoe")
    invited_by_hand(inviting, email)
    with inviting.forum() as forum:
        looked = type(forum).pending_invitations

    def just_before(forum: Any) -> Any:
        yield from list(looked(forum))
        grant(email, **ADMIN)

    monkeypatch.setattr("sync_worker.forum.client.Forum.pending_invitations", just_before)
    _, report, _ = run(inviting)
    assert [failure.reason for failure in report.failed] == [WOULD_GRANT]
    assert stage(inviting, "zoe") is Stage.GRANTS


def test_an_undo_that_would_invite_again_leaves_it_alone(inviting: Site, grant: Callable[..., None]) -> None:
    email = inviting.newcomer("zoe")
    run(inviting)
    del inviting.rows[inviting.keys[0], "zoe"]
    run(inviting, days=1)  # withdraws it
    invited_by_hand(inviting, email)
    grant(email, **ADMIN)
    before = inviting.pending()[email]
    with inviting.forum() as forum:
        last = Journal(inviting.store.sessions, forum.name).runs()[0].id
        plan = prepare_undo(inviting.settings, forum, inviting.store, last, now=NOW + timedelta(days=2)).plan
    assert [line.reason for line in plan.of(K.KEPT)] == [f"not invited: {WOULD_GRANT}"]
    assert inviting.pending()[email] == before
