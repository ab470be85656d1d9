"""Numbers, lists, dates and quotes, as the language has them."""

from __future__ import annotations

from datetime import date

import pytest

from sync_worker.errors import ConfigError
from sync_worker.languages.language import codes
from sync_worker.languages.parts import language

ENGLISH, FRENCH = language("en"), language("fr")


def test_numbers_are_in_words_up_to_ten_and_agree_with_their_noun() -> None:
    assert ENGLISH.count(1, "person") == "one person"
    assert ENGLISH.count(3, "person") == "three people"
    assert ENGLISH.count(11, "reply") == "11 replies"
    assert FRENCH.count(1, "person") == "une personne"
    assert FRENCH.count(1, "day") == "un jour"
    assert FRENCH.count(2, "post") == "deux messages"


def test_lists_end_with_a_conjunction() -> None:
    assert ENGLISH.listing(["a"]) == "a"
    assert ENGLISH.listing(["a", "b", "c"]) == "a, b and c"
    assert FRENCH.listing(["a", "b"]) == "a et b"
    assert FRENCH.listing([]) == ""


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        (date(2027, 3, 4), date(2027, 3, 10), "4–10\u00a0March", "du 4 au 10\u00a0mars"),
        (date(2027, 2, 27), date(2027, 3, 5), "27\u00a0February – 5\u00a0March", "du 27\u00a0février au 5\u00a0mars"),
        (date(2027, 3, 1), date(2027, 3, 7), "1–7\u00a0March", "du 1er au 7\u00a0mars"),
        (date(2027, 3, 1), date(2027, 3, 1), "1\u00a0March", "le 1er\u00a0mars"),
    ],
)
def test_periods_read_as_one_says_them(first: date, last: date, english: str, french: str) -> None:
    assert ENGLISH.period(first, last) == english
    assert FRENCH.period(first, last) == french


def test_quotes_inside_quotes_become_inner_ones() -> None:
    assert ENGLISH.quoted('clearer than "use your judgement"') == "“clearer than ‘use your judgement’”"
    assert FRENCH.quoted("dire «\u00a0non\u00a0» suffit") == "«\u00a0dire “non” suffit\u00a0»"


def test_days_are_named() -> None:
    assert ENGLISH.day(date(2027, 3, 2)) == "Tuesday 2\u00a0March"
    assert FRENCH.day(date(2027, 3, 1)) == "lundi 1er\u00a0mars"


def test_an_unknown_language_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=", ".join(codes())):
        language("xx")
