"""Names for cohorts from the source are ones that Discourse takes, and depend on the cohort alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.config.load import MAX_CATEGORY_NAME, Names, cut_at_word, first_clash, slug, source_names
from sync_worker.config.sources import GROUP_NAME, KEY
from sync_worker.model import Cohort
from sync_worker.rosters.row_reader import source_key

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
written = st.text(min_size=1, max_size=80).filter(lambda text: bool(text.strip()))


def cohort(key: str, name: str, *, plain: bool = False) -> Cohort:
    names = source_names(key, name, plain=plain)
    day = date(2027, 1, 1)
    return Cohort(key, name, day, day, "UTC", "en", names.group, names.lcm_group, names.category, names.category_slug)


def test_names_tell_what_the_cohort_is_called() -> None:
    assert source_names("c-31763", "ELA 6 (6A ELA)", plain=False) == Names(
        "ela-6-6a-ela-zr7q64", "ela-6-6a-zr7q64-lcm", "ELA 6 (6A ELA) (zr7q64)", "c-31763"
    )
    assert source_names("spring-27", "Spring 27", plain=False) == Names(
        "spring-27", "spring-27-lcm", "Spring 27", "spring-27"
    )
    assert source_names("c-1", "Spring 27", plain=True) == Names("spring-27", "spring-27-lcm", "Spring 27", "c-1")


@UNHURRIED
@given(written, st.booleans())
def test_derived_names_are_always_ones_that_discourse_takes(text: str, plain: bool) -> None:
    names = source_names(source_key(text), text.strip(), plain=plain)
    for name in (names.group, names.lcm_group):
        assert GROUP_NAME.fullmatch(name), name
        assert "--" not in name
        assert len(name) <= 20
    assert 1 <= len(names.category) <= MAX_CATEGORY_NAME
    assert names.group != names.lcm_group


@UNHURRIED
@given(written)
def test_a_key_from_the_source_is_always_one_of_ours(text: str) -> None:
    key = source_key(text)
    assert KEY.fullmatch(key)
    assert not key.isdecimal()


@UNHURRIED
@given(
    st.lists(st.tuples(written, st.sampled_from(["Algebra 1", "Algebra 1 - second period", "数学", "-"])), max_size=30)
)
def test_cohorts_of_the_same_name_never_meet(pairs: list[tuple[str, str]]) -> None:
    keys = {source_key(text): name for text, name in pairs}
    assert first_clash(cohort(key, name) for key, name in keys.items()) is None


def test_plain_names_that_meet_are_found() -> None:
    clash = first_clash([cohort("c-1", "Algebra 1", plain=True), cohort("c-2", "ALGEBRA 1", plain=True)])
    assert clash is not None
    assert (clash.key, clash.kind, clash.name, clash.owner) == ("c-2", "group", "algebra-1", "c-1")


def test_a_plain_name_that_is_the_alumni_groups_is_found() -> None:
    cohorts = [
        replace(cohort(key, name, plain=True), alumni_group="alumni")
        for key, name in (("c-1", "A1"), ("c-2", "Alumni"))
    ]
    clash = first_clash(cohorts)
    assert clash is not None
    assert (clash.key, clash.kind, clash.name, clash.owner) == ("c-1", "alumni_group", "alumni", "c-2")


def test_letters_beyond_ascii_are_kept_as_their_plain_form() -> None:
    assert slug("Équipe d’été – Ça va") == "equipe-dete-ca-va"


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("Leading teams", "Leading teams"),
        (
            "Leading teams across places and time zones, spring and summer 2027",
            "Leading teams across places and time zones, spring",
        ),
        (
            "Leading teams across many places & time zones, and spring",
            "Leading teams across many places & time zones, and",
        ),
        (
            "Leading teams across many places and time zones - (spring)",
            "Leading teams across many places and time zones",
        ),
        ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", None),
        ("A Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", None),
    ],
)
def test_a_long_name_ends_with_a_whole_word_where_it_can(name: str, cut: str | None) -> None:
    assert cut_at_word(name, 50) == (cut or name[:50])


@given(st.text(max_size=200), st.integers(10, 100))
def test_a_name_is_never_longer_than_asked_and_always_its_beginning(name: str, length: int) -> None:
    cut = cut_at_word(name, length)
    assert len(cut) <= max(length, 0)
    assert name.startswith(cut)
