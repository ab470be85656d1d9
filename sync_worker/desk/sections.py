"""The sections of a desk, as the plugin takes them. Pure: facts in, JSON out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.content.story import headline
from sync_worker.model import BlockerWord, DraftKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sync_worker.activity.reader import Consent
    from sync_worker.content.story import StoryCandidate
    from sync_worker.desk.words import DeskWords
    from sync_worker.model import Post, Topic
    from sync_worker.signals.blockers import Blocker, Said
    from sync_worker.signals.contributions import OpenQuestion
    from sync_worker.store.tables import DraftRow
    from sync_worker.worker.history import CalendarLine
    from sync_worker.worker.taking_part import TakingPart

STORIES_SHOWN = 10
BLOCKER_AFTER = timedelta(days=2)
SOLVED_FOR = timedelta(days=30)  # a blocker of which LCMs spoke is shown as solved
TITLE_LONGEST = 255
QUOTE_LONGEST = 2000
QUESTION_LONGEST = 500
REASON_LONGEST = 1000
REASON_OF_A_SIGN = 500
REASONS_SHOWN = 10
PARTNERS_SHOWN = 5
CALENDAR_STATES = {"to come": "to_come", "not now": "not_now", "replaced": "skipped"}
DID_NOT_HAPPEN = frozenset({"not now", "skipped", "missed", "failed"})
Place = tuple[str, date | None, str]  # a step, the day of it by which the ledger knows it, and which follow-up


def calendar_section(
    lines: Iterable[CalendarLine],
    topics: Mapping[Place, tuple[int, str]],
    due: Mapping[Place, datetime],
    words: DeskWords,
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """Return the journey, entry by entry.

    Args:
        lines: what has happened and what will.
        topics: topic id and title of what was posted, by step and day.
        due: until when a task wants its answer, or when a session begins, by the same.
        words: of the cohort's language.
        zone: of the cohort's clock.

    """
    entries = []
    for line in lines:
        place = (line.step, line.day, line.follow_up)
        topic_id, title = topics.get(place, (None, words.play(line.play)))
        entry = {
            "at": datetime.fromisoformat(line.when).isoformat(),
            "step": line.step,
            "play": line.play,
            "title": title[:TITLE_LONGEST],
            "state": CALENDAR_STATES.get(line.state, line.state),
            "topic_id": topic_id,
        }
        if place in due:
            entry["due"] = due[place].isoformat()
        if line.state in DID_NOT_HAPPEN:
            entry["reason"] = words.why_not(line.reason, zone)[:500]
        entries.append(entry)
    return entries


def learners_section(
    part: TakingPart, words: DeskWords, partners: Mapping[int, Sequence[int]] | None = None
) -> list[dict[str, Any]]:
    """Return every learner's share, who may need a hand, with reasons and proof, and with whom they are paired."""
    return [
        {
            "user_id": number,
            "weeks": list(one.weeks),
            "posts": one.posts,
            "replies_given": one.replies_given,
            "replies_received": one.replies_received,
            "likes_given": one.likes_given or 0,
            "likes_received": one.likes_received,
            "days_active": one.days_active,
            "last_posted_at": one.last_posted_at.isoformat() if one.last_posted_at else None,
            "needs_hand": number in part.needs,
            "reasons": _reasons(part, number, words)[:REASONS_SHOWN],
            "partners": list((partners or {}).get(number, ()))[:PARTNERS_SHOWN],
        }
        for number, one in sorted(part.activity.items())
    ]


def _reasons(part: TakingPart, number: int, words: DeskWords) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for need in part.needs.get(number, ()):
        proof: dict[str, Any] = {}
        if need.topic is not None:
            proof = {"url": f"/t/{need.topic}"}
        elif need.posts:
            proof = {"post_id": need.posts[0], "url": f"/p/{need.posts[0]}"}
        first, *further = words.why(need, part.activity[number], part)
        found += [{"text": first[:REASON_OF_A_SIGN], **proof}, *({"text": text} for text in further)]
    return found


def _shown_recipients(body: Mapping[str, Any]) -> list[str]:
    """Return to whom a draft goes; the addresses of mails do not go to the forum."""
    return [] if body["kind"] == DraftKind.MAIL else list(body["recipients"])


def drafts_section(rows: Iterable[DraftRow], topics: Iterable[Topic], words: DeskWords) -> list[dict[str, Any]]:
    """Return the drafts that wait, and what became of the others; `topics` are those whose posts they are about."""
    about = {post.id: (topic, post) for topic in topics for post in topic.posts}
    states = {
        "pending": "pending",
        "approved": "pending",
        "sent": "sent",
        "rejected": "withdrawn",
        "failed": "failed",
        "withdrawn": "withdrawn",
    }
    return [
        {
            "key": row.key,
            "kind": row.body["kind"],
            "play": row.body["play"],
            "step": row.body["step"],
            "title": row.body["title"],
            "raw": row.body["raw"],
            "recipients": _shown_recipients(row.body),
            "topic_id": row.body.get("topic_id"),
            "reason": row.reason[:REASON_LONGEST],
            "evidence": [
                _about(*about[number], words) for number in row.body.get("about_posts", []) if number in about
            ],
            "created_at": row.created_at.isoformat(),
            "state": states[row.state],
            "outcome": _outcome(row, words),
        }
        for row in rows
    ]


