"""Which kinds of source there are, and how a part of `lcm.yaml` tells which one it is."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Tag

from sync_worker.config.http_rosters import (
    CanvasRosterSettings,
    MoodleRosterSettings,
    NrpsRosterSettings,
    ScimRosterSettings,
)
from sync_worker.config.located_yaml import tag_of
from sync_worker.config.rosters import (
    CsvRosterSettings,
    OneRosterSettings,
    PluginRosterSettings,
    RosterSource,
    SqlRosterSettings,
    XlsxRosterSettings,
)

SOURCES: tuple[type[RosterSource], ...] = (
    CsvRosterSettings,
    XlsxRosterSettings,
    OneRosterSettings,
    SqlRosterSettings,
    NrpsRosterSettings,
    ScimRosterSettings,
    MoodleRosterSettings,
    CanvasRosterSettings,
    PluginRosterSettings,
)


def _which(value: Any) -> str | None:
    """Return the tag of the source that a mapping (or a model) is."""
    if isinstance(value, RosterSource):
        return tag_of(value.TELLING)
    told = [source.TELLING for source in SOURCES if isinstance(value, dict) and source.TELLING in value]
    return tag_of(told[0]) if told else None


if TYPE_CHECKING:
    AnySource = RosterSource
else:
    AnySource = Annotated[
        reduce(or_, [Annotated[source, Tag(tag_of(source.TELLING))] for source in SOURCES]),
        Discriminator(
            _which,
            custom_error_type="source",
            custom_error_message=f"say what kind of source this is by one of {', '.join(s.TELLING for s in SOURCES)}",
        ),
    ]
