"""Answers of a source -> text for cells, lists in pages, and a row for each time that a person is in a cohort."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.errors import SourceError
from sync_worker.model import RejectedRow, Role, fold
from sync_worker.rosters.row import JOINERS, NO_END, Row, RowError, is_endless, is_no_day, too_many_rows
from sync_worker.rosters.row_reader import CohortKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    import requests

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.row import FoundCohort
    from sync_worker.rosters.row_reader import KnownCohorts, Meaning


MAX_TEXT = 1_000
ENDLESS_SECONDS = 253_370_764_800  # the first second of the year 9999
UNEXPECTED = "Is this the right address, and does it speak this protocol?"


def record_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """Return the object that an answer is.

    Raises:
        SourceError: it is something else.

    """
    if not isinstance(answer.json, dict):
        raise SourceError(f"the answer is not {what} but {kind_of(answer.json)}.", where=answer.where, do=UNEXPECTED)
    return answer.json


def records_of(value: Any, what: str, where: str) -> list[Mapping[str, Any]]:
    """Return the objects in a list.

    Raises:
        SourceError: it is no list, or holds something else: a part of the roster would be missing.

    """
    if not isinstance(value, list):
        raise SourceError(f"the answer has no list of {what} but {kind_of(value)}.", where=where, do=UNEXPECTED)
    for place, item in enumerate(value, start=1):
        if not isinstance(item, dict):
            raise SourceError(f"number {place} of the {what} is {kind_of(item)}.", where=where, do=UNEXPECTED)
    return value


def text(record: Mapping[str, Any], key: str) -> str:
    """Return the text or whole number under a key, without blanks around; "" for none.

    Raises:
        RowError: it is something else, too long, or holds invisible characters.

    """
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise RowError(f"{key} is {kind_of(value)}, not text.", do="Correct it in the source.")
    written = " ".join(value.split()) if key != "externalId" else value.strip()
    if len(written) > MAX_TEXT:
        raise RowError(f"{key} has {len(written):,} characters.", do="Correct it in the source.")
    odd = next((sign for sign in written if not (sign.isprintable() or sign in JOINERS)), None)
    if odd:
        raise RowError(f"{key} holds the invisible character U+{ord(odd):04X}.", do="Type it again in the source.")
    return written


def identifier(record: Mapping[str, Any], key: str, what: str, where: str) -> str:
    """Return the id of a record, which distinguishes it from all others.

    Raises:
        SourceError: there is none.

    """
    try:
        found = text(record, key)
    except RowError as error:
        raise SourceError(f"{what}: {error.what}", where=where, do=UNEXPECTED) from None
    if not found:
        raise SourceError(f"{what} has no {key}.", where=where, do=UNEXPECTED)
    return found


def day_of_moment(record: Mapping[str, Any], key: str, zone: ZoneInfo) -> date | None:
    """Return the day of a moment such as 2027-03-01T08:00:00Z on the clocks of `zone`; None for none.

    Year 1 is none, and year 9999 an end that never comes, whatever the zone.

    Raises:
        RowError: it is no moment.

    """
    written = text(record, key)
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        if is_no_day(moment) or is_endless(moment.date()):
            return None if is_no_day(moment) else NO_END
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(zone).date()
    except (ValueError, OverflowError):
        raise RowError(f"{key} '{written}' is not a moment.", do="Correct it in the source.") from None


def day_of_seconds(value: Any, zone: ZoneInfo) -> date | None:
    """Return the day of seconds since 1970 on the clocks of `zone`; None for 0 or none.

    Raises:
        RowError: it is no such number.

    """
    if value in (None, 0, "0", ""):
        return None
    try:
        if int(value) >= ENDLESS_SECONDS:
            return NO_END
        return datetime.fromtimestamp(int(value), zone).date()
    except (TypeError, ValueError, OverflowError, OSError):
        raise RowError(f"'{value}' is not a time in seconds since 1970.", do="Correct it in the source.") from None


YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def yes_or_no(value: Any, what: str) -> bool | None:
    """Return what a value of JSON says, None for nothing: true, 1, and both as text are yes.

    Raises:
        RowError: it says neither; that a person has left is never guessed.

    """
    if value is None or value == "":
        return None
    try:
        return YES_OR_NO[str(value).strip().lower()]
    except KeyError:
        raise RowError(f"{what} '{str(value)[:40]}' is neither yes nor no.", do="Correct it in the source.") from None


def kind_of(value: Any) -> str:
    """Return what a value of JSON is, in words."""
    if value is None:
        return "nothing"
    words = {bool: "a yes or no", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return words.get(type(value), "something else")


# Lists in pages: where the next one is (RFC 8288), and no token is sent to another host.


if TYPE_CHECKING:
    Params = Sequence[tuple[str, str]]

MAX_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON, where it came from (without query), and the address of the next page if it names one."""

    json: Any
    where: str
    next: str | None


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def next_page(response: requests.Response, url: str, where: str) -> str | None:
    """Return the address under rel="next"; refuse one on another host, where the token must not go."""
    link = response.links.get("next", {}).get("url")
    if not link:
        return None
    try:
        following = urljoin(url, link)
        same = same_origin(following, url)
    except ValueError:
        raise SourceError(
            "the link to the next page is not a valid URL.",
            where=where,
            do="Report it to the people who run the source.",
        ) from None
    if not same:
        raise SourceError(
            f"the link to the next page leads to another host ({urlsplit(following).scheme}://"
            f"{urlsplit(following).netloc.rpartition('@')[2]}).",
            where=where,
            do="The token is not sent there; correct the source's own address in its settings.",
        )
    return following


