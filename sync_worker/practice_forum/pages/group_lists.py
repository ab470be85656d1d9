"""Settings that list groups: their page shows and takes names, as Discourse's own does, and ids are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.server.requests import Refusal
from sync_worker.practice_forum.tables import Group

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def in_names(session: Session, value: str) -> str:
    """Return a list of ids as names; what is the id of no group stays as it is."""
    names = {str(number): name for number, name in session.execute(select(Group.id, Group.name))}
    return "|".join(names.get(part, part) for part in value.split("|"))


def in_ids(session: Session, value: str) -> str:
    """Return a list of names, or ids, as ids.

    Raises:
        Refusal: 422 where no group has a name.

    """
    numbers = {name: str(number) for number, name in session.execute(select(Group.id, Group.name_lower))}
    parts = [part.strip() for part in value.split("|") if part.strip()]
    for part in parts:
        if not part.isdecimal() and part.lower() not in numbers:
            raise Refusal(422, {"errors": [f"No group is named {part}; put | between two names."]})
    return "|".join(numbers.get(part.lower(), part) for part in parts)
