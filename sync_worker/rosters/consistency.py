"""Whether rows agree with each other: nobody twice in a cohort, one identifier never two people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.model import fold

if TYPE_CHECKING:
    from sync_worker.model import Enrolment, Person


@dataclass(slots=True)
class SeenRows:
    """The rows taken so far, by every identifier in them."""

    _owners: dict[tuple[str, str], tuple[Person, str]] = field(default_factory=dict)
    _places: dict[tuple[str, str], str] = field(default_factory=dict)

    def problem(self, enrolment: Enrolment) -> tuple[str, str] | None:
        """Return why the row contradicts or repeats an earlier one and what to do; None if it does not."""
        person = enrolment.person
        earlier = self._places.get((enrolment.cohort, person.key))
        if earlier:
            inside = f"in cohort '{enrolment.cohort}'" if enrolment.cohort else "here"
            return (f"{person.label} stands {inside} already ({earlier}).", "Keep one row.")
        for kind, value in _identifiers(person):
            owner = self._owners.get((kind, value))
            other = owner and _contradiction(owner[0], person)
            if owner and other:
                return (
                    f"{kind} '{value}' belongs to somebody with another {other} in {owner[1]}.",
                    "Correct one of the two rows.",
                )
        return None

    def take(self, enrolment: Enrolment) -> None:
        """Remember a row without problem."""
        self._places[(enrolment.cohort, enrolment.person.key)] = enrolment.where
        for identifier in _identifiers(enrolment.person):
            self._owners.setdefault(identifier, (enrolment.person, enrolment.where))


def _identifiers(person: Person) -> list[tuple[str, str]]:
    pairs = (("external_id", person.external_id), ("email", person.email), ("username", person.username))
    return [(kind, fold(value)) for kind, value in pairs if value]


def _contradiction(one: Person, other: Person) -> str | None:
    """Return the first identifier in which two rows about one person differ; given in one row only is a difference."""
    for kind in ("external_id", "email", "username"):
        if fold(getattr(one, kind) or "") != fold(getattr(other, kind) or ""):
            return kind.replace("_", " ")
    return None