def linked_pages(fetch: Callable[[str, Params], Answer], url: str, params: Params) -> Iterator[Answer]:
    """Yield a list's pages as their links lead (RFC 8288, rel="next"); a short page is not the last one.

    Raises:
        SourceError: a page is missing, or the links form a loop.

    """
    seen = {url}
    answer = fetch(url, params)
    yield answer
    while answer.next:
        if answer.next in seen or len(seen) >= MAX_PAGES:
            circle = answer.next in seen
            raise SourceError(
                "the links to the next page form a loop." if circle else f"there are over {MAX_PAGES} pages.",
                where=answer.where,
                do="Nothing was taken; report it to the people who run the source.",
            )
        seen.add(answer.next)
        answer = fetch(answer.next, ())
        yield answer


# Several places of one person in one cohort -> a row for each time they are in it: two sections, two roles, a group
# within a group, a second term.


FOR_EVER = "9999-12-31"
NOBODY = "no one is in the cohorts that lcm.yaml asks for."
STRENGTH = {Role.LCM: 3, Role.FACILITATOR: 2, Role.LEARNER: 1, "ignore": 0}


def asked_for(settings: RosterSource, known: KnownCohorts) -> Callable[[str, str], bool]:
    """Return what tells whether a cohort (as the source calls it, and its name) is worth calls for its people.

    It is not where its rows would be ignored; it is where they would be rejected, for that must be seen.
    """
    keys = CohortKeys(settings, known)

    def asked(written: str, name: str) -> bool:
        try:
            return keys.key(written, name) is not None
        except RowError:
            return True

    return asked


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in a cohort as a source has it.

    `cohort` is what the source calls it, `person` the source's own id, `roles` the source's words; `start` and `end`
    are days (ISO 8601), "" for none.
    """

    where: str
    cohort: str
    person: str
    roles: tuple[str, ...] = ()
    active: bool = True
    start: str = ""
    end: str = ""


@dataclass(slots=True)
class Places:
    """Collects places and turns them into rows: one a person and cohort, or one for each of several times apart.

    An active place outweighs one that has ended; of places at the same time the strongest role counts (lcm,
    facilitator, learner), from the first day to the last; who is withdrawn as a person is so everywhere.
    """

    settings: RosterSource
    words: Mapping[str, Meaning]
    _taken: dict[tuple[str, str], list[Place]] = field(default_factory=dict)
    _rejected: dict[tuple[str, str], list[RejectedRow]] = field(default_factory=dict)
    _count: int = 0
    _ours: dict[str, str] = field(init=False)
    _known: dict[str, Meaning] = field(init=False)

    def __post_init__(self) -> None:
        self._ours = {fold(written): key for written, key in self.settings.cohorts.items()}
        known: dict[str, Meaning] = {role.value: role for role in Role}
        known |= {fold(word): meaning for word, meaning in self.words.items()}
        self._known = known | {fold(word): meaning for word, meaning in self.settings.roles.items()}

    def add(self, place: Place) -> None:
        """Take a place.

        Raises:
            RosterError: there are more than a roster may have.

        """
        self._count += 1
        if self._count > self.settings.max_rows:
            raise too_many_rows(self.settings.max_rows, place.where)
        cohort = self._ours.get(fold(place.cohort), place.cohort)
        self._taken.setdefault((cohort, place.person), []).append(place)

    def reject(self, where: str, cohort: str, person: str, error: RowError) -> None:
        """Reject what gives a person a place in a cohort: no other one of theirs there counts, for it may say more."""
        key = self._ours.get(fold(cohort))
        row = RejectedRow(where, error.what, error.do or "", cohort=key or "")
        self._rejected.setdefault((key or cohort, person), []).append(row)

    @property
    def people(self) -> list[str]:
        """The source's ids of everybody who has a place, or a rejected one, each once, in the order they came in."""
        return list(dict.fromkeys(person for _, person in (*self._taken, *self._rejected)))

    def rows(
        self, found: Iterable[FoundCohort], cells_of: Callable[[str], Mapping[str, str]]
    ) -> Iterable[Row | RejectedRow]:
        """Yield the rows; `found` are the cohorts, `cells_of` says what is known of a person, or raises `RowError`."""
        names = {cohort.written: cohort.name for cohort in found}
        for (_, person), rejected in self._rejected.items():
            about = _identifiers(cells_of, person)
            yield from (replace(row, about=about) for row in rejected)
        for (cohort, person), places in self._taken.items():
            if (cohort, person) in self._rejected:
                continue
            counted = [place for place in places if place.active] or places
            try:
                cells = cells_of(person)
            except RowError as error:
                yield RejectedRow(counted[0].where, error.what, error.do or "")
                continue
            for together in _at_a_time(counted):
                yield self._row(together, cells, names)

    def _row(self, places: Sequence[Place], cells: Mapping[str, str], names: Mapping[str, str]) -> Row:
        first = places[0]
        active = first.active and cells.get("status") != "withdrawn"
        row = {
            **cells,
            "cohort": first.cohort,
            "cohort_name": names.get(first.cohort, ""),
            "role": self._strongest([word for place in places for word in place.roles]),
            "status": "active" if active else "withdrawn",
            "start_date": "" if any(not place.start for place in places) else min(place.start for place in places),
            "end_date": "" if any(not place.end for place in places) else max(place.end for place in places),
        }
        return Row(first.where, {name: cell for name, cell in row.items() if cell})

    def _strongest(self, words: Iterable[str]) -> str:
        """Return the word that means most; an unknown one only where no word is known, so that it is rejected."""
        found = list(dict.fromkeys(words))
        told = [word for word in found if self._known.get(fold(word), "ignore") != "ignore"]
        unknown = [word for word in found if fold(word) not in self._known]
        if told:
            return max(told, key=lambda word: STRENGTH[self._known[fold(word)]])
        return next(iter(unknown or found), "")


def _identifiers(cells_of: Callable[[str], Mapping[str, str]], person: str) -> tuple[tuple[str, str], ...]:
    """Return what identifies a person, as rejected rows have it; nothing where that cannot be read."""
    try:
        cells = cells_of(person)
    except RowError:
        return ()
    return tuple((kind, fold(cells[kind])) for kind in IDENTIFIERS if cells.get(kind))


def _at_a_time(places: Sequence[Place]) -> list[list[Place]]:
    """Return the places in groups of those that overlap; groups of which one ends before the next begins."""
    groups: list[list[Place]] = []
    last = ""
    for place in sorted(places, key=lambda place: place.start):
        if groups and (last == FOR_EVER or place.start <= last):
            groups[-1].append(place)
        else:
            groups.append([place])
            last = ""
        last = max(last, place.end or FOR_EVER)
    order = {id(place): number for number, place in enumerate(places)}
    return [sorted(group, key=lambda place: order[id(place)]) for group in groups]
