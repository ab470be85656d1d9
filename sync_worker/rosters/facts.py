"""What cells say of people beyond who they are -> facts: read by type, what is unknown left out, what is wrong noted.

No message holds a value: it is about a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from sync_worker.config.rosters import CELL, column_of
from sync_worker.model import MANAGER_EMAIL, FactType, StatedFacts, fold, without_own
from sync_worker.model.roster import MAX_TEXT
from sync_worker.rosters.row import ERROR, NOTHING, RowError
from sync_worker.rosters.row_reader import MIDNIGHT, OWN_MANAGER, SERIAL, person_of, places_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_worker.config.rosters import FactSettings
    from sync_worker.model import FactValue
    from sync_worker.rosters.row import Row
    from sync_worker.rosters.row_reader import Who

UNKNOWN = NOTHING | {"n.a.", "n/d", "n.d.", "#n/a", "#nv", "?"}
UNKNOWN_VALUES = UNKNOWN | {"na", "nd"}  # of a text they may be the text
YES = frozenset({"yes", "y", "true", "1", "1.0", "x", "oui", "o", "vrai", "ja", "wahr", "✓", "✔"})
NO = frozenset({"no", "n", "false", "0", "0.0", "non", "faux", "nein", "falsch", "✗"})
SPACES = re.compile(r"[\s\u00a0\u202f'’]")
PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,2})?")
IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[.,])\d{3})(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d+)?")
DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
EARLIEST, LATEST = 1900, 2200


def read_value(written: str, kind: FactType, date_format: str) -> FactValue | None:
    """Return what a cell says, None for unknown: an empty cell is never 0 or no.

    A number may have a decimal comma, marks or spaces between its thousands, and a percent sign: "75 %" is 0.75. A date
    is written in `date_format`, or as 2027-05-08.

    Raises:
        ValueError: with why it cannot be read, without the value.

    """
    text = written.strip()
    if not text or text.casefold() in (UNKNOWN if kind is FactType.TEXT else UNKNOWN_VALUES):
        return None
    if ERROR.fullmatch(text):
        raise ValueError("is a spreadsheet's error")
    if text.startswith("="):
        raise ValueError("is a formula, not its value")
    match kind:
        case FactType.NUMBER:
            return _number(text)
        case FactType.DATE:
            return _date(text, date_format)
        case FactType.YES_NO:
            return _yes_no(text)
        case FactType.TEXT:
            return _text(text)


def _number(text: str) -> float:
    plain = SPACES.sub("", text)
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if DOUBTFUL.fullmatch(plain):
        raise ValueError("may be a number of thousands or one with decimals: write it without the comma")
    whole = IN_THOUSANDS.fullmatch(plain)
    if whole and (plain.count(whole["mark"]) > 1 or len(set(plain) & {".", ","}) > 1):
        plain = plain.replace(whole["mark"], "")
    if not PLAIN.fullmatch(plain):
        raise ValueError("is not a number")
    number = float(plain.replace(",", "."))
    return number / 100 if percent else number


def _date(text: str, date_format: str) -> date:
    plain = MIDNIGHT.sub("", text)
    for form in (date_format, "%Y-%m-%d"):
        try:
            day = datetime.strptime(plain, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
        if not EARLIEST <= day.year <= LATEST:
            raise ValueError(f"is a date outside {EARLIEST} to {LATEST}")
        return day
    if SERIAL.fullmatch(plain):
        raise ValueError("is the number by which a spreadsheet stores a day: format the column as a date")
    raise ValueError(f"is not a date written like {date(2027, 12, 31).strftime(date_format)}")


def _yes_no(text: str) -> bool:
    word = fold(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("says neither yes nor no")


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"has more than {MAX_TEXT:,} characters")
    return " ".join(text.split())


@dataclass(slots=True)
class FactReader:
    """Takes the facts that rows state, and notes what cannot be read."""

    facts: Mapping[str, FactSettings]
    date_format: str
    _stated: dict[tuple[str, str], StatedFacts] = field(default_factory=dict)
    _bad: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _differing: dict[str, list[str]] = field(default_factory=dict)
    _own_managers: list[str] = field(default_factory=list)

    def values(self, row: Row) -> dict[str, FactValue]:
        """Return the facts that a row states.

        Raises:
            RowError: a value cannot be read, and the settings reject the whole row then.

        """
        found: dict[str, FactValue] = {}
        for name, fact in self.facts.items():
            try:
                value = read_value(_cell(row, name, fact), fact.type, self.date_format)
            except ValueError as error:
                why = f"'{column_of(name, fact)}' {error}"
                if fact.bad == "reject":
                    raise RowError(f"{why}.", do="Correct the cell, or leave it empty.") from None
                self._bad.setdefault((name, why), []).append(row.where)
                continue
            if value is not None:
                found[name] = value
        return found

    def take(self, who: Who, cohort: str, values: Mapping[str, FactValue], where: str) -> None:
        """Take what a row states of a person in a cohort; of several rows the first that says something counts."""
        person = person_of(who)
        written = values.get(MANAGER_EMAIL)
        if isinstance(written, str) and (others := without_own(written, person.email)) != written:
            self._own_managers.append(where)
            rest = {name: value for name, value in values.items() if name != MANAGER_EMAIL}
            values = {**rest, MANAGER_EMAIL: others} if others else rest
        before = self._stated.get((person.key, cohort))
        if before is None:
            self._stated[person.key, cohort] = StatedFacts(person, cohort, values, where)
            return
        for name, value in values.items():
            if name in before.values and before.values[name] != value:
                self._differing.setdefault(name, []).append(where)
        both = {**values, **before.values}
        self._stated[person.key, cohort] = StatedFacts(before.person, cohort, both, before.where)

    def stated(self) -> tuple[StatedFacts, ...]:
        """Return what the rows state, one for each person and cohort."""
        return tuple(self._stated.values())

    def remarks(self) -> Iterator[str]:
        """Yield what could not be read, with the places."""
        for (name, why), places in self._bad.items():
            yield f"{places_of(places)}: {why}; the fact '{name}' counts as unknown there."
        for name, places in self._differing.items():
            yield f"{places_of(places)}: the fact '{name}' differs from that in an earlier row of the same person."
        if self._own_managers:
            yield f"{places_of(self._own_managers)}: {OWN_MANAGER}"


def _cell(row: Row, name: str, fact: FactSettings) -> str:
    """Return a fact's cell; a source of one's own calls its cells by its own titles."""
    return row.cells.get(f"{CELL}{name}") or row.cells.get(column_of(name, fact), "")