def _about(topic: Topic, post: Post, words: DeskWords) -> dict[str, Any]:
    text = words.say.post.format(name=post.name or post.username, title=topic.title)
    return {"text": text, "post_id": post.id, "url": f"/t/{topic.slug}/{topic.id}/{post.number}"}


def _outcome(row: DraftRow, words: DeskWords) -> str | None:
    if row.state == "withdrawn":
        return (row.decision_reason or "")[:500] or None
    if row.state != "rejected":
        return None
    return words.say.rejected.format(name=row.decided_by or "?", reason=row.decision_reason or "")[:500]


def stories_section(
    candidates: Sequence[StoryCandidate],
    consents: Sequence[Consent],
    messages: Mapping[int, int],
    told: Mapping[int, int],
    words: DeskWords,
) -> list[dict[str, Any]]:
    """Return the best candidates, and every post whose author was asked.

    Args:
        candidates: best first.
        consents: who was asked about which post.
        messages: the topic id of the message that asks, by post id.
        told: the topic id of the published story, by post id.
        words: of the cohort's language.

    """
    asked = {consent.post_id for consent in consents} | set(messages)
    rows = []
    for place, candidate in enumerate(candidates):
        post = candidate.contribution.post
        if place >= STORIES_SHOWN and post.id not in asked:
            continue
        state = "published" if post.id in told else "asked" if post.id in asked else "candidate"
        rows.append(
            {
                "post_id": post.id,
                "title": headline(candidate, words.locale).text[:TITLE_LONGEST],
                "quote": candidate.telling.text[:QUOTE_LONGEST],
                "evidence": [{"text": candidate.reason(words.locale), "post_id": post.id, "url": f"/p/{post.id}"}],
                "state": state,
                "message_topic_id": messages.get(post.id),
                "story_topic_id": told.get(post.id),
            }
        )
    return rows


def blockers_section(
    questions: Iterable[OpenQuestion], said: Mapping[int, Sequence[Said]], now: datetime, words: DeskWords
) -> list[dict[str, Any]]:
    """Return the questions that have stood open for two days, the longest open first; `said` of each, by topic."""
    return [
        {
            "topic_id": question.topic.id,
            "question": (question.question or question.topic.title)[:QUESTION_LONGEST],
            "since": question.topic.created_at.isoformat(),
            "evidence": [
                {
                    "text": words.say.answered_once if question.repliers else words.say.unanswered,
                    "post_id": question.post.id,
                    "url": f"/t/{question.topic.id}",
                }
            ],
            **_owner_of(said.get(question.topic.id, ())),
        }
        for question in questions
        if now - question.topic.created_at >= BLOCKER_AFTER
    ]


def standing_section(
    standing: Iterable[Blocker], words: DeskWords, zone: ZoneInfo, now: datetime, *, with_words: bool
) -> list[dict[str, Any]]:
    """Return the blockers of a cohort, with why each is one and who heard of it.

    `with_words`: the plugin takes how each stands and who looks after it by the last word of an LCM; it is then sent
    too that one of which they spoke in the last month is solved.
    """
    return [
        {
            "topic_id": one.topic.id,
            "question": (one.note or one.topic.title)[:QUESTION_LONGEST],
            "since": one.since.isoformat(),
            "evidence": [
                {"text": text, "post_id": one.post.id, "url": f"/t/{one.topic.id}"} for text in words.blocked(one, zone)
            ],
            **(_words_on(one) if with_words else {}),
        }
        for one in standing
        if one.is_open or (with_words and one.stated_at is not None and now - one.stated_at < SOLVED_FOR)
    ]


def _words_on(one: Blocker) -> dict[str, Any]:
    """Return what people said last of a blocker: how it stands, and who looks after it."""
    stated = one.stated_at
    state = {"state": "open" if one.is_open else "solved", "state_at": stated.isoformat()} if stated else {}
    return state | _owner_of(one.said)


def _owner_of(said: Sequence[Said]) -> dict[str, Any]:
    """Return who looks after a blocker, None for the LCMs, and since when; nothing where nobody spoke of that."""
    given = next((one for one in reversed(said) if one.word is BlockerWord.ASSIGN), None)
    return {"owner": given.owner or None, "owner_at": given.at.isoformat()} if given is not None else {}


def practices_section(
    shown: Iterable[tuple[int, str, int | None]], topics: Iterable[Topic], words: DeskWords
) -> list[dict[str, Any]]:
    """Return what roundups carried: post id, heading, the roundup's topic; without what may not be shown any more."""
    there = {post.id for topic in topics for post in topic.posts if post.quotable}
    return [
        {
            "post_id": post_id,
            "title": heading[:TITLE_LONGEST],
            "evidence": [
                {"text": words.say.shown_in_roundup, "url": f"/t/{topic_id}"}
                if topic_id
                else {"text": words.say.shown_in_roundup}
            ],
        }
        for post_id, heading, topic_id in shown
        if post_id in there
    ]
