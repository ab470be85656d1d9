"""Whatever way accounts are looked up, the matches are the same, and cost what the lookup says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import CohortSettings, ForumSettings, LookupSettings
from sync_worker.forum import Forum
from sync_worker.membership.matching.abilities import Abilities, probe
from sync_worker.membership.matching.finding import Finder
from sync_worker.membership.matching.identity import Match, Memory, NoMatch
from sync_worker.membership.matching.lookup import AccountLookup, CoreLookup, Method, Wanted
from sync_worker.membership.observing.plugin_view import PluginLookup, PluginView
from sync_worker.membership.observing.snapshots import Snapshots
from sync_worker.membership.state import Account
from sync_worker.model import Person
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.rules import accounts as practice_accounts
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.tables import AssociatedAccount, SsoRecord, User, UserEmail

ORDER = ("external_id", "email", "username")
NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
PEOPLE = 30
COHORT = complete_cohort(
    CohortSettings(key="spring", name="Spring", start=date(2027, 3, 1), end=date(2027, 4, 30), timezone="UTC")
)


@dataclass
class Town:
    """A forum of accounts of all sorts, read in every way."""

    server: ForumServer
    forum: Forum
    abilities: Abilities
    accounts: int
    ids: dict[str, int]

    def lookup(self, *, plugin: bool = False, **options: Any) -> AccountLookup:
        settings = LookupSettings(**options)
        if plugin:
            found = self.forum.plugin_cohorts()
            assert found is not None
            view = PluginView(self.forum, self.abilities, NOW, Snapshots(), found[0], (COHORT,), {})
            view.listing()
            return PluginLookup(self.abilities, settings, self.accounts, NOW, view)
        return CoreLookup(self.forum, self.abilities, LookupSettings(**options), self.accounts, NOW)

    def find(self, people: list[Person], rung: str, remembered: dict[str, Account] | None = None, **more: Any) -> Any:
        """The matches by one way only, and the calls that it took."""
        lookup = self.lookup(plugin=rung == Method.PLUGIN, rungs=(rung,), **more)
        before = self.forum.calls.total
        finder = Finder(lookup, ORDER, Memory.of(remembered or {}), {})
        found = finder.find(people, {person.key for person in people})
        return {key: outcome(match) for key, match in found.who.items()}, self.forum.calls.total - before


def outcome(match: Match | NoMatch) -> object:
    if isinstance(match, Match):
        return match.account.id, match.account.username
    return match.reason, match.candidates


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Accounts bulk0001 to bulk0030; some with second addresses, external ids, or a special standing."""
    options = ForumOptions(
        bulk_users=PEOPLE,
        user_filter="many",
        plugin=True,
        settings={
            "data_explorer_enabled": "true",
            "enable_discourse_connect": "true",
            "discourse_connect_secret": "a-secret-of-tests",
        },
    )
    with ForumServer(":memory:", options=options) as server:
        with server.forum.database.session() as session:
            users = {user.username: user for user in session.query(User).filter(User.id > 1)}
            ids = {name: user.id for name, user in users.items()}
            for n in range(1, 11):
                record = {"user_id": ids[f"bulk{n:04}"], "external_id": f"E-{n}", "created_at": NOW, "updated_at": NOW}
                session.execute(insert(SsoRecord).values(record))
                second = f"second{n}@example.net"
                more = {"user_id": ids[f"bulk{n:04}"], "email": second, "email_lower": second, "primary": False}
                session.execute(insert(UserEmail).values(more))
            oidc = {"provider": "oidc", "uid": "oidc-3", "user_id": ids["bulk0003"]}
            session.execute(insert(AssociatedAccount).values(oidc))
            later = NOW + timedelta(days=900)
            session.execute(update(User).where(User.id == ids["bulk0011"]).values(suspended_till=later))
            session.execute(update(User).where(User.id == ids["bulk0012"]).values(active=False))
            session.execute(update(User).where(User.id == ids["bulk0013"]).values(staged=True))
            session.execute(update(User).where(User.id == ids["bulk0014"]).values(silenced_till=later))
            for n, email in (
                (15, "plus+forum@example.org"),
                (16, "émile@bücher.example"),
                (17, "i@xn--bcher-kva.example"),
            ):
                values = {"email": email, "email_lower": email}
                session.execute(update(UserEmail).where(UserEmail.user_id == ids[f"bulk{n:04}"]).values(values))
            practice_accounts.anonymize(session, users["bulk0018"])
        settings = ForumSettings(url=server.url, api_username="forumadmin", calls_per_minute=1_000_000)
        with Forum.connect(settings, DEFAULT_KEY) as forum:
            count = next(group.user_count for group in forum.groups() if group.name == "trust_level_0")
            abilities = replace(probe(forum, NOW), many_terms=forum.takes_many_terms())
            yield Town(server, forum, abilities, count, ids)


