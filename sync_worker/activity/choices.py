"""What people allow ("don't quote me", no nudges, no pairing), by account id, and what authors click about stories.

Both are taken in before anything is shown. The desk takes them in with everything else that people decide on the forum,
each in its turn. Whatever publishes reads the same work ahead, through a cursor of its own, so that a no holds from the
moment at which it was said, whatever was asked for before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.consents import decide, newly_asked
from sync_worker.activity.replies import Choice
from sync_worker.store.facts import facts_of
from sync_worker.store.tables import ChoiceRow, ConsentRow, CursorRow, UnreadRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.store.database import Store


PREFERENCE = "preference"
CONSENT = "consent"
DESK_CURSOR = "work"
CURSOR = "work:choices"
PAIRING = "pairing"
NAMES = ("nudges", "quoting", PAIRING)


def take_in_choices(plugin: Plugin, store: Store, forum_name: str) -> None:
    """Read what people chose, and authors answered, since last time. Calls: 1 a hundred items, at least 1.

    Killed at any moment, the next reading takes in what this one did not; entering a choice twice changes nothing.
    """
    for items in _unread(plugin, store, forum_name):
        with store.begin() as session:
            for item in items:
                if item.kind == PREFERENCE:
                    enter_choice(session, forum_name, item)
                elif item.kind == CONSENT:
                    enter_click(session, forum_name, item)
            session.merge(CursorRow(forum=forum_name, name=CURSOR, value=str(items[-1].id)))


def _unread(plugin: Plugin, store: Store, forum_name: str) -> Iterator[Sequence[WorkItem]]:
    """Yield what people decided since choices were read last, a page at a time, oldest first."""
    after, more = _cursor(store, forum_name), True
    while more:
        items, more = plugin.work(after)
        if not items:
            return
        yield items
        after = items[-1].id


def enter_choice(session: Session, forum_name: str, item: WorkItem) -> None:
    """Enter what one person chose in the plugin: what it says that they `changed`, which in an older plugin is all.

    What else it tells is only how the plugin has it, which knows of no words in messages: it counts where nothing was
    ever said of that, and of two that differ the no.
    """
    row = _choices_of(session, forum_name, item.user_id, item.username, item.at)
    changed = item.data.get("changed")
    for name in NAMES:
        allowed = item.data.get(name) is not False
        if not isinstance(changed, list) or name in changed:
            _say(row, name, item.at, allowed=allowed)
        elif getattr(row, f"{name}_at") is None:
            setattr(row, name, getattr(row, name) and allowed)


def enter_click(session: Session, forum_name: str, item: WorkItem) -> None:
    """Enter what an author clicked about a post, unless that or a later decision is entered already."""
    answer = item.data.get("answer")
    if answer not in ("yes", "no"):
        return
    post_id = int(item.subject)
    for asked in newly_asked(session, forum_name, item.cohort or ""):
        session.add(asked)
    session.flush()
    row = session.get(ConsentRow, (forum_name, post_id), with_for_update=True)
    if row is None:
        row = ConsentRow(
            forum=forum_name,
            post_id=post_id,
            user_id=item.user_id,
            username=item.username,
            cohort=item.cohort or "",
            message_key=f"desk-{post_id}",
            asked_at=item.at,
        )
        session.add(row)
    known = row.decided_at
    if known is None or known < item.at or (known == item.at and row.decided != answer):
        decide(row, answer, item.at, item.username)


def _choices_of(session: Session, forum_name: str, user_id: int, username: str, at: datetime) -> ChoiceRow:
    """Return the row of what a person chose, of whom something was told at a time."""
    session.flush()
    row = session.get(ChoiceRow, (forum_name, user_id), with_for_update=True)  # another worker may enter a word as well
    if row is None:
        everything = dict.fromkeys(NAMES, True)
        row = ChoiceRow(forum=forum_name, user_id=user_id, username=username, at=at, **everything)
        session.add(row)
        session.flush()
    elif row.at <= at:
        row.username, row.at = username, at
    return row


def _say(row: ChoiceRow, name: str, at: datetime, *, allowed: bool) -> bool:
    """Let one choice be what was said at a time, unless it was said later, or no at that very time; whether it is.

    So it does not matter in which order things are entered, nor how often.
    """
    said = getattr(row, f"{name}_at")
    if said is not None and (said > at or (said == at and allowed and not getattr(row, name))):
        return False
    setattr(row, name, allowed)
    setattr(row, f"{name}_at", at)
    return True


CHOICES: Mapping[Choice, Mapping[str, bool]] = {
    Choice.NO_NUDGES: {"nudges": False},
    Choice.NO_QUOTES: {"quoting": False},
    Choice.QUOTES: {"quoting": True},
    Choice.NO_PAIRS: {PAIRING: False},
    Choice.STOP: dict.fromkeys(NAMES, False),
    Choice.START_AGAIN: {"nudges": True, PAIRING: True},  # to be quoted takes a word of its own
    Choice.NOT_NOW: {},
}


def enter_word(  # noqa: PLR0917
    session: Session, forum_name: str, user_id: int, username: str, choice: Choice, at: datetime
) -> bool:
    """Enter what a person chose by a word in a message; False where something later is entered of what it is about."""
    row = _choices_of(session, forum_name, user_id, username, at)
    heard = {name: _say(row, name, at, allowed=allowed) for name, allowed in CHOICES[choice].items()}
    return all(heard.values())


def unquoted(session: Session, forum_name: str) -> frozenset[int]:
    """Return the ids of the accounts that asked not to be quoted, whatever they are called by now."""
    return refusing(session, forum_name, "quoting")


def refusing(session: Session, forum_name: str, name: str) -> frozenset[int]:
    """Return the ids of the accounts that chose against one of `NAMES`."""
    query = select(ChoiceRow.user_id).where(ChoiceRow.forum == forum_name, getattr(ChoiceRow, name).is_(False))
    return frozenset(session.scalars(query))


def unwilling(session: Session, forum_name: str, cohort: str) -> frozenset[int]:
    """Return the ids of the accounts that are not brought together with others.

    They chose so on the forum, or the fact `pairing` about them says no: for forums without the plugin.
    """
    known = facts_of(session, forum_name, cohort)
    said = {number for number, facts in known.items() if PAIRING in facts and facts[PAIRING].value is False}
    return refusing(session, forum_name, PAIRING) | said


@dataclass(frozen=True, slots=True)
class Unheard:
    """Whose last words are not known: a conversation in which they may have written cannot be read now."""

    accounts: frozenset[int] = frozenset()
    everybody: bool = False

    def includes(self, accounts: Collection[int]) -> bool:
        """Whether one of these accounts may have said no without our having read it."""
        return bool(accounts) and (self.everybody or not self.accounts.isdisjoint(accounts))


def unheard(session: Session, forum_name: str) -> Unheard:
    """Return whose last words are not known."""
    rows = unread_talks(session, forum_name)
    accounts = frozenset(number for row in rows for number in row.user_ids)
    return Unheard(accounts, everybody=any(row.everybody for row in rows))


def unread_talks(session: Session, forum_name: str) -> list[UnreadRow]:
    """Return the conversations that cannot be read now, the oldest first."""
    query = select(UnreadRow).where(UnreadRow.forum == forum_name).order_by(UnreadRow.since, UnreadRow.topic_id)
    return list(session.scalars(query))


def unread_in_words(session: Session, forum_name: str, url: str) -> list[str]:
    """Return what `lcm status` and `lcm check` say of conversations that cannot be read: where, and what waits."""
    return [
        f"{url}/t/{row.topic_id} cannot be read since {row.since:%Y-%m-%d %H:%M} UTC: {row.reason} "
        f"Nothing is sent to {'any learner' if row.everybody else 'those who may have written there'} until it can be "
        "read, or is deleted."
        for row in unread_talks(session, forum_name)
    ]


def note_unread(  # noqa: PLR0917
    session: Session, forum_name: str, topic_id: int, people: frozenset[int] | None, reason: str, now: datetime
) -> bool:
    """Note that a conversation cannot be read; `people` may have written there, None where nobody knows who.

    Returns:
        Whether it is not noted yet, so that it has to be reported.

    """
    row = session.get(UnreadRow, (forum_name, topic_id))
    since = row.since if row is not None else now
    key = {"forum": forum_name, "topic_id": topic_id}
    found = sorted(people or ())
    session.merge(UnreadRow(**key, user_ids=found, everybody=people is None, reason=reason, since=since))
    return row is None


def no_longer_unread(session: Session, forum_name: str, topic_id: int) -> bool:
    """Note that a conversation was read, or is gone; returns whether it could not be read before."""
    row = session.get(UnreadRow, (forum_name, topic_id))
    if row is not None:
        session.delete(row)
    return row is not None


def _cursor(store: Store, forum_name: str) -> int:
    """Return how far the choices were read, by this reader or with the rest of the work."""
    with store.begin() as session:
        rows = [session.get(CursorRow, (forum_name, name)) for name in (CURSOR, DESK_CURSOR)]
    return max((int(row.value) for row in rows if row is not None), default=0)
