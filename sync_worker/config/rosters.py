"""The shape of one source of rosters in `lcm.yaml`: what all have in common, each one's own, and columns of facts.

`facts: {site: text, attendance: {column: Présence, type: number}}`; on the command line the same is written
`site=site:text` and `attendance=Présence:number`.
"""

from __future__ import annotations

import codecs
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from sync_worker.config.base import Strict
from sync_worker.model import FACT_NAME, FactType, Role
from sync_worker.wording import nearest

MOST = 50
CELL = "fact:"  # before a fact's name in a row's cells, so that no name is taken for a column of ours
WRITTEN = re.compile(r"(?P<name>[^=]+)=(?P<column>.+?)(?::(?P<type>[a-z/ _-]+))?")


class FactSettings(Strict):
    """A column whose cells are kept as a fact of that `type`; without `column` it is called like the fact.

    A cell that is empty or says "n/a" is unknown. One that cannot be read is unknown as well, and is reported with its
    place; with `bad: reject` its whole row is rejected.
    """

    column: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    type: FactType = FactType.TEXT
    bad: Literal["report", "reject"] = "report"


def _from_word(value: object) -> object:
    """Take `site: text` for `site: {type: text}`; YAML reads `yes/no` as a text."""
    return {"type": value} if isinstance(value, str) else value


def _fact_name(value: str) -> str:
    if not FACT_NAME.fullmatch(value):
        raise ValueError(f"'{value}' cannot name a fact; use up to 40 lower-case letters, digits and '_'")
    return value


Facts = Annotated[
    dict[Annotated[str, AfterValidator(_fact_name)], Annotated[FactSettings, BeforeValidator(_from_word)]],
    Field(max_length=MOST, default_factory=dict),
]


def parse_fact(written: str) -> tuple[str, FactSettings]:
    """Return the name and the settings of `NAME=COLUMN:type`; `:type` may be left out for a text.

    Raises:
        ValueError: it is written otherwise; the message shows how.

    """
    match = WRITTEN.fullmatch(written.strip())
    if match is None:
        raise ValueError(f"'{written}' is not written like attendance=Attendance:number")
    column, kind = match["column"], match["type"]
    types = [one.value for one in FactType]
    if kind is not None and kind not in types:
        raise ValueError(f"'{kind}' is no type of facts.{nearest(kind, types)}")
    values: dict[str, Any] = {"column": column.strip(), "type": kind or FactType.TEXT.value}
    return _fact_name(match["name"].strip()), FactSettings.model_validate(values)


def column_of(name: str, fact: FactSettings) -> str:
    """Return the title of the column that a fact is read from."""
    return fact.column or name


# The shape of one source of rosters in `lcm.yaml`: what all have in common, and each one's own.


ROSTER_COLUMNS = (
    "external_id",
    "email",
    "username",
    "name",
    "first_name",
    "last_name",
    "cohort",
    "cohort_name",
    "cohort_start",
    "cohort_end",
    "role",
    "manager_email",
    "start_date",
    "end_date",
    "status",
)
Kind = Literal["snapshot", "delta"]
MAX_ROWS = 2_000_000
MAX_MEGABYTES = 500
StatusMeaning = Literal["active", "inactive", "withdrawn", "ignore"]
# Words for a status that are understood without a map, in any case: whether somebody is in. Those of Canvas's SIS files
# are among them.
STATUS_WORDS: dict[str, str] = {
    "": "active",
    "active": "active",
    "actif": "active",
    "inactive": "withdrawn",
    "inactif": "withdrawn",
    "withdrawn": "withdrawn",
    "suspended": "withdrawn",
    "deleted": "withdrawn",
    "completed": "withdrawn",
    "deleted_last_completed": "withdrawn",
}
# Words for how much somebody works or studies: they stand under "Status" in many exports, and who works is there.
WORKING_TIME = frozenset((
    "full time", "full-time", "fulltime", "part time", "part-time", "parttime",
    "temps plein", "à temps plein", "temps partiel", "à temps partiel", "vollzeit", "teilzeit",
))  # fmt: skip
IDENTIFIERS = ("external_id", "email", "username")
ONEROSTER_IDENTIFIERS = ("sourcedId", "identifier", "username", "email", "userMasterIdentifier")
PREFIX = re.compile(r"([a-z0-9][a-z0-9-]{0,19})?")


