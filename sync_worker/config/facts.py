"""The shape of `facts` under a source of rosters: which of its columns are kept with a person, and how they are read.

`facts: {site: text, attendance: {column: Présence, type: number}}`; on the command line the same is written
`site=site:text` and `attendance=Présence:number`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sync_worker.config.strict import Strict
from sync_worker.model import FACT_NAME, FactType
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
