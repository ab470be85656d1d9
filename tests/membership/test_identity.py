"""A person is matched by identifiers that agree; what is doubtful is reported, never guessed."""

from __future__ import annotations

from sync_worker.forum.records import ForumUser
from sync_worker.membership.matching.accounts import Match, NoMatch
from sync_worker.membership.observing.match import Directory, identify
from sync_worker.membership.state import Account
from sync_worker.model import Person

ORDER = ("external_id", "email", "username")
USERS = (
    ForumUser(1, "ana", "Ana", "ana@x.org", ("ana.silva@home.org",)),
    ForumUser(2, "ben", "Ben", "ben@x.org"),
    ForumUser(3, "cleo", "Cleo", "cleo@x.org", active=False),
    ForumUser(4, "staged", "", "staged@x.org", staged=True),
    ForumUser(-1, "system", "", "system@x.org"),
)


def find(person: Person, order: tuple[str, ...] = ORDER, external_ids: dict[str, int] | None = None) -> Match | NoMatch:
    return identify([person], {}, {}, Directory.of(USERS, external_ids), order)[person.key]


def username(found: Match | NoMatch) -> str:
    assert isinstance(found, Match), found
    return found.account.username


def reason(found: Match | NoMatch) -> str:
    assert isinstance(found, NoMatch), found
    return found.reason


def test_by_email_whatever_its_case() -> None:
    assert username(find(Person(email="ANA@x.org"))) == "ana"


def test_by_a_secondary_email() -> None:
    assert username(find(Person(email="ana.silva@home.org"))) == "ana"


def test_by_username_whatever_its_case() -> None:
    assert username(find(Person(username="BEN"))) == "ben"


def test_by_external_id_where_it_is_known() -> None:
    assert username(find(Person(external_id="E-7"), external_ids={"E-7": 2})) == "ben"


def test_identifiers_that_contradict_each_other_are_reported() -> None:
    found = find(Person(email="ana@x.org", username="ben"))
    assert "ambiguous: email fits ana, username fits ben" in reason(found)
    assert isinstance(found, NoMatch)
    assert found.candidates == (1, 2)


def test_an_identifier_that_is_not_looked_at_contradicts_nothing() -> None:
    assert username(find(Person(email="ana@x.org", username="ben"), order=("email",))) == "ana"


def test_nobody_is_found_and_what_was_tried_is_said() -> None:
    assert reason(find(Person(email="zoe@x.org", username="zoe"))) == "no account has email zoe@x.org or username zoe."


def test_the_system_is_nobody() -> None:
    assert "no account" in reason(find(Person(username="system")))


def test_a_staged_account_is_not_enough() -> None:
    assert "never signed up" in reason(find(Person(email="staged@x.org")))


def test_an_account_that_is_not_activated_is_noted() -> None:
    found = find(Person(email="cleo@x.org"))
    assert isinstance(found, Match)
    assert found.account.note == "not activated"


def test_two_people_never_get_one_account() -> None:
    one, other = Person(external_id="1", email="ana@x.org"), Person(external_id="2", username="ana")
    found = identify([one, other], {}, {}, Directory.of(USERS), ORDER)
    assert all("fits several people" in reason(match) for match in found.values())


def test_whoever_was_remembered_keeps_the_account_that_another_claims() -> None:
    one, other = Person(external_id="1", email="ana@x.org"), Person(external_id="2", username="ana")
    found = identify([one, other], {one.key: Account(1, "ana")}, {}, Directory.of(USERS), ORDER)
    assert username(found[one.key]) == "ana"
    assert "fits several people" in reason(found[other.key])


def test_a_remembered_person_survives_a_rename_and_a_new_email() -> None:
    person = Person(external_id="1", email="new@x.org", username="old-name")
    found = identify([person], {person.key: Account(1, "old-name")}, {}, Directory.of(USERS), ORDER)
    assert username(found[person.key]) == "ana"


def test_without_the_directory_a_member_list_gives_the_present_name() -> None:
    person = Person(external_id="1")
    found = identify([person], {person.key: Account(1, "old")}, {1: Account(1, "new")}, None, ORDER)
    assert username(found[person.key]) == "new"


def test_a_remembered_account_that_was_deleted_is_looked_for_again() -> None:
    person = Person(email="ben@x.org")
    found = identify([person], {person.key: Account(77, "gone")}, {}, Directory.of(USERS), ORDER)
    assert username(found[person.key]) == "ben"
