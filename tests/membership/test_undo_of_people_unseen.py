"""Taking back runs whose lines named no account: people added by their address alone, and people invited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sync_worker.config.settings import Settings
from sync_worker.errors import UnsafePlanError
from sync_worker.forum import FailedCall, Forum, Outcome, writing
from sync_worker.membership import Journal, prepare_undo, sync, undo
from sync_worker.model import ChangeKind, Enrolment, Person, Role
from sync_worker.practice_forum.server.options import DEFAULT_KEY

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
STAFF = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}


class KilledError(BaseException):
    """The process is gone."""


def name(number: int) -> str:
    return f"bulk{number:04}"


def settings(site: Site, *, unseen: bool = True, **limits: object) -> Settings:
    """Everything allowed, and everybody who may be is added by e-mail, unless told otherwise."""
    bold = {
        "small_group_additions": 50,
        "small_group_removals": 50,
        "max_removal_fraction": 1,
        "max_overall_removal_fraction": 1,
    }
    allowed = {"allow": ("add", "remove", "owners", "create", "invite"), "grace_days": 0, "max_shrink_fraction": 1}
    lookup = {"by_email_over": 0, "rungs": ("singly", "crawl", *(("by_email",) if unseen else ()))}
    document = {"lookup": lookup, "limits": {**site.limits, **allowed, **bold, **limits}}
    return Settings.model_validate(site.settings.model_dump() | document)


def run(site: Site, hours: float = 0, *, unseen: bool = True) -> Any:
    """Sync so many hours later; give the plan and the report."""
    with site.forum() as forum:
        now = NOW + timedelta(hours=hours)
        prepared, report = sync(settings(site, unseen=unseen), site.roster(), forum, site.store, now=now)
        return prepared.plan, report


def last_run(site: Site) -> str:
    with site.forum(read_only=True) as forum:
        return Journal(site.store.sessions, forum.name).runs()[0].id


def take_back(site: Site, hours: float = 50, of: str = "", **limits: object) -> Any:
    """Take a run back, the last one if not named; give the plan, the report and the calls."""
    with site.forum() as forum:
        now = NOW + timedelta(hours=hours)
        prepared, report = undo(settings(site, **limits), forum, site.store, of or last_run(site), now=now)
        return prepared.plan, report, forum.calls.by_operation


def reasons(plan: Any, *kinds: ChangeKind) -> dict[str | None, str]:
    return {line.username or line.person: line.reason for line in plan.of(*kinds)}


def groups_of(site: Site, email: str) -> set[str]:
    return {group["name"] for group in site.pending()[email]["groups"]}


# People added by their address


def test_people_whom_the_roster_knows_by_a_number_as_well_are_taken_back(site: Site) -> None:
    a, _ = site.keys
    for n in range(1, 31):
        person = Person(external_id=f"E{n}", email=f"{name(n)}@example.org", name=f"Bulk {n}")
        site.rows[a, n] = Enrolment(person, a, where=f"r.csv:{n}")
    plan, _ = run(site)
    assert len(plan.of(K.ADD_BY_EMAIL)) == 30
    plan, report, _ = take_back(site)
    assert (len(plan.of(K.REMOVE)), report.failed) == (30, ())
    assert site.members(a) == {}


def test_of_people_whom_the_roster_knows_by_a_number_as_well_it_is_told_why_they_stay(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    run(site)
    site.by_hand(a, add=[name(3)])
    for n in (2, 3, 4):
        person = Person(external_id=f"E{n}", email=f"{name(n)}@example.org", name=f"Bulk {n}")
        site.rows[a, n] = Enrolment(person, a, where=f"r.csv:{n}")
    run(site, hours=1)
    site.by_hand(a, remove=[name(4)])
    plan, _, _ = take_back(site)
    assert set(reasons(plan, K.REMOVE)) == {name(2)}
    kept = reasons(plan, K.KEPT)
    assert kept["Bulk 3"] == "was in the group before the run came to it; left so"
    assert kept[name(4)] == "not there any more: left, or removed manually"


def test_whom_a_run_added_by_their_address_an_undo_takes_out_again(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    run(site)
    before = site.state()
    site.enrol(a, range(4, 30))
    plan, _ = run(site, hours=1)
    assert len(plan.of(K.ADD_BY_EMAIL)) == 26
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert set(reasons(plan, K.REMOVE)) == {name(n) for n in range(4, 30)}
    assert site.state() == before


def test_taken_back_twice_it_does_nothing_more_and_can_be_taken_back_itself(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    first, full = last_run(site), site.state()
    take_back(site)
    taken = last_run(site)
    plan, report, _ = take_back(site, hours=51, of=first)
    assert plan.effective == report.done == ()
    assert {line.reason for line in plan.of(K.UNCHANGED)} == {f"taken back already by {taken}"}
    take_back(site, hours=52, of=taken)
    assert site.state() == full


def test_after_an_undo_the_next_sync_follows_the_roster_again(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    take_back(site, hours=2)
    site.rows = {key: row for key, row in site.rows.items() if key[1] > 5}
    plan, report = run(site, hours=3)
    assert report.failed == ()
    assert set(site.members(a)) == {name(n) for n in range(6, 20)}
    assert plan.of(K.REMOVE) == ()
    assert run(site, hours=4)[0].effective == ()


def test_whoever_was_there_before_the_run_stays(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    run(site)
    site.by_hand(a, add=[name(50)])
    site.enrol(a, range(48, 53))
    run(site, hours=1)
    plan, _, _ = take_back(site)
    assert set(reasons(plan, K.REMOVE)) == {name(n) for n in (48, 49, 51, 52)}
    assert reasons(plan, K.KEPT)["Bulk 50"] == "was in the group before the run came to it; left so"
    assert name(50) in site.members(a)


def test_whoever_left_since_and_came_back_by_hand_stays(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    site.by_hand(a, remove=[name(4), name(5)])
    run(site, hours=1)
    site.by_hand(a, add=[name(4)])
    run(site, hours=2)
    plan, _, _ = take_back(site, of=first_run(site))
    kept = reasons(plan, K.KEPT)
    assert kept[name(4)] == "left and was added again manually since; left so"
    assert kept[name(5)] == "not there any more: left, or removed manually"
    assert name(4) in site.members(a)


def first_run(site: Site) -> str:
    with site.forum(read_only=True) as forum:
        return Journal(site.store.sessions, forum.name).runs()[-1].id


def test_an_account_that_has_lost_its_address_since_goes_all_the_same(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    number = account(site, site.newcomer("zoe"))
    run(site)
    answer = requests.put(f"{site.url}/admin/users/{number}/anonymize.json", headers=STAFF, timeout=60).json()
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert reasons(plan, K.REMOVE)[answer["username"]].endswith("whose address it was is not known any more")
    assert "no account has this address" in reasons(plan, K.KEPT)["Zoe"]
    assert site.members(a) == {}
    assert len(run(site, hours=60, unseen=False)[0].of(K.INVITE)) == 1


def account(site: Site, email: str) -> int:
    """Make an account with the address; return its number."""
    body = {"username": f"u_{site.prefix}", "email": email, "password": "a-long-password-1", "active": "true"}
    assert requests.post(f"{site.url}/users.json", data=body, headers=STAFF, timeout=60).json()["success"]
    shown = requests.get(f"{site.url}/u/{body['username']}.json", headers=STAFF, timeout=60).json()
    return int(shown["user"]["id"])


@pytest.mark.parametrize("protected", [name(4), f"{name(4).upper()}@example.org"])
def test_protected_people_stay(site: Site, protected: str) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    plan, _, _ = take_back(site, protected=[protected])
    assert reasons(plan, K.KEPT)[name(4)] == "protected (limits.protected)"
    assert set(site.members(a)) == {name(4)}


def test_the_caps_hold(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 31))
    run(site)
    with pytest.raises(UnsafePlanError, match="takes 30 of 30 people"):
        take_back(site, max_removal_fraction=0.25, small_group_removals=5)
    assert len(site.members(a)) == 30


def test_a_run_of_whose_end_nothing_is_known_is_taken_back_by_looking_people_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    run(site)
    site.by_hand(a, add=[name(5)])
    before = site.state()
    site.enrol(a, range(2, 9))
    real = Forum.add_by_email

    def die(forum: Forum, group_id: int, emails: list[str]) -> Any:
        list(real(forum, group_id, emails))
        raise KilledError

    monkeypatch.setattr(Forum, "add_by_email", die)
    with pytest.raises(KilledError):
        run(site, hours=1)
    monkeypatch.undo()
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert set(reasons(plan, K.REMOVE)) == {name(n) for n in (2, 3, 4, 6, 7, 8)}
    assert site.state() == before


def test_lines_that_failed_in_doubt_are_taken_back_where_they_were_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    run(site)
    before = site.state()
    site.enrol(a, range(2, 9))
    real = writing._send_addresses

    def unanswered(*args: Any) -> Any:
        real(*args)
        raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)

    monkeypatch.setattr(writing, "_send_addresses", unanswered)
    _, report = run(site, hours=1)
    assert len(report.failed) == 7
    monkeypatch.undo()
    take_back(site)
    assert site.state() == before


def test_an_undo_that_was_killed_is_finished_by_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    first = last_run(site)
    real = Forum.remove_members

    def die(forum: Forum, *args: Any) -> Any:
        real(forum, args[0], args[1][:5])
        raise KilledError

    monkeypatch.setattr(Forum, "remove_members", die)
    with pytest.raises(KilledError):
        take_back(site)
    monkeypatch.undo()
    _, report, _ = take_back(site, hours=51, of=first)
    assert report.failed == ()
    assert site.members(a) == {}


def test_looking_only_writes_nothing(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 20))
    run(site)
    with site.forum(read_only=True) as forum:
        plan = prepare_undo(settings(site), forum, site.store, last_run(site), now=NOW + timedelta(hours=1)).plan
    assert len(plan.of(K.REMOVE)) == 19
    assert len([line for line in run(site, hours=2)[0].of(K.UNCHANGED) if "not looked up" in line.reason]) == 19


# Invitations


def look_up_and_run(site: Site, hours: float = 0) -> Any:
    """Sync so many hours later and add nobody by an address alone."""
    return run(site, hours, unseen=False)


def test_an_invitation_that_waits_is_withdrawn(site: Site) -> None:
    site.enrol(site.keys[0], (1,))
    look_up_and_run(site)
    email = site.newcomer("zoe")
    look_up_and_run(site, hours=1)
    assert set(site.pending()) == {email}
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert [line.reason for line in plan.of(K.WITHDRAW)] == [f"invited by {second_run(site)}"]
    assert site.pending() == {}
    assert take_back(site, hours=51, of=second_run(site))[0].effective == ()
    assert len(look_up_and_run(site, hours=52)[0].of(K.INVITE)) == 1


def second_run(site: Site) -> str:
    with site.forum(read_only=True) as forum:
        return Journal(site.store.sessions, forum.name).runs()[-2].id


def test_whoever_accepted_leaves_the_group_and_keeps_the_account(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    look_up_and_run(site)
    before = site.state()
    email, username = site.newcomer("zoe"), f"zoe_{site.prefix}"
    look_up_and_run(site, hours=1)
    site.accept(email, username)
    assert username in site.members(a)
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert reasons(plan, K.REMOVE)[username] == f"invited by {second_run(site)}, and accepted"
    assert site.state() == before
    assert requests.get(f"{site.url}/u/{username}.json", headers=STAFF, timeout=60).ok


def test_an_lcm_who_accepted_leaves_both_groups(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    look_up_and_run(site)
    before = site.state()
    email, username = site.newcomer("zoe", role=Role.LCM), f"zoe_{site.prefix}"
    look_up_and_run(site, hours=1)
    invited = last_run(site)
    site.accept(email, username)
    look_up_and_run(site, hours=2)
    assert (site.members(a)[username], site.members(f"{a}-lcm")[username]) == (True, False)
    take_back(site)  # the run that made the LCM owner of the group
    take_back(site, hours=51, of=invited)
    assert site.state() == before


def test_a_withdrawal_is_taken_back_by_inviting_again(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    email = site.newcomer("zoe", role=Role.LCM)
    look_up_and_run(site)
    row = site.rows.pop((a, "zoe"))
    look_up_and_run(site, hours=1)
    assert site.pending() == {}
    plan, report, _ = take_back(site)
    assert report.failed == ()
    assert [line.kind for line in plan.effective] == [K.INVITE]
    assert groups_of(site, email) == {a, f"{a}-lcm"}
    site.rows[a, "zoe"] = row
    assert look_up_and_run(site, hours=51)[0].effective == ()


def test_of_two_cohorts_only_the_runs_own_is_taken_back(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, (1,))
    email = site.newcomer("zoe")
    look_up_and_run(site)
    site.newcomer("zoe", cohort=b)
    look_up_and_run(site, hours=1)
    assert groups_of(site, email) == {a, b}
    _, report, _ = take_back(site)
    assert report.failed == ()
    assert groups_of(site, email) == {a}


def test_a_reminder_stays_sent_and_is_told(site: Site) -> None:
    site.enrol(site.keys[0], (1,))
    site.newcomer("zoe")
    look_up_and_run(site)
    look_up_and_run(site, hours=24 * 8)
    plan, _, _ = take_back(site, hours=24 * 9)
    assert [line.reason for line in plan.of(K.KEPT)] == ["the mail is out"]


def test_an_invitation_whose_answer_never_came_is_taken_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.enrol(site.keys[0], (1,))
    look_up_and_run(site)
    site.newcomer("zoe")
    real = Forum.invite

    def cut_off(forum: Forum, *args: Any, **more: Any) -> Any:
        real(forum, *args, **more)
        raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)

    monkeypatch.setattr(Forum, "invite", cut_off)
    look_up_and_run(site, hours=1)
    monkeypatch.undo()
    assert len(site.pending()) == 1
    take_back(site)
    assert site.pending() == {}


def test_where_inviting_is_not_allowed_nothing_is_taken_back(site: Site) -> None:
    site.enrol(site.keys[0], (1,))
    site.newcomer("zoe")
    look_up_and_run(site)
    with pytest.raises(Exception, match="Switch invite on"):
        take_back(site, allow=("add", "remove", "owners", "create"))
    assert len(site.pending()) == 1
