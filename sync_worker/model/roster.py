"""What a source knows at one moment: people, facts about them, enrolments, rows that were not taken, cohorts."""

from __future__ import annotations

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_worker.model.cohorts import SourceCohort


def fold(text: str) -> str:
    """Return the form in which names and e-mails are compared: NFKC, case-folded, stripped."""
    if text.isascii():  # the same, ten times faster
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the roster. At least one of `external_id`, `email`, `username` is set."""

    external_id: str | None = None
    email: str | None = None
    username: str | None = None
    name: str = ""
    manager_email: str | None = None
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out `key`, the person's identity in our records: the strongest identifier the roster gives."""
        if self.external_id:
            key = f"id:{fold(self.external_id)}"
        elif self.email:
            key = f"mail:{fold(self.email)}"
        else:
            key = f"name:{fold(self.username or '')}"
        object.__setattr__(self, "key", key)

    @property
    def label(self) -> str:
        """How to call the person in a table read by staff."""
        return self.name or self.username or self.email or self.external_id or "?"


# Addresses that a mail can be sent to, and the managers of a learner, as facts name them.


MANAGER_EMAIL, MANAGER_NAME = "manager_email", "manager_name"
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")
_BETWEEN = re.compile(r"[;,\n]")
MOST_MANAGERS = 5


@dataclass(frozen=True, slots=True, order=True)
class Manager:
    """Somebody to whom a learner reports; `address` as mails are sent to it, `name` "" where it is not known."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """The address as addresses are compared."""
        return fold(self.address)

    @property
    def recipient(self) -> str:
        """The address with the name before it, as a mail's recipient is written."""
        name = re.sub(r'[<>",;:\\()\[\]@]', " ", self.name)
        return f"{' '.join(name.split())} <{self.address}>" if name.strip() else self.address


def mail_address(text: str) -> str | None:
    """Return an e-mail address as a mail is sent to it, a domain with other letters as `xn--`; None for anything else.

    Letters outside ASCII before the `@` are not taken: most servers refuse them, and the mail would be lost.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    fits = len(local) <= 64 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    return f"{local}@{domain}" if at and fits else None


def forms_of(address: str) -> frozenset[str]:
    """Return an e-mail address as it may be written: as it is, and with its domain in ASCII and in its own letters."""
    local, at, domain = address.strip().rpartition("@")
    found = {address}
    with suppress(UnicodeError):
        ascii_domain = domain.encode("idna")
        found |= {f"{local}{at}{ascii_domain.decode('ascii')}", f"{local}{at}{ascii_domain.decode('idna')}"}
    return frozenset(found)


def without_own(managers: str, own: str | None) -> str:
    """Return addresses of managers without a person's own, whose place stays empty; "" where none is left."""
    if not own or fold(own.partition("@")[0]) not in fold(managers):
        return managers
    key = fold(mail_address(own) or own)
    parts = [part.strip() for part in _BETWEEN.split(managers)]
    kept = ["" if fold(mail_address(part) or part) == key else part for part in parts]
    if kept == parts:
        return managers
    return "; ".join(kept) if any(kept) else ""


def managers_in(facts: Mapping[str, Fact]) -> tuple[Manager, ...]:
    """Return a person's managers by the facts `manager_email` and `manager_name`, each address once, in order.

    Several are parted by `;` or `,` or a line end; the names stand in the order of the addresses, also of those that
    were taken out and left their place empty. What is no address is left out.
    """
    written, names = _texts(facts, MANAGER_EMAIL), _texts(facts, MANAGER_NAME)
    if len(names) != len(written):
        written, names = [part for part in written if part], [part for part in names if part]
    if len(names) != len(written):
        names = names if len(written) == 1 and len(names) == 1 else [""] * len(written)
    found: dict[str, Manager] = {}
    for text, name in zip(written, names, strict=True):
        address = mail_address(text)
        if address is not None:
            manager = Manager(address, " ".join(name.split()))
            found.setdefault(manager.key, manager)
    return tuple(found.values())[:MOST_MANAGERS]


def _texts(facts: Mapping[str, Fact], name: str) -> list[str]:
    fact = facts.get(name)
    parts = _BETWEEN.split(fact.value) if fact is not None and isinstance(fact.value, str) else []
    return [part.strip() for part in parts]


# Facts about people: what a roster, a file or a session says of a person beyond who they are. No I/O.


FactValue = str | float | bool | date
FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_TEXT = 1_000


