"""What all tables share: the declarative base and how moments are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import JSON, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as whole milliseconds since 1970 (the precision in which Discourse answers)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into milliseconds."""
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn milliseconds into an aware datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class Base(DeclarativeBase):
    """Base of every table."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain dict
        datetime: Moment,
        dict[str, Any]: JSON,
        list[int]: JSON,
        list[str]: JSON,
    }
