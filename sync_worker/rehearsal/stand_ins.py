"""The roster's people as they take part in a rehearsal: their own names, accounts of the practice forum. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.model import Person, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync_worker.model import Enrolment

LONGEST = 20  # Discourse's default for usernames
SHORTEST = 3
UNDELIVERABLE = "rehearsal.invalid"  # RFC 2606: no such address can exist


@dataclass(frozen=True, slots=True)
class StandIn:
    """An account on the practice forum for a person of the roster."""

    username: str
    name: str
    enrolment: Enrolment

    @property
    def email(self) -> str:
        """An address to which nothing can be sent; the person's own one is not used."""
        return f"{self.username}@{UNDELIVERABLE}"

    @property
    def is_learner(self) -> bool:
        """Whether the person learns in the cohort."""
        return self.enrolment.role is Role.LEARNER


def stand_ins(enrolments: Iterable[Enrolment]) -> list[StandIn]:
    """Return an account for each enrolment that was not withdrawn, with usernames that are all different."""
    taken: set[str] = set()
    found = []
    for number, enrolment in enumerate((one for one in enrolments if not one.withdrawn), 1):
        person = enrolment.person
        name = person.name or person.username or f"Person {number}"
        username = _free(_username(name) or f"person_{number}", taken)
        taken.add(username)
        as_person = Person(username=username, name=name)
        found.append(StandIn(username, name, replace(enrolment, person=as_person)))
    return found


def _username(name: str) -> str:
    """Return a name in the letters that Discourse takes in usernames by default; "" where too few are left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    joined = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
    return joined if len(joined) >= SHORTEST else ""


def _free(username: str, taken: set[str]) -> str:
    candidate, number = username, 2
    while candidate in taken:
        ending = f"_{number}"
        candidate, number = f"{username[: LONGEST - len(ending)].rstrip('_')}{ending}", number + 1
    return candidate


def people_of(stand_ins: Sequence[StandIn], *, learners: bool) -> list[StandIn]:
    """Return those who learn, or those who look after the learners."""
    return [one for one in stand_ins if one.is_learner == learners]