class FactType(StrEnum):
    """How a fact's value is read: `yes/no` is true or false, a `number` is a float (75 % is 0.75)."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes/no"

    @classmethod
    def of(cls, value: FactValue) -> FactType:
        """Return the type of a value.

        Raises:
            TypeError: no fact has such a value; a moment is no date.

        """
        if isinstance(value, bool):
            return cls.YES_NO
        if isinstance(value, float | int):
            return cls.NUMBER
        if isinstance(value, date) and not isinstance(value, datetime):
            return cls.DATE
        if isinstance(value, str):
            return cls.TEXT
        raise TypeError(f"a fact is a text, a number, a date, or yes or no, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a person: its value, the source that says so, and when it was observed there.

    The value is personal data: it has no place in a log, and `repr` leaves it out.
    """

    value: FactValue
    source: str
    at: datetime

    def __repr__(self) -> str:
        return f"Fact({FactType.of(self.value)} from {self.source!r} at {self.at.isoformat()})"


@dataclass(frozen=True, slots=True, repr=False)
class StatedFacts:
    """What one source states of a person: facts of a `cohort` ("" of the person, in whichever cohort).

    A name that is missing in `values` is unknown. `where` is the row.
    """

    person: Person
    cohort: str
    values: Mapping[str, FactValue]
    where: str = ""

    def __repr__(self) -> str:
        return f"StatedFacts({', '.join(self.values)} of {self.where or 'a person'})"


# What a source knows at one moment: enrolments, the rows that were not taken, and the cohorts it names.


class Role(StrEnum):
    """What a person is in a cohort."""

    LEARNER = "learner"
    LCM = "lcm"
    FACILITATOR = "facilitator"


class RosterKind(StrEnum):
    """Whether absence from the roster means anything."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's place in a cohort."""

    person: Person
    cohort: str
    role: Role = Role.LEARNER
    start: date | None = None
    end: date | None = None
    where: str = ""
    withdrawn: bool = False

    def active_on(self, day: date) -> bool:
        """Whether the enrolment holds on `day` (both ends included)."""
        started = self.start is None or self.start <= day
        return started and (self.end is None or day <= self.end) and not self.withdrawn


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a source that was not taken, with the place and the reason.

    `about` are the identifiers (kind, folded value) that could be read in it, `cohort` our key for its cohort, where
    that could be read; they are for comparing and are shown nowhere.
    """

    where: str
    reason: str
    do: str = ""
    about: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    cohort: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A person whom a source knows, and where, without an enrolment."""

    person: Person
    where: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What one source states of people; who is missing in a `snapshot` is not known to it any more."""

    kind: RosterKind
    stated: tuple[StatedFacts, ...] = ()


class GroupedEnrolments(Sequence[Enrolment]):
    """Enrolments that know by themselves which are of which cohort, without all of them being made into objects."""

    @abstractmethod
    def by_cohort(self) -> Mapping[str, Sequence[Enrolment]]:
        """Return the enrolments of each cohort, in their order."""

    @abstractmethod
    def people(self) -> int:
        """Return how many different people there are."""


@dataclass(frozen=True)
class Roster:
    """Every enrolment that a source knows at one moment.

    `cohorts` are those of `cohorts_from`, `people` whom the source knows without enrolling them. `deltas` are the
    cohorts whose absentees mean nothing although the roster as a whole is a snapshot. `remarks` say what a reader
    decided where sources differ; `ignored` counts enrolments that nobody asked for. `facts` are what each source states
    of people, by the source's name: a source that states nothing has an empty part.
    """

    source: str
    kind: RosterKind
    enrolments: Sequence[Enrolment]
    rejected: tuple[RejectedRow, ...] = ()
    cohorts: tuple[SourceCohort, ...] = ()
    people: tuple[Listed, ...] = ()
    deltas: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    ignored: int = 0
    facts: Mapping[str, SourceFacts] = field(default_factory=dict)

    def kind_of(self, cohort: str) -> RosterKind:
        """Whether absence from that cohort means anything."""
        return RosterKind.DELTA if cohort in self.deltas else self.kind

    @cached_property
    def by_cohort(self) -> Mapping[str, Sequence[Enrolment]]:
        """The enrolments by cohort key, in the roster's order; a cohort without any is not in it."""
        if isinstance(self.enrolments, GroupedEnrolments):
            return self.enrolments.by_cohort()
        found: dict[str, list[Enrolment]] = {}
        last, of_cohort = None, list[Enrolment]()
        for enrolment in self.enrolments:
            cohort = enrolment.cohort
            if cohort is not last:  # neighbours are mostly of the same cohort
                of_cohort, last = found.setdefault(cohort, []), cohort
            of_cohort.append(enrolment)
        return found

    @property
    def everybody(self) -> Iterator[Person]:
        """The person of each enrolment, then who is known without one; somebody may come more than once."""
        yield from (enrolment.person for enrolment in self.enrolments)
        yield from (listed.person for listed in self.people)

    @property
    def people_enrolled(self) -> int:
        """How many different people are enrolled."""
        if isinstance(self.enrolments, GroupedEnrolments):
            return self.enrolments.people()
        return len({enrolment.person.key for enrolment in self.enrolments})

    def of(self, cohort: str) -> Sequence[Enrolment]:
        """Return a cohort's enrolments."""
        return self.by_cohort.get(cohort, ())
