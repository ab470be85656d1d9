"""What is done beside posting: topics pinned and closed, cohorts archived, languages added; what came of an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError, MailError, NoMailServerError, Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.model import ActionKind
from sync_worker.store import pauses
from sync_worker.store.ledger import acted_on

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.forum.writing import TopicState
    from sync_worker.store.tables import LedgerRow


MAX_ATTEMPTS = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
ENOUGH_FAILED = 2
SKEW = timedelta(minutes=5)  # a time of ours that lies further ahead was written by a clock that was wrong


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of an entry: `done`, `skipped` or `later`, where it stands, and anything worth saying."""

    state: str
    topic_id: int | None = None
    post_id: int | None = None
    reason: str = ""
    replies: int = 0
    not_before: datetime | None = None


def own_reply(forum: Forum, target: LedgerRow | None, gone: str, not_ours: str) -> tuple[int, ForumPost] | Carried:
    """Return the topic and the reply that an entry made, or what came of the attempt where one is gone or not ours.

    Calls: 1; none where the entry made nothing.
    """
    topic_id, post_id = (target.result.get(name) if target is not None else None for name in ("topic_id", "post_id"))
    topic = forum.topic(topic_id) if topic_id is not None else None
    post = next((one for one in topic.posts if one.id == post_id), None) if topic is not None else None
    if topic is None or post is None:
        return Carried("done", topic_id, post_id, reason=gone)
    if post.username != forum.username:
        return Carried("skipped", topic_id, post_id, reason=not_ours)
    return topic.id, post


class Verdict(Enum):
    """What to do after a failed attempt."""

    FINAL = "final"
    """The forum has read it and refuses: trying again would change nothing."""
    COUNTS = "counts"
    """The forum or the play refuses for a reason that may pass: try again, `MAX_ATTEMPTS` times."""
    OUTAGE = "outage"
    """The forum was away, or nobody knows what it did: try again for as long as it takes."""


def verdict_of(error: Exception) -> Verdict:
    """Return what a failure means; only a refusal in the forum's own words counts against an entry.

    Of a mail server's, "not now" about one mail counts too; a server that takes no mail at all is an outage.
    """
    if isinstance(error, MailError):
        is_final = error.outcome is Outcome.REFUSED
        return Verdict.FINAL if is_final else Verdict.OUTAGE if error.unreachable else Verdict.COUNTS
    if not isinstance(error, ForumError) or error.denied:
        return Verdict.COUNTS
    is_a_word = error.refused and not error.unreachable and error.status is not None
    return Verdict.FINAL if is_a_word else Verdict.OUTAGE


@dataclass(slots=True)
class Outage:
    """What is away in one run: a few entries find that out, and all others are not tried but stay as they are.

    `of_mail` says why there is no mail server.
    """

    of_mail: NoMailServerError | None = None
    _in_a_row: int = 0

    def note(self, error: Exception | None) -> None:
        """Take in how an entry failed, None where it did not."""
        is_away = isinstance(error, FailedCall) and (error.unreachable or error.site_wide)
        self._in_a_row = self._in_a_row + 1 if is_away else 0

    @property
    def of_forum(self) -> bool:
        """Whether the forum is away; one entry alone may be what a proxy in front of it does not let pass."""
        return self._in_a_row >= ENOUGH_FAILED


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts that counted."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))


def is_resting(attempts: int, first: datetime, last: datetime, now: datetime) -> bool:
    """Whether it is too early to try again.

    Args:
        attempts: how many attempts counted.
        first: when it could be tried first.
        last: when it was tried last.
        now: the present.

    """
    if last > now + SKEW:
        return False
    during_an_outage = min(LONGEST_PAUSE, max(FIRST_PAUSE, last - first))  # doubles with the time it has lasted
    return now < last + (pause_after(attempts) if attempts else during_an_outage)


# What is done without a text, carried out once: topics pinned, unpinned and closed, cohorts archived.
# A topic that people deleted, moved or closed, or in which they wrote meanwhile, is left as it is; the ledger says so.
# Two topics that were merged leave a closed one behind, so the same holds for them.


