"""Who is not to be named: what people are called who asked not to be quoted, found in what others wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.signals.naming import parts_of, pattern_of
from sync_worker.signals.plain import plain_text
from sync_worker.store.personal import Needles, Subject
from sync_worker.store.tables import CaseRow, ChoiceRow, CommitmentRow, FactRow, IdentityRow, PostRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy.orm import Session

FIRST_NAME = "first_name"  # the fact by which texts greet somebody
TELLING_NAME = re.compile(r"[\d_.-]")  # in a username that is no word of a language: "will" may be one


@dataclass(frozen=True, slots=True)
class SilentNames:
    """Recognises people who asked not to be quoted in what others wrote.

    Full names, mentions, and usernames that are no word name them everywhere; a first or last name alone, which others
    have as well, only in a conversation in which they wrote. `called` are these by account.
    """

    everywhere: Needles = field(default_factory=lambda: Needles(Subject()))
    called: Mapping[int, Needles] = field(default_factory=dict)
    mention: re.Pattern[str] | None = None
    trace: re.Pattern[str] | None = None

    def in_text(self, text: str, present: Collection[int]) -> bool:
        """Whether a text, be it a title or a sentence of a post, names one; `present` are who wrote in its topic."""
        there = (self.called[account] for account in self.called.keys() & present)
        return self.everywhere.in_text(text) or any(needles.in_text(text) for needles in there)

    def in_post(self, cooked: str, present: Collection[int]) -> bool:
        """Whether the author of a post, given as HTML, names or mentions one of them in their own words."""
        if self.trace is None or not self.trace.search(cooked):  # most posts: they need not be read
            return False
        mentions = self.mention is not None and self.mention.search(cooked) is not None
        return mentions or self.in_text(plain_text(cooked), present)


def silent_names(session: Session, forum: str) -> SilentNames:
    """Return what finds those who asked not to be quoted, by what the store knows of their names. No call."""
    accounts = unquoted(session, forum)
    if not accounts:
        return SilentNames()
    usernames, names = set[str](), dict[int, set[str]]()
    for called in (ChoiceRow, IdentityRow, PostRow):
        query = select(called.username).where(called.forum == forum, called.user_id.in_(accounts))
        usernames |= {name for name in session.scalars(query.distinct()) if name}
    for named in (PostRow, CommitmentRow, CaseRow):
        pairs = select(named.user_id, named.name).where(named.forum == forum, named.user_id.in_(accounts))
        for account, name in session.execute(pairs.distinct()):
            names.setdefault(account, set()).update({name} if name else ())
    stated = (FactRow.forum == forum, FactRow.user_id.in_(accounts), FactRow.name == FIRST_NAME)
    for account, value in session.execute(select(FactRow.user_id, FactRow.value).where(*stated)):
        names.setdefault(account, set()).update({value} if isinstance(value, str) and value else ())
    every = frozenset().union(*names.values())
    telling = frozenset(name for name in usernames if TELLING_NAME.search(name))
    any_username = _one_of(usernames)
    return SilentNames(
        everywhere=Needles(Subject(usernames=telling, names=frozenset(name for name in every if " " in name.strip()))),
        called={account: Needles(Subject(names=_alone(known))) for account, known in names.items()},
        mention=re.compile(rf"(?i)@(?:{any_username})(?![\w-])") if any_username else None,
        trace=re.compile(f"(?i){_one_of({*usernames, *(part for name in every for part in name.split())})}"),
    )


def _alone(names: Iterable[str]) -> frozenset[str]:
    """Return what somebody with these names may be called by alone."""
    return parts_of(names) | {name for name in names if " " not in name.strip()}


def _one_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of these words, the longest first."""
    return "|".join(pattern_of(word) for word in sorted(words, key=len, reverse=True) if word)


def writers_of(session: Session, forum: str, topic_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who wrote in topics, as far as the store knows, by topic."""
    found: dict[int, set[int]] = {}
    query = select(PostRow.topic_id, PostRow.user_id).where(PostRow.forum == forum, PostRow.topic_id.in_(topic_ids))
    for topic_id, account in session.execute(query.distinct()):
        found.setdefault(topic_id, set()).add(account)
    return found
