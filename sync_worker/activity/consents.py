"""Reads what authors answered when asked whether a post of theirs may be shown as a story."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.plain import plain_text
from sync_worker.store.tables import ConsentRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum

NO = re.compile(
    r"\b(?:no|nope|not|don['’]?t|do not|rather not|never|refuse|decline|stop|non|pas|plutôt pas|jamais|"
    r"je préfère que)\b",
    re.IGNORECASE,
)
YES = re.compile(
    r"\b(?:yes|yep|yeah|yup|sure|ok|okay|of course|gladly|happy to|go ahead|fine|please do|you may|absolutely|"
    r"certainly|"
    r"with pleasure|feel free|agreed?|oui|ouais|d['’]accord|volontiers|bien sûr|avec plaisir|vous pouvez|allez-y|"
    r"pas de problème|"
    r"pas de souci|sans problème|no problem|not at all|certainement|entendu|ça me va|parfait|je suis pour)\b",
    re.IGNORECASE,
)
NOT_A_NO = re.compile(
    r"\b(?:no problem|not at all|why not|no objections?|don['’]?t mind|do not mind|pas de (?:problème|souci)s?|"
    r"pourquoi pas|sans problème|aucun problème|no worries|non seulement|not only|pas d['’]objection)\b",
    re.IGNORECASE,
)


POLITE_IF = re.compile(
    r"\bif (?:it|that|this) (?:helps|is of use|is useful)\b|\bsi (?:cela|ça) peut (?:servir|aider|être utile)\b|"
    r"\bs['’]il (?:vous|te) pla[iî]t\b|\bif you like\b|\bsi vous voulez\b",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:but|if|unless|except|without|only|provided|leave out|mais|si|sauf|sans|seulement|à condition|pourvu|"
    r"hormis)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """How many consents a cohort was asked for in all, and what came back."""

    asked: int
    yes: int
    no: int


def read_answer(text: str) -> str | None:
    """Return "yes", "no", or None where that is for a person to read: no clear word, or a yes with a condition."""
    plain = NOT_A_NO.sub(" yes ", POLITE_IF.sub(" ", text))
    says_yes, says_no = YES.search(plain), NO.search(plain)
    if says_no and (not says_yes or says_no.start() < says_yes.start()):
        return "no"
    if not says_yes or CONDITION.search(plain[says_yes.end() :]) or says_no:
        return None
    return "yes"


def read_answers(forum: Forum, session: Session, cohort_key: str, now: datetime) -> AnswerSummary:
    """Enter newly asked consents, and the answers found in their messages. Costs 1 call for each that is still open.

    All reading comes before all writing, so that no lock is held while the forum is asked.
    """
    consents = [*_consents(session, forum.name, cohort_key), *newly_asked(session, forum.name, cohort_key)]
    topics = {row.key: row.result["topic_id"] for row in _asking(session, forum.name, cohort_key)}
    answers = {
        consent.message_key: _answer_in(forum, topics[consent.message_key], consent.user_id)
        for consent in consents
        if consent.answer == "asked" and consent.message_key in topics
    }
    for consent in consents:
        session.merge(consent)
    session.flush()
    for consent in _consents(session, forum.name, cohort_key):
        answer = answers.get(consent.message_key)
        if answer and consent.answer == "asked":
            consent.answer, consent.answered_at = answer, now
    session.flush()
    final = session.scalars(
        select(ConsentRow.answer).where(ConsentRow.forum == forum.name, ConsentRow.cohort == cohort_key)
    ).all()
    return AnswerSummary(len(final), final.count("yes"), final.count("no"))


def newly_asked(session: Session, forum_name: str, cohort_key: str) -> list[ConsentRow]:
    """Return a row for each consent that a sent message asks for and that is not entered yet."""
    entered = {row.post_id for row in _consents(session, forum_name, cohort_key)}
    return [
        ConsentRow(
            forum=forum_name,
            post_id=row.payload["about_posts"][0],
            user_id=row.payload["about_users"][0],
            username=row.payload["recipients"][0],
            cohort=cohort_key,
            message_key=row.key,
            answer="asked",
            asked_at=row.updated_at,
        )
        for row in _asking(session, forum_name, cohort_key)
        if row.payload["about_posts"][0] not in entered
    ]


def _consents(session: Session, forum_name: str, cohort_key: str) -> Sequence[ConsentRow]:
    return session.scalars(
        select(ConsentRow).where(ConsentRow.forum == forum_name, ConsentRow.cohort == cohort_key)
    ).all()


def _asking(session: Session, forum_name: str, cohort_key: str) -> list[LedgerRow]:
    """Return the ledger's rows of consent messages that were sent."""
    rows = session.scalars(
        select(LedgerRow).where(
            LedgerRow.forum == forum_name,
            LedgerRow.cohort == cohort_key,
            LedgerRow.action == "message",
            LedgerRow.state == "done",
        )
    )
    return [row for row in rows if "consent" in row.payload.get("refs", ()) and "topic_id" in row.result]


def _answer_in(forum: Forum, topic_id: int, user_id: int) -> str | None:
    """Return the author's latest clear answer in a message."""
    topic = forum.topic(topic_id)
    replies = [post for post in topic.posts if post.user_id == user_id] if topic else []
    answers = [answer for post in replies if (answer := read_answer(plain_text(post.cooked)))]
    return answers[-1] if answers else None