FOUND = "found on the forum"
NOT_PINNED = "there is no topic to pin"
PIN_OVER = "the time to be pinned is over"
TOPIC_GONE = "the topic was deleted; nothing was done about it"
TOPIC_MOVED = "the topic was moved to another category; it is left as it is"
NOT_THE_TOPIC = "the topic is not ours any more; it is left as it is"
TOPIC_CLOSED = "somebody closed the topic; it is left as it is"
PINNED_BY_OTHERS = "somebody pinned the topic, until another time; it is left so"
NOT_PINNED_NOW = "the topic is not pinned any more"
IN_USE = "somebody has written in the topic since; it stays open"

ACTIONS = frozenset(ActionKind)


@dataclass(frozen=True, slots=True)
class Acts:
    """Carries out actions; `fresh` says that the entry was written a moment ago, and cannot have been tried before."""

    forum: Forum
    sessions: sessionmaker[Session]
    cohort: str
    now: datetime
    fresh: bool

    def carry_out(self, row: LedgerRow, target: LedgerRow | None) -> Carried:
        """Make what the entry says true, once.

        `target` is the entry of the topic where the action came with it. Calls: 2 for a topic, 1 where it is left as it
        is; none for a cohort.

        Raises:
            ForumError: it could not be done, or nobody can tell; the entry stays intended.

        """
        if row.action == ActionKind.ARCHIVE:
            with self.sessions.begin() as session:
                pauses.archive(session, row.forum, row.cohort, row.created_at)
            return Carried("done")
        topic_id = _topic_of(row, target)
        if topic_id is None:
            return Carried("skipped", reason=NOT_PINNED)
        try:
            return self._on_topic(ActionKind(row.action), topic_id, _Wanted.of(row, target))
        except ForumError as error:
            if error.refused_with(404, 410):
                return Carried("skipped", topic_id, reason=TOPIC_GONE)
            raise

    def _on_topic(self, kind: ActionKind, topic_id: int, wanted: _Wanted) -> Carried:
        if kind is ActionKind.PIN:
            return self._pin(topic_id, wanted)
        if kind is ActionKind.UNPIN:
            objection = self.forum.unpin(topic_id, lambda state: self._against_unpinning(state, topic_id, wanted))
        else:
            objection = self.forum.close_topic(topic_id, lambda state: self._against_closing(state, wanted))
        return _came_to(topic_id, objection)

    def _pin(self, topic_id: int, wanted: _Wanted) -> Carried:
        until = wanted.until
        if until is None or until <= self.now:
            return Carried("skipped", topic_id, reason=PIN_OVER)

        def objection(state: TopicState) -> str:
            if state.pinned and not state.is_pinned_until(until) and not self._is_our_pin(state, topic_id):
                return PINNED_BY_OTHERS
            return self._objection(state, topic_id, wanted)

        return _came_to(topic_id, self.forum.pin(topic_id, until, objection))

    def _objection(self, state: TopicState, topic_id: int, wanted: _Wanted) -> str:
        """Return why a topic is left as it is; one that we closed ourselves may be pinned and unpinned."""
        found = wanted.objection(state)
        if not found and state.closed and self._last(ActionKind.CLOSE, topic_id) is None:
            return TOPIC_CLOSED
        return found

    def _against_unpinning(self, state: TopicState, topic_id: int, wanted: _Wanted) -> str:
        found = self._objection(state, topic_id, wanted)
        if not found and not state.pinned:
            return FOUND if not self.fresh else NOT_PINNED_NOW
        return found or ("" if self._is_our_pin(state, topic_id) else PINNED_BY_OTHERS)

    def _against_closing(self, state: TopicState, wanted: _Wanted) -> str:
        if state.closed:
            return wanted.objection(state) or (TOPIC_CLOSED if self.fresh else FOUND)
        since, last = wanted.quiet_since, state.last_posted_at
        is_in_use = since is not None and last is not None and last > since
        return wanted.objection(state) or (IN_USE if is_in_use else "")

    def _is_our_pin(self, state: TopicState, topic_id: int) -> bool:
        """Whether a topic is pinned as we pinned it last."""
        row = self._last(ActionKind.PIN, topic_id)
        until = _moment(row.payload.get("until")) if row is not None else None
        return until is not None and state.is_pinned_until(until)

    def _last(self, kind: ActionKind, topic_id: int) -> LedgerRow | None:
        with self.sessions() as session:
            return acted_on(session, self.forum.name, self.cohort, kind).get(topic_id)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an entry wants of a topic: where it is, how it is known, and until and since when."""

    category_id: int | None
    key: str
    until: datetime | None
    quiet_since: datetime | None

    @classmethod
    def of(cls, row: LedgerRow, target: LedgerRow | None) -> _Wanted:
        payload = row.payload
        if target is not None:
            return cls(target.payload.get("category_id"), target.key, _moment(payload.get("until")), None)
        return cls(
            payload.get("category_id"),
            payload.get("topic_key") or "",
            _moment(payload.get("until")),
            _moment(payload.get("quiet_since")),
        )

    def objection(self, state: TopicState) -> str:
        """Return why a topic is not the one that is meant, or is where it was not."""
        if state.deleted:
            return TOPIC_GONE
        if self.key and state.external_id not in (None, self.key):
            return NOT_THE_TOPIC
        if None not in (self.category_id, state.category_id) and state.category_id != self.category_id:
            return TOPIC_MOVED
        return ""


def _came_to(topic_id: int, objection: str) -> Carried:
    state = "skipped" if objection not in ("", FOUND) else "done"
    return Carried(state, topic_id, reason=objection)


def _topic_of(row: LedgerRow, target: LedgerRow | None) -> int | None:
    found = target.result.get("topic_id") if target is not None else row.payload.get("topic_id")
    return found if isinstance(found, int) else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# Further languages of a topic that we posted: added once, and never over what people wrote.
# Discourse keeps them beside the post and its title, and shows each reader the one that they read. Source: Discourse's
# post_localizations_controller.rb and topic_localizations_controller.rb, 3.5.


NOT_POSTED = "there is no topic to add a language to"
NOT_OURS = "the topic is closed, or not ours any more; it is left as it is"
EDITED = "somebody changed the topic; the other language would not say the same"
OTHER_TRANSLATION = "somebody wrote it in this language; theirs is left"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a translation goes, or why it does not."""

    post_id: int = 0
    reason: str = ""


