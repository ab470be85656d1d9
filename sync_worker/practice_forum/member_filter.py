"""The members list's `filter`, with its surprises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select

from sync_worker.practice_forum.tables import User, UserEmail

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def condition(text: str, *, by_email: bool) -> ColumnElement[bool]:
    """Return the condition on `User` that a filter text makes.

    A plain text is looked for in names (and, for administrators, in primary addresses). With a comma the parts become
    one regular expression for names and one SQL pattern for whole addresses, so that `_`, `%`, `+`, `.` and `|` in
    them mean more than themselves.
    """
    if "," in text:
        return _by_parts(text.split(","), by_email=by_email)
    like = f"%{text.lower()}%"
    by_name = User.username_lower.like(like)
    if not by_email:
        return by_name
    if re.search(r".+@.+", text):
        exact = select(UserEmail.user_id).where(UserEmail.email_lower == text.lower())
        return or_(User.id.in_(exact), ~exact.exists() & or_(by_name, _has_email(UserEmail.email_lower.like(like))))
    return or_(by_name, _has_email(UserEmail.email_lower.like(like)))


def _by_parts(parts: list[str], *, by_email: bool) -> ColumnElement[bool]:
    names = _matches(User.username_lower, f"(?i)({'|'.join(parts)})")
    if not by_email:
        return names
    return or_(names, _has_email(_matches(UserEmail.email_lower, f"^({'|'.join(map(_similar_to, parts))})$")))


def _similar_to(pattern: str) -> str:
    """Return SQL's SIMILAR TO pattern as a regular expression: `%` any text, `_` any character, `.` itself."""
    return pattern.replace(".", r"\.").replace("%", ".*").replace("_", ".")


def _matches(column: InstrumentedAttribute[str], pattern: str) -> ColumnElement[bool]:
    try:
        re.compile(pattern)
    except re.error:
        pattern = re.escape(pattern)
    return func.regexp(pattern, column) == 1


def _has_email(email: ColumnElement[bool]) -> ColumnElement[bool]:
    return User.id.in_(select(UserEmail.user_id).where(UserEmail.primary.is_(True), email))
