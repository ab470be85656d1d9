"""People without an account are invited, followed, reminded and let go, and never invited twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from sync_worker.config.settings import InvitationSettings, Settings
from sync_worker.forum import FailedCall, Forum, Outcome
from sync_worker.membership import prepare, prepare_undo, sync
from sync_worker.membership.applying.unseen import invitation_text
from sync_worker.model import ChangeKind, Cohort, Enrolment, Person, Role
from sync_worker.practice_forum.server.options import DEFAULT_KEY

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
STAFF = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
OPTIONS: dict[str, object] = {}


@pytest.fixture
def inviting(site: Site) -> Site:
    """Two cohorts, and `invite` switched on."""
    site.limits = {"allow": ("add", "remove", "owners", "create", "invite")}
    site.enrol(site.keys[0], (1, 2))
    return site


def run(site: Site, days: float = 0, **invitations: object) -> Any:
    """Sync so many days later; give the plan, the report and the calls."""
    document = site.settings.model_dump() | {"invitations": invitations}
    settings = Settings.model_validate(document)
    now = NOW + timedelta(days=days)
    with site.forum() as forum:
        prepared, report = sync(settings, site.roster(), forum, site.store, now=now)
        return prepared.plan, report, forum.calls.by_operation


def kinds(plan: Any) -> list[ChangeKind]:
    wanted = (K.INVITE, K.INVITED, K.REMIND, K.WITHDRAW, K.UNKNOWN)
    return [change.kind for change in plan.changes if change.kind in wanted]


def test_nobody_is_invited_unless_that_is_switched_on(site: Site) -> None:
    site.newcomer("zoe")
    plan, report, _ = run(site)
    assert kinds(plan) == [K.UNKNOWN]
    assert report.failed == ()
    assert site.pending() == {}


def test_people_without_an_account_are_invited_into_their_group_in_one_call(inviting: Site) -> None:
    emails = {inviting.newcomer(name) for name in ("zoe", "yan", "xia")}
    plan, report, calls = run(inviting)
    assert kinds(plan) == [K.INVITE] * 3
    assert report.failed == ()
    assert calls["POST /invites/create-multiple"] == 1
    found = inviting.pending()
    assert set(found) == emails
    for row in found.values():
        assert [group["name"] for group in row["groups"]] == [inviting.keys[0]]
        assert "You have a place in" in row["custom_message"]


def test_whoever_was_invited_is_not_invited_again_and_costs_no_call(inviting: Site) -> None:
    inviting.newcomer("zoe")
    run(inviting)
    plan, _, second = run(inviting, days=0.1)
    assert kinds(plan) == [K.INVITED]
    assert "invited on 2027-03-15; open until 2027-04-14" in plan.of(K.INVITED)[0].reason
    assert not any("invite" in operation or "users" in operation for operation in second)
    assert plan.effective == ()


def test_whoever_accepts_is_a_member_of_ours_and_can_be_removed_again(inviting: Site) -> None:
    email = inviting.newcomer("zoe")
    run(inviting)
    username = f"zoe_{inviting.prefix}"
    inviting.accept(email, username)
    plan, report, _ = run(inviting, days=1)
    assert plan.effective == ()
    assert username in inviting.members(inviting.keys[0])
    assert report.failed == ()
    del inviting.rows[inviting.keys[0], "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    plan, _, _ = run(inviting, days=2)
    assert [change.username for change in plan.of(K.REMOVE)] == [username]
    assert username not in inviting.members(inviting.keys[0])


@pytest.mark.parametrize("protected", ["e-77", "ZOE.{prefix}@example.net", "zoe_{prefix}"])
def test_whoever_accepted_is_protected_by_every_identifier_of_the_roster(inviting: Site, protected: str) -> None:
    email = inviting.newcomer("zoe")
    where = inviting.keys[0], "zoe"
    person = replace(inviting.rows[where].person, external_id="E-77")
    inviting.rows[where] = replace(inviting.rows[where], person=person)
    run(inviting)
    inviting.accept(email, f"zoe_{inviting.prefix}")
    run(inviting, days=1)
    del inviting.rows[where]
    inviting.limits |= {"max_shrink_fraction": 1, "protected": [protected.format(prefix=inviting.prefix)]}
    plan, _, _ = run(inviting, days=2)
    assert plan.of(K.REMOVE) == ()
    assert "protected (limits.protected)" in {line.reason for line in plan.of(K.KEPT)}


def test_whoever_accepted_and_left_the_roster_at_once_is_protected_by_the_address_of_the_invitation(
    inviting: Site,
) -> None:
    email = inviting.newcomer("zoe")
    where = inviting.keys[0], "zoe"
    inviting.rows[where] = replace(inviting.rows[where], person=Person(external_id="E-77", email=email))
    run(inviting)
    inviting.accept(email, f"zoe_{inviting.prefix}")
    del inviting.rows[where]
    inviting.limits |= {"max_shrink_fraction": 1, "protected": [email]}
    for days in (1, 2):
        plan, _, _ = run(inviting, days=days)
        assert plan.of(K.REMOVE) == ()
    assert "protected (limits.protected)" in {line.reason for line in plan.of(K.KEPT)}


def test_whoever_signs_up_without_the_invitation_is_let_in_by_it_and_ours_all_the_same(inviting: Site) -> None:
    email = inviting.newcomer("zoe")
    run(inviting)
    account = {"username": f"own_{inviting.prefix}", "email": email, "password": "a-long-password-1", "active": "true"}
    assert requests.post(f"{inviting.url}/users.json", data=account, headers=STAFF, timeout=60).json()["success"]
    assert inviting.pending() == {}
    assert f"own_{inviting.prefix}" in inviting.members(inviting.keys[0])
    plan, _, _ = run(inviting, days=1)
    assert plan.effective == ()
    del inviting.rows[inviting.keys[0], "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    plan, _, _ = run(inviting, days=2)
    assert [change.username for change in plan.of(K.REMOVE)] == [f"own_{inviting.prefix}"]


def test_reminders_come_after_some_days_and_end(inviting: Site) -> None:
    inviting.newcomer("zoe")
    seen = []
    run(inviting, remind_after_days=5, max_reminders=2)
    for days in (4, 6, 7, 12, 18, 25):
        plan, report, _ = run(inviting, days=days, remind_after_days=5, max_reminders=2)
        assert report.failed == ()
        seen.append(kinds(plan)[0])
    assert seen == [K.INVITED, K.REMIND, K.INVITED, K.REMIND, K.INVITED, K.INVITED]
    assert len(inviting.pending()) == 1


def test_whoever_leaves_the_roster_loses_the_invitation(inviting: Site) -> None:
    inviting.newcomer("zoe")
    run(inviting)
    del inviting.rows[inviting.keys[0], "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    plan, report, _ = run(inviting, days=1)
    assert [change.reason for change in plan.of(K.WITHDRAW)] == ["no longer in the roster"]
    assert report.failed == ()
    assert inviting.pending() == {}
    assert run(inviting, days=2)[0].effective == ()


def with_ids(site: Site) -> None:
    """Let the roster give everybody an external id, as it does from the day on which the column is added."""
    for place, row in site.rows.items():
        site.rows[place] = replace(row, person=replace(row.person, external_id=f"E{place[1]}"))


def test_whoever_gets_another_id_in_the_roster_keeps_the_invitation(inviting: Site) -> None:
    email = inviting.newcomer("zoe")
    run(inviting)
    waiting = inviting.pending()
    with_ids(inviting)
    for days in (1, 2):
        plan, _, calls = run(inviting, days=days)
        assert kinds(plan) == [K.INVITED]
        assert not any("invites" in call for call in calls)
    assert inviting.pending() == waiting
    inviting.accept(email, f"zoe{inviting.prefix}")
    del inviting.rows[inviting.keys[0], "zoe"]
    inviting.limits |= {"grace_days": 0}
    plan, _, _ = run(inviting, days=3)
    assert [line.username for line in plan.of(K.REMOVE)] == [f"zoe{inviting.prefix}"]


def test_an_address_that_is_corrected_is_invited_and_the_wrong_one_no_more(inviting: Site) -> None:
    a = inviting.keys[0]
    wrong = inviting.newcomer("zoe")
    with_ids(inviting)
    run(inviting)
    row = inviting.rows[a, "zoe"]
    inviting.rows[a, "zoe"] = replace(row, person=replace(row.person, email=f"right.{wrong}"))
    plan, report, _ = run(inviting, days=1)
    assert sorted(kinds(plan)) == [K.INVITE, K.WITHDRAW]
    assert report.failed == ()
    assert list(inviting.pending()) == [f"right.{wrong}"]
    assert run(inviting, days=2)[0].effective == ()


def test_who_accepts_at_an_address_that_was_corrected_since_is_somebody_else(inviting: Site) -> None:
    a = inviting.keys[0]
    wrong, stranger = inviting.newcomer("zoe"), f"stranger{inviting.prefix}"
    with_ids(inviting)
    run(inviting)
    row = inviting.rows[a, "zoe"]
    inviting.rows[a, "zoe"] = replace(row, person=replace(row.person, email=f"right.{wrong}"))
    inviting.accept(wrong, stranger)
    plan, _, _ = run(inviting, days=1)
    assert kinds(plan) == [K.INVITE]
    assert [line.username for line in plan.of(K.REMOVE)] == [stranger]


def test_an_invitation_is_withdrawn_by_an_undo_under_whatever_id(inviting: Site) -> None:
    email = inviting.newcomer("zoe")
    first = run(inviting)[1].run
    with_ids(inviting)
    run(inviting, days=1)
    with inviting.forum() as forum:
        prepared = prepare_undo(inviting.settings, forum, inviting.store, first, now=NOW + timedelta(days=2))
    assert [line.person for line in prepared.plan.of(K.WITHDRAW)] == ["Zoe"]
    inviting.accept(email, f"zoe{inviting.prefix}")
    run(inviting, days=3)
    with inviting.forum() as forum:
        prepared = prepare_undo(inviting.settings, forum, inviting.store, first, now=NOW + timedelta(days=4))
    assert f"zoe{inviting.prefix}" in {line.username for line in prepared.plan.of(K.REMOVE)}


def test_the_end_of_the_cohort_takes_open_invitations_back(inviting: Site) -> None:
    inviting.newcomer("zoe")
    run(inviting, expiry_days=200)
    plan, _, _ = run(inviting, days=90, expiry_days=200)
    assert "the cohort ended on 2027-05-31" in [change.reason for change in plan.of(K.WITHDRAW)]
    assert inviting.pending() == {}


def test_an_end_typed_with_the_year_before_takes_no_invitation_back(inviting: Site) -> None:
    inviting.newcomer("zoe")
    run(inviting)
    inviting.cohort = {"start": date(2026, 1, 1), "end": date(2026, 5, 31)}
    plan, _, _ = run(inviting, days=1)
    assert plan.effective == ()
    assert len(inviting.pending()) == 1


def test_one_person_in_two_cohorts_gets_one_invitation_that_outlives_the_first_cohort(inviting: Site) -> None:
    a, b = inviting.keys
    email = inviting.newcomer("zoe")
    inviting.newcomer("zoe", cohort=b)
    _, report, calls = run(inviting)
    assert report.failed == ()
    assert calls["POST /invites/create-multiple"] == 1
    assert {group["name"] for group in inviting.pending()[email]["groups"]} == {a, b}
    del inviting.rows[a, "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    run(inviting, days=1)
    assert [group["name"] for group in inviting.pending()[email]["groups"]] == [b]


def test_a_run_invites_no_more_people_than_it_may(inviting: Site) -> None:
    for name in ("zoe", "yan", "xia"):
        inviting.newcomer(name)
    plan, _, _ = run(inviting, per_run=2)
    assert sorted(kinds(plan)) == [K.INVITE, K.INVITE, K.UNKNOWN]
    assert "Not invited in this run" in plan.of(K.UNKNOWN)[0].reason
    plan, _, _ = run(inviting, days=1, per_run=2)
    assert sorted(kinds(plan)) == [K.INVITE, K.INVITED, K.INVITED]


def test_one_refused_address_stops_nobody_else_and_is_not_tried_again(inviting: Site) -> None:
    inviting.newcomer("zoe")
    key = inviting.keys[0]
    inviting.rows[key, "bad"] = Enrolment(Person(email=f"bad@{key}", name="Bad"), key, where="r.csv:9")
    plan, report, _ = run(inviting)
    assert [failure.change.person for failure in report.failed] == ["Bad"]
    assert "valid email" in report.failed[0].reason
    plan, report, _ = run(inviting, days=1)
    assert report.failed == ()
    assert "could not be invited" in plan.of(K.UNKNOWN)[0].reason


def test_a_doubtful_answer_is_settled_by_looking(inviting: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    inviting.newcomer("zoe")
    real = Forum.invite

    def cut_off(forum: Forum, *args: Any, **more: Any) -> Any:
        real(forum, *args, **more)
        raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)

    monkeypatch.setattr(Forum, "invite", cut_off)
    _, report, _ = run(inviting)
    assert "the next run will know" in report.failed[0].reason
    monkeypatch.undo()
    plan, report, _ = run(inviting, days=1)
    assert kinds(plan) == [K.INVITED]
    assert len(inviting.pending()) == 1


def test_a_call_that_never_arrived_is_made_by_the_next_run(inviting: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    inviting.newcomer("zoe")

    def silent(*_: object, **__: object) -> Any:
        raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL)

    monkeypatch.setattr(Forum, "invite", silent)
    run(inviting)
    monkeypatch.undo()
    plan, _, _ = run(inviting, days=1)
    assert kinds(plan) == [K.INVITE]
    assert len(inviting.pending()) == 1


def test_an_invitation_that_staff_took_back_is_not_renewed(inviting: Site) -> None:
    email = inviting.newcomer("zoe")
    run(inviting, remind_after_days=3)
    requests.delete(
        f"{inviting.url}/invites.json", json={"id": inviting.pending()[email]["id"]}, headers=STAFF, timeout=60
    )
    plan, _, _ = run(inviting, days=4, remind_after_days=3)
    assert kinds(plan) == [K.UNKNOWN]
    assert "taken back on the forum" in plan.of(K.UNKNOWN)[0].reason
    assert inviting.pending() == {}


def test_a_dry_run_invites_nobody(inviting: Site) -> None:
    inviting.newcomer("zoe")
    with inviting.forum(read_only=True) as forum:
        plan = prepare(inviting.settings, inviting.roster(), forum, inviting.store, now=NOW).plan
    assert kinds(plan) == [K.INVITE]
    assert inviting.pending() == {}


def test_an_lcm_is_invited_into_both_groups(inviting: Site) -> None:
    email = inviting.newcomer("zoe", role=Role.LCM)
    run(inviting)
    key = inviting.keys[0]
    assert {group["name"] for group in inviting.pending()[email]["groups"]} == {key, f"{key}-lcm"}


def test_whoever_is_no_lcm_any_more_is_invited_anew_into_the_learners_group_alone(inviting: Site) -> None:
    a = inviting.keys[0]
    email = inviting.newcomer("zoe", role=Role.LCM)
    run(inviting)
    inviting.newcomer("zoe")
    plan, report, _ = run(inviting, days=1)
    assert kinds(plan) == [K.UNKNOWN, K.WITHDRAW]
    assert report.failed == ()
    assert inviting.pending() == {}
    run(inviting, days=1.1)
    assert [group["name"] for group in inviting.pending()[email]["groups"]] == [a]
    assert run(inviting, days=2)[0].effective == ()


def test_an_lcm_who_is_reminded_and_accepts_is_ours_in_both_groups(inviting: Site) -> None:
    key, lcms, username = inviting.keys[0], f"{inviting.keys[0]}-lcm", f"zoe_{inviting.prefix}"
    email = inviting.newcomer("zoe", role=Role.LCM)
    run(inviting)
    assert kinds(run(inviting, days=8)[0]) == [K.REMIND]
    inviting.accept(email, username)
    run(inviting, days=9)
    assert username in inviting.members(key)
    assert username in inviting.members(lcms)
    del inviting.rows[key, "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    plan, _, _ = run(inviting, days=10)
    assert {(line.target, line.username) for line in plan.of(K.REMOVE)} == {(key, username), (lcms, username)}


def test_one_invitation_into_two_cohorts_is_accepted_in_both(inviting: Site) -> None:
    a, b = inviting.keys
    email, username = inviting.newcomer("zoe"), f"zoe_{inviting.prefix}"
    inviting.newcomer("zoe", cohort=b)
    run(inviting)
    inviting.accept(email, username)
    run(inviting, days=1)
    del inviting.rows[a, "zoe"], inviting.rows[b, "zoe"]
    inviting.limits["max_shrink_fraction"] = 1
    inviting.limits["max_overall_shrink_fraction"] = 1
    inviting.enrol(b, (3,))
    plan, _, _ = run(inviting, days=2)
    assert {line.target for line in plan.of(K.REMOVE) if line.username == username} == {a, b}


COHORT = Cohort("s", "Spring & co", date(2027, 3, 1), date(2027, 5, 31), "UTC", "en", "s", "s-lcm", "S", "s")


def test_the_message_names_cohort_and_dates_in_its_language() -> None:
    english = invitation_text(COHORT, InvitationSettings())
    french = invitation_text(replace(COHORT, locale="fr"), InvitationSettings())
    assert "“Spring & co”, which runs from 1\u00a0March\u00a02027 to 31\u00a0May\u00a02027." in english
    assert "«\u00a0Spring & co\u00a0», du 1er\u00a0mars\u00a02027 au 31\u00a0mai\u00a02027." in french


def test_a_message_of_ones_own_is_checked_when_it_is_read() -> None:
    own = InvitationSettings(message={"en": "Join $cohort for 5 $$ a day."})
    assert invitation_text(COHORT, own) == "Join Spring & co for 5 $ a day."
    with pytest.raises(ValueError, match=r"only \$cohort, \$start, \$end stand for something"):
        InvitationSettings(message={"en": "Dear $name"})


def test_a_plain_refusal_leaves_nothing_in_doubt(inviting: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    inviting.newcomer("zoe")

    def refuse(*_: object, **__: object) -> Any:
        raise FailedCall("you may not invite.", outcome=Outcome.REFUSED, status=403)

    monkeypatch.setattr(Forum, "invite", refuse)
    _, report, _ = run(inviting)
    assert report.failed[0].reason == "you may not invite."
    monkeypatch.undo()
    plan, _, _ = run(inviting, days=1)
    assert kinds(plan) == [K.INVITE]


def test_new_sites_share_nothing(new_site: Callable[[], Site]) -> None:
    assert new_site().prefix != new_site().prefix
