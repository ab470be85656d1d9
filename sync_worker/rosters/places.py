"""Several places of one person in one cohort -> one row: two sections, two roles, a group within a group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.model import RejectedRow, Role, fold
from sync_worker.rosters.cohort_keys import CohortKeys
from sync_worker.rosters.row import Row, RowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.cohort_keys import KnownCohorts
    from sync_worker.rosters.row import FoundCohort
    from sync_worker.rosters.row_reader import Meaning

NOBODY = "nobody is in the cohorts that lcm.yaml asks for."
STRENGTH = {Role.LCM: 3, Role.FACILITATOR: 2, Role.LEARNER: 1, "ignore": 0}


def asked_for(settings: RosterSource, known: KnownCohorts) -> Callable[[str, str], bool]:
    """Return what tells whether a cohort (as the source calls it, and its name) is worth calls for its people.

    It is not where its rows would be let be; it is where they would be rejected, for that must be seen.
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
    """Collects places and turns them into rows, one a person and cohort.

    An active place outweighs one that has ended; the strongest role counts (lcm, facilitator, learner); a place
    without a day of start or end makes the whole without it; who is withdrawn as a person is so everywhere.
    """

    settings: RosterSource
    words: Mapping[str, Meaning]
    _taken: dict[tuple[str, str], list[Place]] = field(default_factory=dict)

    def add(self, place: Place) -> None:
        """Take a place."""
        ours = {fold(written): key for written, key in self.settings.cohorts.items()}
        cohort = ours.get(fold(place.cohort), place.cohort)
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
            first = counted[0]
            try:
                cells = dict(cells_of(person))
            except RowError as error:
                yield RejectedRow(first.where, error.what, error.do or "")
                continue
            active = first.active and cells.get("status") != "withdrawn"
            cells |= {
                "cohort": first.cohort,
                "cohort_name": names.get(first.cohort, ""),
                "role": self._strongest([word for place in counted for word in place.roles]),
                "status": "active" if active else "withdrawn",
                "start_date": ""
                if any(not place.start for place in counted)
                else min(place.start for place in counted),
                "end_date": "" if any(not place.end for place in counted) else max(place.end for place in counted),
            }
            yield Row(first.where, {name: cell for name, cell in cells.items() if cell})

    def _strongest(self, words: Iterable[str]) -> str:
        """Return the word that means most; one that nobody knows only where none is known, so that it is rejected."""
        known: dict[str, Meaning] = {role.value: role for role in Role}
        known |= {fold(word): meaning for word, meaning in self.words.items()}
        known |= {fold(word): meaning for word, meaning in self.settings.roles.items()}
        found = list(dict.fromkeys(words))
        told = [word for word in found if known.get(fold(word), "ignore") != "ignore"]
        unknown = [word for word in found if fold(word) not in known]
        if told:
            return max(told, key=lambda word: STRENGTH[known[fold(word)]])
        return next(iter(unknown or found), "")