def translate(forum: Forum, row: LedgerRow, target: LedgerRow | None, *, fresh: bool) -> Carried:
    """Add a further language to a topic that we posted, unless people changed it or wrote that language themselves.

    Calls: 2 right after the topic was posted; else 1 to 4.

    Raises:
        ForumError: it could not be done; the entry stays intended, and the topic as it is.

    """
    topic_id = target.result.get("topic_id") if target is not None else None
    if target is None or topic_id is None:
        return Carried("skipped", reason=NOT_POSTED)
    post_id = target.result.get("post_id")
    place = _Place(post_id) if fresh and post_id is not None else _look(forum, row, target, topic_id)
    if place.reason:
        return Carried("done" if place.reason == FOUND else "skipped", topic_id, reason=place.reason)
    forum.translate(topic_id, place.post_id, row.payload["locale"], row.payload["title"], row.payload["raw"])
    return Carried("done", topic_id, place.post_id)


def _look(forum: Forum, row: LedgerRow, target: LedgerRow, topic_id: int) -> _Place:
    """Return where the translation goes, as the topic is now."""
    topic = forum.topic(topic_id)
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if topic is None or opening is None:
        return _Place(reason=NOT_POSTED)
    return _Place(opening.id, _objection(topic, opening, target) or _there(forum, row, opening.id))


def _objection(topic: ForumTopic, opening: ForumPost, target: LedgerRow) -> str:
    if topic.closed or topic.external_id not in (None, target.key):
        return NOT_OURS
    is_edited = opening.raw is not None and opening.raw.strip() != target.payload["raw"].strip()
    return EDITED if is_edited else ""


def _there(forum: Forum, row: LedgerRow, post_id: int) -> str:
    """Return that the translation is there, ours or another, "" where it is not there, or not whole."""
    found = forum.translations(post_id).get(row.payload["locale"])
    if found is None:
        return ""
    title, raw = found
    if raw.strip() != row.payload["raw"].strip():
        return OTHER_TRANSLATION
    return FOUND if title else ""