RUNGS = [rung.value for rung in Method]
RUNGS_OF_CORE = [rung for rung in RUNGS if rung != Method.PLUGIN]


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(email="BULK0001@Example.ORG"), "bulk0001"),
        (Person(email="second2@example.net"), "bulk0002"),
        (Person(external_id="E-3"), "bulk0003"),
        (Person(external_id="E-4", email="second4@example.net", username="BULK0004"), "bulk0004"),
        (Person(username="Bulk0020"), "bulk0020"),
        (Person(email="émile@bücher.example"), "bulk0016"),
        (Person(email="ÉMILE@xn--bcher-kva.example"), "bulk0016"),
        (Person(email="i@bücher.example"), "bulk0017"),
        (Person(email="bulk0011@example.org"), "bulk0011"),
        (Person(email="bulk0012@example.org"), "bulk0012"),
        (Person(email="bulk0014@example.org"), "bulk0014"),
        (Person(email="bulk0013@example.org"), "staged"),
        (Person(email="plus@example.org"), "no account"),
        (Person(email="bulk0018@example.org"), "no account"),
        (Person(external_id="e-3"), "no account"),
        (Person(email="ı@bücher.example"), "no account"),
        (Person(external_id="E-5", email="bulk0006@example.org"), "ambiguous"),
        (Person(email="bulk0007@example.org", username="bulk0008"), "ambiguous"),
        (Person(email="nobody@example.org", username="nobody-here"), "no account"),
    ],
)
def test_every_way_gives_the_same_answer(town: Town, rung: str, person: Person, expected: str) -> None:
    found, _ = town.find([person], rung)
    answer = found[person.key]
    assert expected in (answer[1] if isinstance(answer[0], int) else answer[0])


@pytest.mark.parametrize("rung", RUNGS)
def test_a_remembered_account_that_is_gone_is_noticed_and_the_person_looked_for_again(town: Town, rung: str) -> None:
    deleted, anonymous = Person(external_id="E-1"), Person(email="bulk0018@example.org")
    renamed = Person(email="bulk0009@example.org", name="Renamed")
    remembered = {
        deleted.key: Account(9999, "old"),
        anonymous.key: Account(town.ids["bulk0018"], "bulk0018"),
        renamed.key: Account(town.ids["bulk0009"], "name-of-before"),
    }
    found, _ = town.find([deleted, anonymous, renamed], rung, remembered)
    assert found[deleted.key] == (town.ids["bulk0001"], "bulk0001")
    assert "'bulk0018' of before was deleted, merged or anonymised" in found[anonymous.key][0]
    assert found[renamed.key] == (town.ids["bulk0009"], "bulk0009")


def test_ids_of_another_log_in_provider_are_found_by_its_name(town: Town) -> None:
    person = Person(external_id="oidc-3")
    for rung in RUNGS_OF_CORE:
        found, _ = town.find([person], rung, external_ids="oidc")
        assert found[person.key] == (town.ids["bulk0003"], "bulk0003"), rung


def test_what_follows_a_plus_counts_unless_an_admin_says_otherwise(town: Town) -> None:
    person = Person(email="plus@example.org")
    found, _ = town.find([person], "crawl", ignore_plus=True)
    assert found[person.key] == (town.ids["bulk0015"], "bulk0015")
    for rung in ("explorer", "terms", "singly"):
        found, calls = town.find([person], rung, ignore_plus=True)
        assert "not looked up yet" in found[person.key][0]
        assert calls == 0


