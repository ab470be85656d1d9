"""One entry of the ledger, carried out on the forum, or found there already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.activity.collect import REGULAR
from sync_worker.content.templates import MAX_TITLE
from sync_worker.errors import ForumError
from sync_worker.membership.observing.observe import recipients_now
from sync_worker.model import TOGETHER, DraftKind
from sync_worker.publish.acts import ACTIONS, FOUND, Acts, Carried, own_reply, translate
from sync_worker.publish.entries import marker
from sync_worker.publish.figures import with_picture
from sync_worker.publish.revising import revise
from sync_worker.store.ledger import REMOVING, REVISING, TRANSLATING, draft_from_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import CreatedPost
    from sync_worker.model import Draft
    from sync_worker.publish.gate import Gate
    from sync_worker.publish.last_check import LastCheck
    from sync_worker.publish.mailing import Mailing
    from sync_worker.store.tables import LedgerRow

REMOVED = "removed by a person; not posted again"
TOO_LATE = "the time for it has passed; nothing was posted"
NO_TOPIC = "the topic to reply to is gone"
GONE = "it is gone already"
NOT_OURS = "the topic is not ours any more; nothing was deleted"
IN_USE = "people have written in the topic; it stays"
NOT_TOGETHER = "the account of somebody whom it brings together with others is gone, suspended or silenced"
NO_RECIPIENT = "the group that it is for was deleted on the forum, or is not ours any more; nothing was sent"


def carry_out(  # noqa: PLR0911, PLR0917
    forum: Forum,
    row: LedgerRow,
    target: LedgerRow | None,
    now: datetime,
    check: LastCheck | None = None,
    gate: Gate | None = None,
    mailing: Mailing | None = None,
    *,
    sessions: sessionmaker[Session],
    fresh: bool,
) -> Carried:
    """Make what the entry says true on the forum, once; or send the mail that it is, at most once.

    Args:
        forum: where.
        row: the entry.
        target: for a pin or a removal, the entry of the topic.
        now: the present.
        check: settles what the entry shows, once it is sure that the entry is not on the forum yet.
        gate: has the last word on what goes to one learner.
        mailing: sends mails.
        sessions: of the store, which knows our groups by their ids.
        fresh: the entry was written a moment ago by this process, and was not tried yet. A topic or message that is on
            the forum all the same, because the store came back from a backup, is found by its external id when it is
            sent; nothing keeps a second reply out, so one is always looked for.

    Raises:
        ForumError: it could not be done, or nobody can tell; the entry stays intended.
        MailError: a mail was not sent and may be tried again.

    """
    if row.action == DraftKind.MAIL and mailing is not None:
        draft = draft_from_json(row.payload)
        return mailing.carry_out(row, lambda: _last_words(forum, row, draft, now, check, None))
    if row.action in ACTIONS:
        return Acts(forum, sessions, row.cohort, now, fresh).carry_out(row, target)
    if row.action in (REMOVING, TRANSLATING, REVISING):
        return _change_another(forum, row, target, fresh=fresh)
    draft = draft_from_json(row.payload)
    found = None if fresh and draft.kind is not DraftKind.REPLY else _find(forum, row.key, draft)
    if found is not None:
        return found
    row, draft, stays = _last_words(forum, row, draft, now, check, gate)
    if stays is not None:
        return stays
    if draft.kind is DraftKind.REPLY:
        created = forum.reply(draft.topic_id or 0, f"{draft.raw.rstrip()}\n\n{marker(row.key)}")
        return Carried("done", created.topic_id, created.post_id)
    draft = with_picture(forum, sessions, draft, row.cohort, now)
    draft = replace(draft, recipients=recipients_now(forum, sessions, draft.recipients))
    return _start(forum, row, draft)


def _change_another(forum: Forum, row: LedgerRow, target: LedgerRow | None, *, fresh: bool) -> Carried:
    """Change what another entry made: add a language, take parts out, or take all of it down."""
    if row.action == TRANSLATING:
        return translate(forum, row, target, fresh=fresh)
    if row.action == REVISING:
        return revise(forum, row, target)
    if row.payload.get("is_reply"):
        return _take_reply_out(forum, target)
    return _take_down(forum, target, only_empty=row.payload.get("only_empty", False))


def _last_words(  # noqa: PLR0917
    forum: Forum, row: LedgerRow, draft: Draft, now: datetime, check: LastCheck | None, gate: Gate | None
) -> tuple[LedgerRow, Draft, Carried | None]:
    """Return the entry and its draft as they go out, and what becomes of them where they do not.

    Calls: those of `check` and `gate`; 1 for each person whom a message brings together with others.
    """
    if draft.not_after is not None and now >= draft.not_after:
        return row, draft, Carried("skipped", reason=TOO_LATE)
    if check is not None:
        verdict = check.settle(row)
        if verdict.state:
            return row, draft, Carried(verdict.state, reason=verdict.reason)
        row, draft = verdict.row, draft_from_json(verdict.row.payload)
    if TOGETHER in draft.refs:
        found = [forum.user_by_id(number) for number in draft.about_users]
        there = [one for one in found if one is not None and not one.suspended and not one.silenced]
        if len(there) < len(found):
            return row, draft, Carried("skipped", reason=NOT_TOGETHER)
        draft = replace(draft, recipients=tuple(one.username for one in there))
    if gate is not None:
        draft, held = gate.last_word(row, draft)
        if held is not None:
            return row, draft, Carried(held.state, reason=held.reason, not_before=held.until)
    return row, draft, None


def _find(forum: Forum, key: str, draft: Draft) -> Carried | None:
    """Return what became of an entry that may have been sent before; None where it is not on the forum.

    A topic and a message carry the key as their external id, a reply carries it in its text.
    """
    if draft.kind is not DraftKind.REPLY:
        found = forum.topic_id_of(key)
        return None if found is None else Carried("done", found, reason=FOUND)
    topic = forum.topic(draft.topic_id or 0)
    if topic is None:
        return Carried("skipped", reason=NO_TOPIC)
    for post in topic.posts:
        if post.username == forum.username and marker(key) in (post.raw or ""):
            return Carried("done", topic.id, post.id, reason=FOUND)
    return None


def _start(forum: Forum, row: LedgerRow, draft: Draft) -> Carried:
    """Start a topic or a message; a message that is for nobody who is there is not sent."""
    if draft.kind is DraftKind.MESSAGE and not draft.recipients:
        return Carried("skipped", reason=NO_RECIPIENT)
    try:
        created = _send(forum, row, draft, draft.title or "")
    except ForumError as error:
        if _key_is_taken(error):
            return Carried("done", reason=REMOVED)
        if not error.refused_with(422) or draft.kind is not DraftKind.TOPIC:
            raise
        # Discourse wants titles to be unique on the whole forum: another cohort may have had the same prompt.
        name = f" · {row.payload['cohort_name']}"
        title = f"{(draft.title or '')[: MAX_TITLE - len(name)]}{name}"
        created = _send(forum, row, draft, title)
    return Carried("done", created.topic_id, created.post_id)


def _send(forum: Forum, row: LedgerRow, draft: Draft, title: str) -> CreatedPost:
    if draft.kind is DraftKind.MESSAGE:
        return forum.create_message(title, draft.raw, draft.recipients, row.key)
    return forum.create_topic(title, draft.raw, row.payload["category_id"], row.key, draft.tags, draft.locale)


def _key_is_taken(error: ForumError) -> bool:
    """Whether the external id belongs to a topic that was deleted.

    The client has already looked for a living one. "External" is the attribute's name, which Discourse does not
    translate.
    """
    return error.refused_with(422) and "external" in error.what.lower()


def _take_reply_out(forum: Forum, target: LedgerRow | None) -> Carried:
    """Delete a reply that we wrote, also where a person changed it since; what was replied to it stays."""
    found = own_reply(forum, target, GONE, NOT_OURS)
    if isinstance(found, Carried):
        return found
    topic_id, post = found
    forum.delete_reply(topic_id, post.id)
    return Carried("done", topic_id, post.id)


def _take_down(forum: Forum, target: LedgerRow | None, *, only_empty: bool) -> Carried:
    """Delete a topic that we made, with its replies, which quote it and speak to its author; moderators can restore it.

    An edit would leave the words in the post's history and in what was quoted of them. With `only_empty` a topic in
    which people have written stays.
    """
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    if target is None or topic_id is None or topic is None:
        return Carried("done", topic_id, reason=GONE)
    opening = next((post for post in topic.posts if post.number == 1), None)
    if topic.external_id != target.key and (opening is None or opening.username != forum.username):
        return Carried("skipped", topic_id, reason=NOT_OURS)
    replies = [post for post in topic.posts if post.post_type == REGULAR and post.username != forum.username]
    if only_empty and replies:
        return Carried("skipped", topic_id, reason=IN_USE)
    forum.delete_topic(topic_id)
    return Carried("done", topic_id, replies=len(replies))
