"""Who is not to be named: what people are called who asked not to be quoted, found in what others wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.feed import unquoted
from sync_worker.signals.plain import plain_text
from sync_worker.store.personal import Needles, Subject
from sync_worker.store.tables import CaseRow, ChoiceRow, CommitmentRow, FactRow, IdentityRow, PostRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FIRST_NAME = "first_name"  # the fact by which texts greet somebody
TELLING_NAME = re.compile(r"[\d_.-]")  # in a username that is no word of a language: "will" may be one


@dataclass(frozen=True, slots=True)
class SilentNames:
    """Recognises people who asked not to be quoted: by their full names, parts of these with a capital, usernames."""

    needles: Needles
    mention: re.Pattern[str] | None

    def in_text(self, text: str) -> bool:
        """Whether a text, be it a title or a sentence of a post, names one of them."""
        return self.needles.in_text(text) or self.needles.is_spoken_of(text)

    def in_post(self, cooked: str) -> bool:
        """Whether the author of a post, given as HTML, names or mentions one of them in their own words."""
        mentions = self.mention is not None and self.mention.search(cooked) is not None
        return mentions or self.in_text(plain_text(cooked))


NOBODY = SilentNames(Needles(Subject()), None)


def silent_names(session: Session, forum: str) -> SilentNames:
    """Return what finds those who asked not to be quoted, by what the store knows of their names. No call."""
    accounts = unquoted(session, forum)
    if not accounts:
        return NOBODY
    usernames, names = set[str](), set[str]()
    for table in (ChoiceRow, IdentityRow, PostRow):
        called = select(table.username).where(table.forum == forum, table.user_id.in_(accounts)).distinct()
        usernames |= set(session.scalars(called))
    for of in (PostRow, CommitmentRow, CaseRow):
        named = select(of.name).where(of.forum == forum, of.user_id.in_(accounts)).distinct()
        names |= {name for name in session.scalars(named) if name}
    stated = (FactRow.forum == forum, FactRow.user_id.in_(accounts), FactRow.name == FIRST_NAME)
    names |= {name for name in session.scalars(select(FactRow.value).where(*stated)) if isinstance(name, str) and name}
    telling = frozenset(name for name in usernames if TELLING_NAME.search(name))
    any_of = "|".join(re.escape(name) for name in sorted(usernames, key=len, reverse=True) if name)
    mention = re.compile(rf"(?i)@(?:{any_of})(?![\w-])") if any_of else None
    return SilentNames(Needles(Subject(usernames=telling, names=frozenset(names))), mention)
