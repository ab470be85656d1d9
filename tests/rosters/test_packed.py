"""Packed enrolments are the same as plain ones, whatever stands in them, and keep a set of texts exactly."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Enrolment, Role, Roster, RosterKind
from sync_worker.rosters.enrolments import BLOCK, Ledger, PackedEnrolments, key_of
from sync_worker.rosters.row_reader import Seat, Who, person_of
from sync_worker.rosters.seen_rows import SeenTexts

TEXT = st.text(st.characters(exclude_characters="\x1f", exclude_categories=("Cs",)), max_size=12)
WHO = st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT).filter(lambda who: any(who[:3]))
DAYS = st.one_of(st.none(), st.dates())
SEATS = st.builds(Seat, st.sampled_from(["spring", "autumn", "k"]), st.sampled_from(Role), DAYS, DAYS, st.booleans())
PLACES = st.one_of(st.integers(1, 99).map(lambda line: f"r.csv:{line}"), TEXT, TEXT.map(lambda text: f"a: b {text}"))


def plain(who: Who, seat: Seat, where: str) -> Enrolment:
    return Enrolment(person_of(who), seat.cohort, seat.role, seat.start, seat.end, where, seat.withdrawn)


@given(st.lists(st.tuples(WHO, SEATS, PLACES), max_size=20))
def test_what_is_packed_comes_out_as_it_was(rows: list[tuple[Who, Seat, str]]) -> None:
    ledger = Ledger()
    for row in rows:
        ledger.add(*row)
    packed = PackedEnrolments(ledger, range(len(ledger)))
    expected = [plain(*row) for row in rows]
    assert list(packed) == expected
    assert packed == tuple(expected)
    assert packed[1:] == expected[1:]
    assert [packed[-number] for number in range(1, len(rows) + 1)] == expected[::-1]
    assert [key_of(who) for who, _, _ in rows] == [enrolment.person.key for enrolment in expected]
    one, other = (Roster("r", RosterKind.SNAPSHOT, enrolments) for enrolments in (packed, tuple(expected)))
    assert {cohort: list(found) for cohort, found in one.by_cohort.items()} == dict(other.by_cohort)
    assert one.people_enrolled == other.people_enrolled


def test_rows_of_more_than_one_block_are_told_apart() -> None:
    ledger = Ledger()
    seat = Seat("spring", Role.LEARNER, date(2027, 3, 1), None, withdrawn=False)
    for number in range(2 * BLOCK + 2):
        ledger.add((f"E{number}", "", "", "", ""), seat, f"r.csv:{number + 2}")
    for number in (0, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1):
        assert (ledger.who(number)[0], ledger.where(number)) == (f"E{number}", f"r.csv:{number + 2}")


@given(st.lists(st.text(max_size=3), max_size=60))
def test_a_text_is_found_with_the_row_it_was_put_with(texts: list[str]) -> None:
    seen, expected = SeenTexts(), dict[str, int]()
    for row, text in enumerate(texts):
        assert seen.get(text) == expected.get(text)
        if text not in expected:
            seen.put(text, row)
            expected[text] = row


def test_a_set_of_texts_grows_without_losing_one() -> None:
    seen = SeenTexts()
    for number in range(20_000):
        seen.put(f"text {number}", number)
    assert len(seen) == 20_000
    assert all(seen.get(f"text {number}") == number for number in range(20_000))
    assert seen.get("another") is None
