"""From our plugin into the store: what happened in a cohort since last time, and what people allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from sync_worker.activity.collect import post_row
from sync_worker.activity.consents import enter_click
from sync_worker.activity.counts import recounting
from sync_worker.activity.replies import Choice
from sync_worker.store.database import in_parts
from sync_worker.store.facts import facts_of
from sync_worker.store.tables import ChoiceRow, CursorRow, LikeRow, PostRow, TopicRow, UnreadRow, VisitRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import (
        ActiveLike,
        ActivePost,
        ActiveSolution,
        ActiveVisit,
        ActivityPage,
        WorkItem,
    )
    from sync_worker.store.database import Store


PAGES_A_RUN = 60


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """What one reading came to; with `more` the next one goes on where this one stopped."""

    pages: int
    posts: int
    likes: int
    more: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """The activity of one cohort, as the plugin tells it.

    Args:
        plugin: the forum's plugin.
        forum_name: what the store calls the forum.
        cohort: the cohort's key.
        categories: the cohort's own category, then those that it also reads.

    """

    plugin: Plugin
    forum_name: str
    cohort: str
    categories: Sequence[int] = field(default_factory=tuple)

    def collect(self, session: Session) -> FeedSummary:
        """Bring the store up to date, and remember how far the reading came in the same transaction.

        Costs 1 call a page: at least 4, and at most `PAGES_A_RUN` so that a long past is read in several runs. All
        reading comes before all writing, so that no lock is held while the forum is asked.
        """
        row = session.get(CursorRow, (self.forum_name, _cursor_name(self.cohort)))
        pages = self._read((row.value or None) if row else None)
        with recounting(session, self.forum_name, self._concerned(session, pages)):
            for page in pages:
                self._keep(session, page)
            self._count_likes(session, {like.post_id for page in pages for like in page.likes})
        session.merge(CursorRow(forum=self.forum_name, name=_cursor_name(self.cohort), value=pages[-1].cursor))
        session.flush()
        return FeedSummary(
            pages=len(pages),
            posts=sum(len(page.posts) for page in pages),
            likes=sum(len(page.likes) for page in pages),
            more=pages[-1].more,
        )

    @staticmethod
    def was_read(session: Session, forum_name: str, cohort: str) -> bool:
        """Whether this cohort's activity has been read through the plugin."""
        return session.get(CursorRow, (forum_name, _cursor_name(cohort))) is not None

    def _read(self, after: str | None) -> list[ActivityPage]:
        pages: list[ActivityPage] = []
        while len(pages) < PAGES_A_RUN:
            pages.append(self.plugin.activity(self.cohort, after, self.categories[1:]))
            after = pages[-1].cursor
            if not pages[-1].more:
                break
        return pages

    def _concerned(self, session: Session, pages: Sequence[ActivityPage]) -> set[int]:
        """Return the topics of which something was told, and those that a post left since it was stored."""
        told = {post.id: post.topic_id for page in pages for post in page.posts}
        wanted = sorted(told.keys() | {like.post_id for page in pages for like in page.likes})
        found = set(told.values())
        for part in in_parts(wanted):
            query = select(PostRow.topic_id).where(PostRow.forum == self.forum_name, PostRow.id.in_(part))
            found.update(session.scalars(query))
        return found

    def _keep(self, session: Session, page: ActivityPage) -> None:
        for post in page.posts:
            self._keep_post(session, post)
        session.flush()
        for like in page.likes:
            self._keep_like(session, like)
        for solution in page.solutions:
            self._keep_solution(session, solution)
        for visit in page.visits:
            self._keep_visit(session, visit)

    def _keep_post(self, session: Session, post: ActivePost) -> None:
        if post.deleted:
            self._forget(session, post)
            return
        known = session.get(PostRow, (self.forum_name, post.id))
        session.merge(
            TopicRow(
                forum=self.forum_name,
                id=post.topic_id,
                category_id=post.category_id,
                title=post.topic_title,
                slug=post.topic_slug,
                created_at=post.topic_created_at,
                views=post.topic_views,
                tags=list(post.topic_tags),
                closed=post.topic_closed,
                external_id=post.topic_external_id,
                # What tells the reading without the plugin that this topic is known; it must not match by chance.
                posts_count=0,
                like_count=0,
            )
        )
        accepted = known is not None and known.accepted
        session.merge(post_row(self.forum_name, post.topic_id, post, accepted=accepted))

    def _forget(self, session: Session, post: ActivePost) -> None:
        """Drop a post that left the category where it was told; with a topic's last post goes the topic.

        The topic may have been told from another category since, which a cohort beside this one reads: then it stays.
        """
        session.flush()
        topic = session.get(TopicRow, (self.forum_name, post.topic_id))
        if topic is None or topic.category_id != post.category_id:
            return
        mine = PostRow.forum == self.forum_name
        session.execute(delete(PostRow).where(mine, PostRow.id == post.id, PostRow.topic_id == post.topic_id))
        left = select(func.count()).select_from(PostRow).where(mine, PostRow.topic_id == post.topic_id)
        if not session.scalar(left):
            session.delete(topic)
            session.flush()

    def _keep_like(self, session: Session, like: ActiveLike) -> None:
        key = (self.forum_name, like.post_id, like.user_id)
        if like.deleted:
            session.execute(
                delete(LikeRow).where(
                    LikeRow.forum == key[0], LikeRow.post_id == like.post_id, LikeRow.user_id == like.user_id
                )
            )
            return
        session.merge(
            LikeRow(
                forum=self.forum_name,
                post_id=like.post_id,
                user_id=like.user_id,
                author_id=like.author_id,
                created_at=like.created_at,
            )
        )

    def _keep_solution(self, session: Session, solution: ActiveSolution) -> None:
        session.execute(
            update(PostRow)
            .where(PostRow.forum == self.forum_name, PostRow.topic_id == solution.topic_id)
            .values(accepted=PostRow.id == solution.post_id)
        )

    def _keep_visit(self, session: Session, visit: ActiveVisit) -> None:
        session.merge(
            VisitRow(
                forum=self.forum_name,
                user_id=visit.user_id,
                day=visit.day,
                posts_read=visit.posts_read,
                seconds_read=visit.seconds_read,
            )
        )

    def _count_likes(self, session: Session, post_ids: Iterable[int]) -> None:
        """Set the likes of posts that were liked since; a post itself is not told again for that."""
        session.flush()
        for post_id in post_ids:
            counted = session.scalar(
                select(func.count())
                .select_from(LikeRow)
                .where(LikeRow.forum == self.forum_name, LikeRow.post_id == post_id)
            )
            session.execute(
                update(PostRow).where(PostRow.forum == self.forum_name, PostRow.id == post_id).values(likes=counted)
            )


def _cursor_name(cohort: str) -> str:
    return f"activity:{cohort}"


# What people allow ("don't quote me", no nudges, no pairing), kept by account id, and what authors click about stories:
# taken in before anything is shown. The desk takes both in with everything else that people decide on the forum, each
# in its turn. Whatever publishes reads the same work ahead, through a cursor of its own, so that a no holds from the
# moment at which it was said, whatever was asked for before it.


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


def _choices_of(session: Session, forum_name: str, user_id: int, username: str, at: datetime) -> ChoiceRow:
    """Return the row of what a person chose, of whom something was told at a time."""
    row = session.get(ChoiceRow, (forum_name, user_id))
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
