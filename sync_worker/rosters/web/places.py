"""Several places of one person in one cohort -> a row for each time they are in it: two sections, two roles, a group
within a group, a second term.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.model import RejectedRow, Role, fold
from sync_worker.rosters.cohort_keys import CohortKeys
from sync_worker.rosters.limits import too_many_rows
from sync_worker.rosters.row import Row, RowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.cohort_keys import KnownCohorts
    from sync_worker.rosters.row import FoundCohort
    from sync_worker.rosters.row_reader import Meaning

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

    @property
    def people(self) -> list[str]:
        """The source's ids of everybody who has a place, each once, in the order they came in."""
        return list(dict.fromkeys(person for _, person in self._taken))

    def rows(
        self, found: Iterable[FoundCohort], cells_of: Callable[[str], Mapping[str, str]]
    ) -> Iterable[Row | RejectedRow]:
        """Yield the rows; `found` are the cohorts, `cells_of` says what is known of a person, or raises `RowError`."""
        names = {cohort.written: cohort.name for cohort in found}
        for (_, person), places in self._taken.items():
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
