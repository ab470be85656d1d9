"""Facts about people as the store keeps them, in both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.model import Fact, FactType
from sync_worker.store.facts import (
    Placed,
    facts_of,
    forget_facts,
    list_facts,
    replace_facts,
    set_fact,
    set_facts,
)

if TYPE_CHECKING:
    from sync_worker.model import FactValue
    from sync_worker.store.database import Store

FORUM = "forum.example.org"
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
EVERYWHERE: frozenset[str] = frozenset()


def values(store: Store, cohort: str = "spring", user_id: int = 7) -> dict[str, FactValue]:
    with store.begin() as session:
        return {name: fact.value for name, fact in facts_of(session, FORUM, cohort).get(user_id, {}).items()}


def put(
    store: Store, name: str, value: FactValue | None, source: str = "a", at: datetime = MONDAY, cohort: str = ""
) -> None:
    with store.begin() as session:
        set_fact(session, FORUM, 7, name, value, source, at, cohort=cohort)


@pytest.mark.parametrize("value", ["Lyon", "", 0.5, 12.0, True, False, date(2027, 5, 8)])
def test_a_value_comes_back_as_it_was_with_its_source_and_day(store: Store, value: FactValue) -> None:
    put(store, "it", value)
    with store.begin() as session:
        fact = facts_of(session, FORUM, "spring")[7]["it"]
    assert fact == Fact(value, "a", MONDAY)
    assert type(fact.value) is type(value)


def test_a_newer_value_replaces_and_an_older_one_does_not(store: Store) -> None:
    put(store, "site", "Lyon", "a", TUESDAY)
    put(store, "site", "Porto", "b", MONDAY)
    assert values(store) == {"site": "Lyon"}
    put(store, "site", "Porto", "b", TUESDAY)
    assert values(store) == {"site": "Porto"}


def test_unknown_takes_away_only_what_the_same_source_said(store: Store) -> None:
    put(store, "site", "Lyon", "a")
    put(store, "site", None, "b", TUESDAY)
    assert values(store) == {"site": "Lyon"}
    put(store, "site", None, "a", TUESDAY)
    assert values(store) == {}


def test_a_fact_of_a_cohort_hides_that_of_the_person_in_this_cohort_only(store: Store) -> None:
    put(store, "level", "A1")
    put(store, "level", "B2", cohort="spring")
    assert values(store, "spring") == {"level": "B2"}
    assert values(store, "autumn") == {"level": "A1"}


def test_what_a_source_states_no_longer_is_unknown(store: Store) -> None:
    first = {Placed(7, "site"): "Lyon", Placed(8, "site"): "Porto", Placed(8, "team"): "red"}
    with store.begin() as session:
        replace_facts(session, FORUM, first, "roster", MONDAY, silent=EVERYWHERE)
        set_fact(session, FORUM, 7, "quiz", 0.5, "quiz.csv", MONDAY)
        replace_facts(session, FORUM, {Placed(8, "site"): "Faro"}, "roster", TUESDAY, silent=EVERYWHERE)
    assert values(store, user_id=7) == {"quiz": 0.5}
    assert values(store, user_id=8) == {"site": "Faro"}


def test_where_absence_means_nothing_a_fact_stays(store: Store) -> None:
    with store.begin() as session:
        set_facts(session, FORUM, {Placed(7, "site", "spring"): "Lyon", Placed(7, "team"): "red"}, "roster", MONDAY)
        replace_facts(session, FORUM, {}, "roster", TUESDAY, silent=None)
    assert values(store) == {"site": "Lyon", "team": "red"}
    with store.begin() as session:
        replace_facts(session, FORUM, {}, "roster", TUESDAY, silent={"spring"})
    assert values(store) == {"site": "Lyon"}


def test_facts_are_listed_without_values_and_forgotten_by_person_and_by_name(store: Store) -> None:
    with store.begin() as session:
        set_facts(session, FORUM, {Placed(n, "site"): "Lyon" for n in range(1, 1001)}, "roster", MONDAY)
        set_facts(session, FORUM, {Placed(7, "quiz"): 0.5}, "quiz.csv", TUESDAY)
        set_facts(session, "another.example.org", {Placed(7, "site"): "Rome"}, "roster", MONDAY)
        assert list_facts(session, FORUM) == [("quiz", "quiz.csv", 1, TUESDAY), ("site", "roster", 1000, MONDAY)]
        assert forget_facts(session, FORUM, [7]) == 2
        assert forget_facts(session, FORUM, range(900, 2000), "site") == 101
        assert forget_facts(session, FORUM, name="site") == 898
        assert list_facts(session, FORUM) == []
        assert facts_of(session, "another.example.org", "x")[7]["site"].value == "Rome"
        with pytest.raises(ValueError, match="of whom"):
            forget_facts(session, FORUM)


@pytest.mark.parametrize("name", ["Site", "1st", "a-b", "", "x" * 41])
def test_a_name_that_a_rule_could_not_write_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        put(store, name, "x")


def test_two_processes_may_keep_the_same_fact_at_once_and_the_newer_one_stays(store: Store) -> None:
    moments = [MONDAY + timedelta(minutes=number) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: put(store, "score", float(at.minute), "s", at), [*moments[6:], *moments[:6]]))
    assert values(store) == {"score": 11.0}


def test_no_value_is_in_what_a_log_would_show() -> None:
    assert "Lyon" not in repr(Fact("Lyon", "roster", MONDAY))
    assert FactType.of(1) is FactType.NUMBER
    with pytest.raises(TypeError, match="datetime"):
        FactType.of(MONDAY)