@pytest.mark.parametrize(
    "text",
    [
        "a,b@example.org",
        "x\n) UNION SELECT 1 --@example.org",
        "u:lcm_names@example.org",
        "#null",
        "a\u2028b@example.org",
    ],
)
def test_what_the_data_explorer_would_take_for_something_else_is_not_sent(town: Town, text: str) -> None:
    person = Person(email=text)
    found, calls = town.find([person], "explorer")
    assert "not looked up yet" in found[person.key][0]
    assert calls <= 1


def test_quotes_and_wildcards_are_plain_text(town: Town) -> None:
    people = [Person(email="o'brien\\%_@example.org"), Person(username="bulk00__"), Person(external_id="') OR 1=1 --")]
    for rung in ("explorer", "singly", "crawl"):
        found, _ = town.find(people, rung)
        assert all("no account" in str(answer[0]) for answer in found.values()), (rung, found)


NUMBERS = st.integers(1, PEOPLE + 3)
EXTERNAL = NUMBERS.map(lambda n: f"E-{n}")
EMAIL = st.one_of(
    NUMBERS.map(lambda n: f"bulk{n:04}@example.org"),
    NUMBERS.map(lambda n: f"Second{n}@EXAMPLE.net"),
    st.sampled_from(["straße@x.org", "strasse@x.org", "STRASSE@x.org"]),
)
USERNAME = NUMBERS.map(lambda n: f"BULK{n:04}")
PERSON = st.builds(
    Person, external_id=st.none() | EXTERNAL, email=st.none() | EMAIL, username=st.none() | USERNAME
).filter(lambda person: person.external_id or person.email or person.username)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PERSON, min_size=1, max_size=12))
def test_any_way_gives_the_same_matches_and_no_account_goes_to_two_people(town: Town, people: list[Person]) -> None:
    results = {rung: town.find(people, rung)[0] for rung in RUNGS}
    assert all(result == results["crawl"] for result in results.values()), results
    matched = [answer[0] for answer in results["crawl"].values() if isinstance(answer[0], int)]  # type: ignore[index]
    assert len(matched) == len(set(matched))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PERSON, min_size=1, max_size=12))
def test_looking_up_never_takes_more_calls_than_the_ladder_says(town: Town, people: list[Person]) -> None:
    # Whose external id nobody has, and who is found by something else, may be somebody else: one look at the account.
    doubtful = {person for person in people if person.external_id and (person.email or person.username)}
    for rung in Method:
        said = town.lookup(plugin=rung is Method.PLUGIN, rungs=(rung.value,)).calls(rung, Wanted.of(people, ORDER))
        assert said is not None
        looks = 0 if rung in {Method.PLUGIN, Method.EXPLORER} else 2 * len(doubtful)
        assert town.find(people, rung.value)[1] <= said + looks


def test_the_cheapest_way_is_taken(town: Town) -> None:
    lookup = town.lookup()
    many = Wanted(emails=frozenset(f"u{n}@x.org" for n in range(5000)))
    assert lookup.best(many) == (Method.EXPLORER, 1)
    lookup.accounts = 100_000
    assert lookup.best(many) == (Method.EXPLORER, 1)
    lookup.abilities = replace(town.abilities, queries={})
    assert lookup.best(many) == (Method.TERMS, 50)
    lookup.abilities = replace(town.abilities, queries={}, many_terms=False)
    assert lookup.best(many) == (Method.CRAWL, 1001)
    assert lookup.best(Wanted(emails=frozenset({"a@x.org"}))) == (Method.SINGLY, 1)


def test_more_external_ids_than_one_run_may_look_up_wait_for_the_next(town: Town) -> None:
    people = [Person(external_id=f"E-{n}") for n in range(1, 6)]
    found, calls = town.find(people, "singly", singly=3)
    assert calls == 3
    assert (
        sorted(str(answer[0]) for answer in found.values() if not isinstance(answer[0], int))
        == ["not looked up yet: external id."] * 2
    )
