"""What the worker posted for a cohort, as it may be shown now: a report quotes nobody whose words were taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.languages.parts import PHRASES, PRACTICES
from sync_worker.publish.revising import renamed, without, without_name
from sync_worker.publish.unshowable import doubtful, naming, refused, unwished
from sync_worker.store.ledger import REMOVING, REVISING, draft_from_json
from sync_worker.store.personal import GONE
from sync_worker.store.tables import ConsentRow, LedgerRow, PostRow, TopicRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Citation, Draft

STORY, ROUNDUP = "story", "roundup"
KINDS = ("prompt", STORY, ROUNDUP)


@dataclass(frozen=True, slots=True)
class Published:
    """A topic that the worker posted for the cohort; `kind` is prompt, story, roundup or topic."""

    kind: str
    title: str
    topic_id: int
    at: datetime
    raw: str


def published(session: Session, forum_name: str, cohort_key: str, locale: str) -> list[Published]:
    """Return the topics that the worker posted for a cohort, oldest first, without what must not be shown any more.

    A story or a roundup is left out where the forum does not show its topic any more, and a story whose author took
    back the yes, also before the worker has taken it down. A roundup has its present text, without the parts that are
    to leave it. All of it goes by the store; no call.
    """
    of_cohort = (LedgerRow.forum == forum_name, LedgerRow.cohort == cohort_key)
    changes = session.scalars(select(LedgerRow).where(*of_cohort, LedgerRow.action.in_((REMOVING, REVISING)))).all()
    removed = {row.payload["of"] for row in changes if row.action == REMOVING}
    rows = session.scalars(
        select(LedgerRow)
        .where(*of_cohort, LedgerRow.action == "topic", LedgerRow.state == "done", LedgerRow.key.not_in(removed))
        .order_by(LedgerRow.slot, LedgerRow.key)
    )
    found: list[Published] = []
    for row in rows:
        draft = draft_from_json(row.payload)
        kind = next((ref.split(":")[0] for ref in draft.refs if ref.split(":")[0] in KINDS), "topic")
        topic_id = row.result.get("topic_id")
        if not isinstance(topic_id, int):
            continue
        topic = session.get(TopicRow, (row.forum, topic_id))
        # A step that was run ahead of its time was posted before its slot.
        at = topic.created_at if topic is not None else min(row.slot, row.updated_at)
        made = Published(kind, draft.title or "", topic_id, at, draft.raw)
        if kind not in (STORY, ROUNDUP):
            found.append(made)
        elif topic is not None:
            revisions = [one.payload for one in changes if one.action == REVISING and one.payload["of"] == row.key]
            present = replace(made, title=topic.title, raw=_present_text(session, forum_name, topic_id) or draft.raw)
            shown = _as_it_may_be_shown(session, forum_name, present, draft, revisions, locale)
            found += [shown] if shown is not None else []
    return found


def _present_text(session: Session, forum_name: str, topic_id: int) -> str | None:
    opening = (PostRow.forum == forum_name, PostRow.topic_id == topic_id, PostRow.number == 1)
    return session.scalars(select(PostRow.raw).where(*opening)).first()


def _as_it_may_be_shown(  # noqa: PLR0917
    session: Session,
    forum_name: str,
    one: Published,
    draft: Draft,
    revisions: Sequence[Mapping[str, object]],
    locale: str,
) -> Published | None:
    """Return a story or a roundup without what must not be shown, None where it must not be shown at all."""
    if GONE in (draft.raw, draft.title) or (one.kind == STORY and _taken_back(session, forum_name, draft)):
        return None
    shown = [cited for cited in draft.citations if cited.pieces or one.kind == STORY]
    unwanted = [finding.citation for finding in unwished(session, forum_name, shown)]
    if one.kind == STORY:
        label = PRACTICES.of(locale).conversation
        return replace(one, title=_unnamed(one.title, unwanted, label), raw=_unnamed(one.raw, unwanted, label))
    for look in (refused, naming):
        unwanted += [finding.citation for finding in look(session, forum_name, shown)]
    unwanted += doubtful(session, forum_name, shown)
    raw = without(one.raw, [cited.pieces for cited in unwanted])
    for change in revisions:
        raw = renamed(without(raw, change.get("parts", ())), change)  # type: ignore[arg-type]
    return replace(one, raw=raw or PHRASES.of(locale).nothing_left())


def _taken_back(session: Session, forum_name: str, story: Draft) -> bool:
    """Whether the author of a story said no since, or they or somebody whom it names asked not to be quoted at all."""
    if not unquoted(session, forum_name).isdisjoint(story.about_users):
        return True
    if naming(session, forum_name, [replace(one, title="") for one in story.citations]):
        return True
    said_no = (ConsentRow.post_id.in_(story.about_posts), ConsentRow.answer == "no")
    return session.scalars(select(ConsentRow).where(ConsentRow.forum == forum_name, *said_no)).first() is not None


def _unnamed(text: str, citations: Iterable[Citation], label: str) -> str:
    for one in citations:
        text = without_name(text, one.topic_id, one.title, label)
    return text
