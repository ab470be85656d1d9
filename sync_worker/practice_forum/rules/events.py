"""Events, as Discourse's calendar keeps them: written in the first post of a topic, with the answers of those invited.

Only what our texts and their readers need is here: one moment, open to all. Source: discourse-calendar's
`event_validator.rb`, `event.rb` and `invitees_controller.rb`, 3.5.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from sync_worker.practice_forum.cook.date_blocks import events_in
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.tables import Event, Invitee, Post, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian

STATUSES = ("going", "interested", "not_going")
MOST_SHOWN = 200


def are_on(guardian: Guardian) -> bool:
    """Whether the forum has events."""
    return guardian.settings.flag("calendar_enabled") and guardian.settings.flag("discourse_post_event_enabled")


def written(guardian: Guardian, raw: str, author: User, base_url: str, *, first: bool) -> dict[str, Any] | None:
    """Return the event of a text that `author` wants to post, checked; None where it has none.

    Raises:
        RejectedError: it does not hold up, or the author may not make events.

    """
    if "[event" not in raw or not are_on(guardian):
        return None
    found = events_in(cook_post(guardian.session, raw, author, None, base_url))
    if not found:
        return None
    if len(found) > 1:
        raise RejectedError("A post can only have one event.")
    if not first:
        raise RejectedError("An event can only be in the first post of a topic.")
    if not author.staff and not guardian.in_any_group("discourse_post_event_allowed_on_groups"):
        raise RejectedError("You are not allowed to create events.")
    return _values(found[0])


def _values(given: dict[str, str]) -> dict[str, Any]:
    zone_name = given.get("timezone") or "UTC"
    try:
        zone = ZoneInfo(zone_name)
    except (KeyError, ValueError, OSError):
        raise RejectedError(f"'{zone_name}' is not a valid timezone.") from None
    starts = _moment(given.get("start"), zone)
    ends = _moment(given["end"], zone) if given.get("end") else None
    if starts is None:
        raise RejectedError("An event's start date is required, and must be a valid date.")
    if given.get("end") and ends is None:
        raise RejectedError("An event's end date must be a valid date.")
    if ends is not None and starts >= ends:
        raise RejectedError("An event can't end before it starts.")
    return {"starts_at": starts, "ends_at": ends, "timezone": zone_name, "status": given.get("status") or "public"}


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def store(session: Session, post: Post, event: dict[str, Any] | None) -> None:
    """Keep what a post says about its event now; one that was taken out goes with its answers."""
    kept = session.get(Event, post.id)
    if event is None:
        if kept is not None:
            session.delete(kept)
    elif kept is None:
        session.add(Event(post_id=post.id, **event))
    else:
        for name, value in event.items():
            setattr(kept, name, value)


def answer(session: Session, event: Event, user: User, status: str, now: datetime) -> Invitee:
    """Keep whether somebody comes."""
    kept = session.scalar(select(Invitee).where(Invitee.post_id == event.post_id, Invitee.user_id == user.id))
    if kept is None:
        kept = Invitee(post_id=event.post_id, user_id=user.id, status=status, created_at=now)
        session.add(kept)
    kept.status = status
    session.flush()
    return kept


def answers(session: Session, event: Event, status: str | None) -> Sequence[tuple[Invitee, User]]:
    """Return who answered, those who come first, at most `MOST_SHOWN`."""
    query = select(Invitee, User).join(User, User.id == Invitee.user_id).where(Invitee.post_id == event.post_id)
    if status:
        query = query.where(Invitee.status == status)
    rows = [(invitee, user) for invitee, user in session.execute(query)]
    return sorted(rows, key=lambda row: (STATUSES.index(row[0].status), row[1].username_lower))[:MOST_SHOWN]