class RosterSource(Strict):
    """What every source has.

    `TELLING` is the key that says which source a part of `lcm.yaml` is; `roles` maps the source's word for a role to
    ours (`ignore`: rows with it are ignored); `default_cohort` and `default_role` stand for what a row does not say.
    `cohorts` maps the source's own names or numbers of cohorts to our keys; `cohort_prefix` goes before the keys that
    are made from the source's where `cohorts_from` takes cohorts from it. A row whose cohort is neither declared nor
    taken is rejected, or ignored where `other_cohorts` is `ignore`. With `feeds` the source may enrol into these
    cohorts only. A source with `people_only` enrols nobody: it completes what others say about people. More rows than
    `max_rows` are refused.
    """

    TELLING: ClassVar[str] = ""

    kind: Kind = "snapshot"
    roles: dict[str, Role | Literal["ignore"]] = Field(default_factory=dict)
    default_cohort: str | None = None
    default_role: Role | None = None
    cohorts: dict[str, str] = Field(default_factory=dict)
    cohort_prefix: str = ""
    other_cohorts: Literal["reject", "ignore"] = "reject"
    feeds: tuple[str, ...] = ()
    people_only: bool = False
    max_rows: Annotated[int, Field(ge=1)] = MAX_ROWS

    @field_validator("cohort_prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if not PREFIX.fullmatch(value):
            raise ValueError("use up to 20 lower-case letters, digits and hyphens")
        return value

    def at(self, base: Path) -> Self:
        """Return the source with relative paths taken from the folder `base`."""
        return self.model_copy(update={name: base / value for name, value in self if isinstance(value, Path)})


class FileSource(RosterSource):
    """A source that is a file, which may be too old to be believed, or larger (unpacked) than `max_megabytes`."""

    max_age_days: Annotated[int, Field(ge=1)] | None = None
    max_megabytes: Annotated[int, Field(ge=1, le=100_000)] = MAX_MEGABYTES


class StatusSource(RosterSource):
    """A source whose rows have a status; `statuses` maps its words to active, withdrawn or ignore (of the row)."""

    statuses: dict[str, StatusMeaning] = Field(default_factory=dict)


class GivenNameSource(RosterSource):
    """A source whose standard has a field for given names; with `first_names` they are kept as the fact `first_name`.

    Texts greet by that fact. It is not kept unasked: a given name is not always what somebody is called by.
    """

    first_names: bool = False


class DatedSource(RosterSource):
    """A source that writes days as text; `date_format` is strptime's."""

    date_format: str = "%Y-%m-%d"

    @field_validator("date_format")
    @classmethod
    def _whole_day(cls, value: str) -> str:
        day = datetime(2027, 12, 31)  # noqa: DTZ001  (a day has no zone)
        try:
            understood = datetime.strptime(day.strftime(value), value) == day  # noqa: DTZ007
        except ValueError:
            understood = False
        if not understood:
            raise ValueError(f"'{value}' does not say year, month and day, such as '%d/%m/%Y'")
        return value


class FactSource(RosterSource):
    """A source of rows, of which further columns are kept with a person (see `FactSettings`)."""

    facts: Facts


class TableSource(DatedSource, StatusSource, FactSource):
    """A source that is a table; `columns` maps our names of columns to the table's, or to null: that is not read."""

    columns: dict[str, str | None] = Field(default_factory=dict)

    @property
    def titles(self) -> dict[str, str | None]:
        """The table's titles of columns by our names, with those of facts, which must all be there."""
        return {**self.columns, **{f"{CELL}{name}": column_of(name, fact) for name, fact in self.facts.items()}}

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        for column in value:
            if column not in ROSTER_COLUMNS:
                raise ValueError(f"'{column}' is not a column of ours.{nearest(column, ROSTER_COLUMNS)}")
        return value


class CsvRosterSettings(TableSource, FileSource):
    """A CSV file; its header stands in line `header_row` (1: the top). `encoding` is one that Python knows."""

    TELLING: ClassVar[str] = "csv"

    csv: Path
    encoding: str = "auto"
    header_row: Annotated[int, Field(ge=1, le=1_000)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if value == "auto":
            return value
        try:
            found = codecs.lookup(value)
        except (LookupError, ValueError):
            found = None
        if found is None or not found._is_text_encoding or found.incrementaldecoder is None:
            raise ValueError(f"'{value}' is not an encoding; use auto, utf-8, utf-16, cp1252, cp1250, mac-roman, ...")
        return found.name


class XlsxRosterSettings(TableSource, FileSource):
    """An Excel workbook; the table is on its only visible sheet, or on `sheet`, from `header_row` (1: the top) on."""

    TELLING: ClassVar[str] = "xlsx"

    xlsx: Path
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None


class OneRosterSettings(FileSource, DatedSource, GivenNameSource):
    """A OneRoster export in CSV (1.1 or 1.2), in a folder or a zip archive.

    With `manifest: none` one that is not there is not missed: every file is then complete (`kind: delta`: none is).
    `date_format` is how days are written that are not written as the standard has it.

    `identifiers` says which of the standard's columns of `users.csv` identify a person (`userIds:FED`: the id within
    `{FED:...}`). `agents_are_managers` takes a learner's first agent who is no relative as the manager. The role
    `primary teacher` may be given a meaning of its own. Classes that nobody asks for are ignored.
    """

    TELLING: ClassVar[str] = "oneroster"

    oneroster: Path
    manifest: Literal["needed", "none"] = "needed"
    other_cohorts: Literal["reject", "ignore"] = "ignore"
    identifiers: dict[str, str] = Field(default_factory=lambda: {"external_id": "sourcedId", "email": "email"})
    agents_are_managers: bool = False

    @field_validator("identifiers")
    @classmethod
    def _known_identifiers(cls, value: dict[str, str]) -> dict[str, str]:
        for ours, column in value.items():
            if ours not in IDENTIFIERS:
                raise ValueError(f"'{ours}' is no identifier.{nearest(ours, IDENTIFIERS)}")
            if column not in ONEROSTER_IDENTIFIERS and not column.startswith("userIds:"):
                known = nearest(column, [*ONEROSTER_IDENTIFIERS, "userIds:TYPE"])
                raise ValueError(f"'{column}' identifies nobody in users.csv.{known}")
        if not value:
            raise ValueError("name at least one")
        return value


class SqlRosterSettings(TableSource):
    """A database; `sql` names the environment variable that holds its address, for the address holds a password.

    The queries answer with our names of columns, or with those in `columns`; `cohorts_query` with `cohort`,
    `cohort_name`, `cohort_start`, `cohort_end`.
    """

    TELLING: ClassVar[str] = "sql"

    sql: str
    enrolments_query: str
    cohorts_query: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3_600)] = 60.0

    @field_validator("sql")
    @classmethod
    def _variable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("name the environment variable that holds the database's address, not the address itself")
        return value


class PluginRosterSettings(StatusSource, FactSource):
    """A source of one's own: the name of an entry point in the group `discourse_lcm.rosters`, and what it wants."""

    TELLING: ClassVar[str] = "plugin"

    plugin: str
    options: dict[str, Any] = Field(default_factory=dict)
