"""What does not count while a row about the same person is rejected: that row may say something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sync_worker.model import RejectedRow

    Identifier = tuple[str, str]  # a kind, and the folded value

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Doubts:
    """Rejected rows, found by the identifiers in them."""

    rows: dict[Identifier, list[RejectedRow]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def keep(self, rejected: Iterable[RejectedRow], kinds: Collection[str]) -> None:
        """Remember rejected rows by their identifiers of these kinds."""
        for row in rejected:
            for kind, value in row.about:
                if kind in kinds:
                    self.rows.setdefault((kind, value), []).append(row)

    def about(
        self, own: Collection[Identifier], cohort: str, is_same: Callable[[RejectedRow], bool], *, of_anything: bool
    ) -> RejectedRow | None:
        """Return a rejected row that may say something else of a person's place in a cohort, None if there is none.

        Args:
            own: the person's identifiers.
            cohort: its key.
            is_same: whether a row that has one of the identifiers is about nobody else.
            of_anything: a row counts that has one of the identifiers, also where it does not say which cohort it is of.

        """
        for identifier in own:
            for row in self.rows.get(identifier, ()):
                if (row.cohort == cohort and is_same(row)) or (of_anything and row.cohort in ("", cohort)):
                    return row
        return None


def not_counted(where: str, label: str, said: str, doubt: RejectedRow) -> str:
    """Return that a row does not count because of a rejected one."""
    told = f"{where}: that {label} {said} does not count while {doubt.where} is rejected"
    return f"{told}; that row may say something else."


def first_of(not_counted: Sequence[str]) -> Iterator[str]:
    """Yield the first of many rows that do not count, and how many more there are."""
    yield from not_counted[:SHOWN]
    if len(not_counted) > SHOWN:
        yield f"{len(not_counted) - SHOWN} more rows do not count, for the same reason."
