"""A match holds while nothing contradicts it: identifiers that change, move, return or are given to somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from sync_worker.model import Change, ChangeKind, Person
from sync_worker.store.tables import ChoiceRow
from tests.membership.school import ALLOW, School

LATER = datetime(2027, 3, 20, tzinfo=UTC)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)


def person(name: str, number: str = "", email: str = "", username: str = "") -> Person:
    """Somebody of the roster, with an address of the school's unless it says otherwise."""
    address = email or ("" if username else f"{name.split(maxsplit=1)[0].lower()}@example.org")
    return Person(external_id=number or None, email=address or None, username=username or None, name=name)


def contradiction(school: School) -> Change:
    """The one contradiction of the plan."""
    (line,) = school.lines(ChangeKind.CONTRADICTION)
    return line


@pytest.fixture
def town(school: School) -> School:
    """A school whose accounts ana, ben and cleo were made long ago."""
    for name in ("ana", "ben", "cleo"):
        school.account(name, created_at=EARLIER)
    return school


def test_ids_that_were_renumbered_move_nobody_into_a_group(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben", "2"), person("Cleo", "3"))
    town.sync()
    town.roster(person("Ben", "1"), person("Cleo", "2"), person("Ana", "3"))
    town.roster(person("Ben", "1"), cohort="autumn")
    prepared, report = town.sync()
    assert town.members("autumn") == set()
    assert town.members("spring") == {"ana", "ben", "cleo"}
    assert len([line for line in prepared.plan.changes if line.kind is ChangeKind.CONTRADICTION]) == 4
    assert not [line for line in report.done if line.kind in {ChangeKind.ADD, ChangeKind.REMOVE}]
    reason = prepared.plan.of(ChangeKind.CONTRADICTION)[0].reason
    assert "external id is as before, and email and name are others than when 'ana' on 2027-03-15 was matched" in reason
    assert "lcm people settle" in reason


def test_ids_of_discourseconnect_that_were_renumbered_are_contradicted_by_the_forum(school: School) -> None:
    school.connect_accounts()
    for number, name in enumerate(("ana", "ben"), 1):
        school.account(name, external_id=f"E{number}", created_at=EARLIER)
    school.roster(person("Ana", "E1"), person("Ben", "E2"))
    school.sync()
    school.roster(person("Ana", "E2"), person("Ben", "E1"))
    school.roster(person("Ana", "E2"), cohort="autumn")
    school.sync()
    assert school.members("autumn") == set()
    assert school.members("spring") == {"ana", "ben"}


def test_a_leavers_id_given_to_a_newcomer_lets_nobody_in(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben", "2"))
    town.sync()
    town.roster(person("Ben", "2"))
    town.sync()
    town.roster(person("Ben", "2"), person("Zoe Novak", "1"))
    town.sync()
    assert town.members("spring") == {"ben"}
    line = contradiction(town)
    assert (line.person, line.username) == ("Zoe Novak", None)
    assert "'ana'" in line.reason


@pytest.mark.parametrize("ids", [("1", "9"), ("", "9"), ("", "")])
def test_a_leavers_address_given_to_a_newcomer_lets_nobody_in(town: School, ids: tuple[str, str]) -> None:
    town.roster(person("Ana Silva", ids[0]), person("Ben"))
    town.sync()
    town.roster(person("Ben"))
    town.sync()
    town.roster(person("Ben"), person("Zoe Novak", ids[1], email="ana@example.org"))
    town.sync()
    assert town.members("spring") == {"ben"}
    assert "'ana'" in contradiction(town).reason


def test_external_ids_beat_addresses(school: School) -> None:
    school.connect_accounts()
    school.account("jsmith", email="j.smith@example.org", external_id="E1", name="John Smith")
    school.roster(person("Jane Smith", "E2", email="j.smith@example.org"))
    school.sync()
    assert school.members("spring") == set()
    assert (
        "its email fits 'jsmith', which has the external id E1 on the forum, and not E2" in contradiction(school).reason
    )


def test_an_account_without_an_external_id_is_found_by_its_address(school: School) -> None:
    school.connect_accounts()
    school.account("jane", email="j.smith@example.org")
    school.roster(person("Jane Smith", "E2", email="j.smith@example.org"))
    school.sync()
    assert school.members("spring") == {"jane"}


def test_a_forum_restored_so_that_the_id_is_somebody_elses_lets_nobody_in(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben", "2"))
    prepared, _ = town.sync()
    match = prepared.who["id:1"]
    number = match.account.id  # type: ignore[union-attr]
    town.forum.call("DELETE", f"/groups/{town.group_id('spring')}/members.json", json={"user_ids": str(number)})
    town.change_account(number, username="zoe", name="Zoe Novak", email="zoe@example.net", created_at=LATER)
    town.roster(person("Ana", "1"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == set()
    reasons = town.reasons(ChangeKind.CONTRADICTION)
    assert any("was made at another time" in reason or "is younger than the match" in reason for reason in reasons)
    assert "'zoe'" in " ".join(reasons)


def test_undo_does_not_let_in_whoever_has_the_id_by_now(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben", "2"))
    prepared, _ = town.sync()
    number = prepared.who["id:1"].account.id  # type: ignore[union-attr]
    town.roster(person("Ben", "2"))
    _, report = town.sync()
    assert town.members("spring") == {"ben"}
    town.change_account(number, username="zoe", name="Zoe Novak", email="zoe@example.net", created_at=LATER)
    town.undo(report.run)
    assert town.members("spring") == {"ben"}


def test_undo_lets_the_person_in_and_not_the_stranger_who_took_the_name(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben", "2"))
    prepared, _ = town.sync()
    number = prepared.who["id:1"].account.id  # type: ignore[union-attr]
    town.roster(person("Ben", "2"))
    _, report = town.sync()
    town.change_account(number, username="ana_silva")
    town.account("ana", email="stranger@example.net")
    town.undo(report.run)
    assert town.members("spring") == {"ben", "ana_silva"}


@pytest.mark.parametrize("enrolled_anew", [False, True])
def test_a_username_that_was_taken_over_lets_nobody_in_and_keeps_who_is_there(
    town: School, enrolled_anew: bool
) -> None:
    ana = person("Ana", username="ana")
    town.roster(ana, person("Ben"))
    prepared, _ = town.sync()
    number = prepared.who[ana.key].account.id  # type: ignore[union-attr]
    town.change_account(number, username="ana_old")
    town.account("ana", email="other.ana@example.net")
    if enrolled_anew:
        town.roster(ana, cohort="autumn")
    for _ in range(2):
        town.sync()
        assert town.members("spring") == {"ana_old", "ben"}
        assert town.members("autumn") == set()


def test_addresses_swapped_on_the_forum_let_nobody_in(town: School) -> None:
    town.roster(person("Ana"), person("Ben"))
    prepared, _ = town.sync()
    ana, ben = (prepared.who[f"mail:{name}@example.org"].account.id for name in ("ana", "ben"))  # type: ignore[union-attr]
    town.change_account(ana, email="x@example.org", name="Somebody", username="somebody")
    town.change_account(ben, email="ana@example.org")
    town.change_account(ana, email="ben@example.org")
    town.roster(person("Ana"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == set()
    assert town.members("spring") == {"somebody", "ben"}


def test_an_address_that_changes_alone_is_followed_and_told_once(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben"))
    town.sync()
    town.roster(person("Ana Silva", "1", email="ana.silva@example.com"), person("Ben"))
    (line,) = town.lines(ChangeKind.FOLLOWED)
    assert line.username == "ana"
    assert line.reason.startswith("email changed in the roster; still the same person")
    town.sync()
    assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION) == []
    assert town.members("spring") == {"ana", "ben"}
    town.roster(person("Ana Silva", "1", email="ana.silva@example.com"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == {"ana"}


def test_a_new_address_that_is_another_accounts_is_a_contradiction(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben"))
    town.sync()
    town.roster(person("Ana Silva", "1", email="cleo@example.org"), person("Ben"))
    town.sync()
    assert town.members("spring") == {"ana", "ben"}
    assert "email fits 'cleo'" in contradiction(town).reason


def test_who_marries_stays_and_is_told(town: School) -> None:
    town.roster(person("Ana Silva"), person("Ben"))
    town.sync()
    town.roster(Person(email="ana@example.org", name="Ana Costa"), person("Ben"))
    (line,) = town.lines(ChangeKind.FOLLOWED)
    assert line.reason.startswith("name changed in the roster")
    town.sync()
    assert town.members("spring") == {"ana", "ben"}
    assert town.lines(ChangeKind.FOLLOWED) == []


def test_a_rename_on_the_forum_is_followed_and_told(town: School) -> None:
    town.roster(person("Ana"), person("Ben"))
    prepared, _ = town.sync()
    town.change_account(prepared.who["mail:ana@example.org"].account.id, username="ana_s")  # type: ignore[union-attr]
    town.roster(person("Ana"), cohort="autumn")
    prepared, _ = town.sync()
    assert "called 'ana' on the forum before" in " ".join(line.reason for line in prepared.plan.changes)
    assert town.members("autumn") == {"ana_s"}


def test_every_address_moved_to_another_domain_is_followed(town: School) -> None:
    names = ("Ana", "Ben", "Cleo")
    town.roster(*(person(name, str(n)) for n, name in enumerate(names)))
    town.sync()
    town.roster(*(person(name, str(n), email=f"{name.lower()}@example.edu") for n, name in enumerate(names)))
    town.sync()
    assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION) == []
    assert town.members("spring") == {"ana", "ben", "cleo"}


def test_the_same_name_in_another_order_or_with_a_word_more_is_no_change(town: School) -> None:
    town.roster(person("Ana Silva"), person("Ben"))
    town.sync()
    for name in ("Silva, Ana", "Ana Maria Silva", "ANA SILVA", "Ana  Silva "):
        town.roster(Person(email="ana@example.org", name=name), person("Ben"))
        assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION) == []


def test_a_column_that_is_left_out_changes_nothing(town: School) -> None:
    town.roster(Person("1", "ana@example.org", "ana", "Ana Silva"), person("Ben"))
    town.sync()
    for kept in (Person("1", "ana@example.org"), Person("1", name="Ana Silva"), Person("1")):
        town.roster(kept, person("Ben"))
        town.sync()
        assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION) == []
    town.roster(Person("1", "zoe@example.org", "zoe", "Zoe Novak"), person("Ben"))
    assert town.lines(ChangeKind.CONTRADICTION) != []  # what had been left out is still remembered


def test_nothing_of_all_this_costs_a_call_where_nothing_changed(town: School) -> None:
    people = [person(name, str(number)) for number, name in enumerate(("Ana", "Ben", "Cleo"))]
    town.roster(*people)
    town.sync()
    before = sum(town.calls().values())
    town.roster(*people)
    assert sum(town.calls().values()) == before


def test_a_contradiction_removes_nobody_and_invites_nobody(town: School) -> None:
    town.allow = (*ALLOW, "invite")
    town.roster(person("Ana", "1"), person("Ben", "2"))
    town.sync()
    town.roster(person("Zoe Novak", "1"), person("Ben", "2"))
    _, report = town.sync()
    assert town.members("spring") == {"ana", "ben"}
    assert report.done == ()


def test_two_people_who_fit_one_account_get_it_neither(town: School) -> None:
    town.roster(Person("1", "ana@example.org", name="Ana"), Person("2", None, "ana", "Anna"))
    town.sync()
    assert town.members("spring") == set()


def test_one_person_with_two_accounts_is_reported(town: School) -> None:
    town.account("ana2", email="ana.silva@example.org")
    town.roster(Person(None, "ana.silva@example.org", "ana", "Ana"))
    town.sync()
    assert town.members("spring") == set()
    assert any("ambiguous" in reason for reason in town.reasons(ChangeKind.UNKNOWN))


def test_a_username_alone_does_not_fit_where_the_address_is_nobodys(town: School) -> None:
    town.roster(Person(None, "ana.silva@work.example", "ana", "Ana Silva"))
    town.sync()
    assert town.members("spring") == set()
    assert "its username fits 'ana', and no account has the email" in contradiction(town).reason


@pytest.mark.parametrize("spelt", ["ANA@EXAMPLE.ORG", " ana@example.org "])
def test_addresses_are_the_same_whatever_their_case(town: School, spelt: str) -> None:
    town.roster(person("Ana"), person("Ben"))
    town.sync()
    town.roster(Person(email=spelt, name="Ana"), person("Ben"))
    assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION, ChangeKind.ADD, ChangeKind.REMOVE) == []


def test_a_plus_address_is_another_mailbox(town: School) -> None:
    town.roster(Person(email="ana+b@example.org", name="Ana"))
    town.sync()
    assert town.members("spring") == set()


def test_addresses_that_fold_alike_are_two_mailboxes(town: School) -> None:
    town.account("strasse", email="strasse@example.org")
    town.roster(Person(email="straße@example.org", name="Straße"))
    town.sync()
    assert town.members("spring") == set()


def test_an_address_that_is_anothers_second_one_is_a_contradiction(town: School) -> None:
    town.roster(person("Ana", "1"), person("Ben"))
    prepared, _ = town.sync()
    ben = prepared.who["mail:ben@example.org"].account.id  # type: ignore[union-attr]
    town.second_address(ben, "ana.silva@example.org")
    town.roster(person("Ana", "1", email="ana.silva@example.org"), person("Ben"))
    town.sync()
    assert "email fits 'ben'" in contradiction(town).reason
    assert town.members("spring") == {"ana", "ben"}


def test_a_store_of_before_learns_what_recognises_people_with_its_next_run(town: School) -> None:
    from sqlalchemy import update

    from sync_worker.store.tables import IdentityRow

    town.roster(person("Ana", "1"), person("Ben", "2"))
    town.sync()
    with town.store.begin() as session:
        session.execute(update(IdentityRow).values(evidence={}, made_at=None))
    town.sync()
    assert town.lines(ChangeKind.FOLLOWED, ChangeKind.CONTRADICTION) == []
    town.roster(person("Zoe Novak", "1"), person("Ben", "2"))
    assert contradiction(town).person == "Zoe Novak"


def test_a_younger_account_than_the_match_is_another_one(town: School) -> None:
    from sqlalchemy import update

    from sync_worker.store.tables import IdentityRow

    town.roster(person("Ana", "1"), person("Ben", "2"))
    prepared, _ = town.sync()
    number = prepared.who["id:1"].account.id  # type: ignore[union-attr]
    with town.store.begin() as session:
        session.execute(update(IdentityRow).values(made_at=None))
    town.now += timedelta(days=30)
    town.change_account(number, username="zoe", created_at=datetime(2027, 4, 2, tzinfo=UTC))
    town.forum.call("DELETE", f"/groups/{town.group_id('spring')}/members.json", json={"user_ids": str(number)})
    town.roster(person("Ana", "1"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == set()
    assert "is younger than the match" in " ".join(town.reasons(ChangeKind.CONTRADICTION))


def test_addresses_swapped_in_a_roster_that_has_nothing_else_move_nobody(town: School) -> None:
    town.roster(person("Ana Silva"), person("Ben Okafor"))
    town.sync()
    swapped = person("Ana Silva", email="ben@example.org")
    town.roster(swapped, person("Ben Okafor", email="ana@example.org"))
    town.roster(swapped, cohort="autumn")
    town.sync()
    assert town.members("autumn") == set()
    assert town.members("spring") == {"ana", "ben"}
    assert "email alone is as before, and the name is another" in town.reasons(ChangeKind.CONTRADICTION)[0]


def test_a_username_that_is_made_anew_is_nobodys_until_somebody_settles_it(town: School) -> None:
    town.roster(person("Ana Silva", username="ana"), person("Ben"))
    prepared, _ = town.sync()
    number = prepared.who[person("Ana Silva", username="ana").key].account.id  # type: ignore[union-attr]
    town.forum.call("DELETE", f"/admin/users/{number}.json", json={"delete_posts": True})
    town.account("ana", email="zoe@example.net", name="Zoe Novak", created_at=LATER)
    town.roster(person("Ana Silva", username="ana"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == set()
    assert town.members("spring") == {"ben"}
    assert "nothing but the username fits 'ana'" in town.reasons(ChangeKind.CONTRADICTION)[0]


def test_an_address_of_an_account_that_is_made_anew_is_enough(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben"))
    prepared, _ = town.sync()
    number = prepared.who["id:1"].account.id  # type: ignore[union-attr]
    town.forum.call("DELETE", f"/admin/users/{number}.json", json={"delete_posts": True})
    town.account("ana2", email="ana@example.org", created_at=LATER)
    town.roster(person("Ana Silva", "1"), cohort="autumn")
    town.sync()
    assert town.members("autumn") == {"ana2"}


def test_an_account_that_was_merged_into_another_is_followed_with_what_its_owner_does_not_want(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben"))
    prepared, _ = town.sync()
    gone = prepared.who["id:1"].account.id  # type: ignore[union-attr]
    with town.store.begin() as session:
        session.add(ChoiceRow(forum=town.name, user_id=gone, username="ana", quoting=False, at=town.now))
    town.forum.call("DELETE", f"/admin/users/{gone}.json", json={"delete_posts": True})
    merged = town.account("ana2", email="ana@example.org", created_at=LATER)
    town.sync()
    assert town.members("spring") == {"ana2", "ben"}
    with town.store.begin() as session:
        rows = session.execute(select(ChoiceRow.user_id, ChoiceRow.quoting).where(ChoiceRow.forum == town.name)).all()
    assert [tuple(row) for row in rows] == [(merged, False)]


def test_who_has_left_is_looked_up_once(town: School) -> None:
    town.roster(person("Ana"), person("Ben"))
    town.sync()
    body = {"usernames": "ana"}
    assert town.forum.call("DELETE", f"/groups/{town.group_id('spring')}/members.json", json=body).ok
    first, second, third = (sum(town.calls().values()) for _ in range(3))
    assert town.members("spring") == {"ben"}
    assert first > second == third


def test_ids_swapped_between_cohorts_remove_nobody_and_let_nobody_in(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben Okafor", "2"))
    town.roster(person("Cleo Novak", "3"), cohort="autumn")
    town.sync()
    town.roster(person("Ana Silva", "3"), person("Ben Okafor", "2"))
    town.roster(person("Cleo Novak", "1"), cohort="autumn")
    for _ in range(3):
        town.sync(hours=24)
        assert (town.members("spring"), town.members("autumn")) == ({"ana", "ben"}, {"cleo"})


def test_ids_renumbered_while_people_move_between_cohorts_remove_nobody(town: School) -> None:
    town.roster(person("Ana Silva", "1"), person("Ben Okafor", "2"))
    town.roster(person("Cleo Novak", "3"), cohort="autumn")
    town.sync()
    town.roster(person("Zoe Costa", "4", email="zoe@example.net"))
    town.roster(person("Ben Okafor", "1"), person("Ana Silva", "2"), person("Cleo Novak", "3"), cohort="autumn")
    town.sync(hours=24)
    assert (town.members("spring"), town.members("autumn")) == ({"ana", "ben"}, {"cleo"})
