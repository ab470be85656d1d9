"""Each language's dates, numbers, lists and plurals are those of Unicode's CLDR, which Babel brings.

The worker itself does not need Babel: a language folder holds these few words, beside much that CLDR does not have
(numbers in words, French first days of a month, how a period of days is said), and this test keeps them right.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from babel import Locale
from babel.lists import format_list

from sync_worker.languages.language import codes
from sync_worker.languages.parts import language

TERRITORIES = {"en": "en_GB", "pt": "pt_PT"}  # the kind of English that our texts are written in
COUNTED = range(201)

pytestmark = pytest.mark.parametrize("code", codes())


def cldr(code: str) -> Locale:
    return Locale.parse(TERRITORIES.get(code, code))


def test_months_and_weekdays_are_those_of_cldr(code: str) -> None:
    found, expected = language(code), cldr(code)
    assert found.months == tuple(expected.months["format"]["wide"][month] for month in range(1, 13))
    assert found.weekdays == tuple(expected.days["format"]["wide"][day] for day in range(7))


def test_lists_of_two_and_three_read_as_in_cldr(code: str) -> None:
    for items in (["A"], ["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D"]):
        assert language(code).listing(items) == format_list(items, locale=cldr(code))


def test_thousands_are_marked_as_in_cldr(code: str) -> None:
    assert language(code).thousands == cldr(code).number_symbols["latn"]["group"]


def test_singular_and_plural_change_where_cldr_says(code: str) -> None:
    found, plural = language(code), cldr(code).plural_form
    for noun in found.nouns:
        for one, next_one in pairwise(COUNTED):
            same = found.noun(one, noun) == found.noun(next_one, noun)
            assert same == (plural(one) == plural(next_one)), (noun, one)
