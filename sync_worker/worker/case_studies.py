"""Looks after success case studies: reads the answers, what people allow, and what LCMs note of their conversations.

Everything is worked out from how things stand: the ledger says who was asked and invited, a guide has a key made of the
question, and what is read replaces what was read before. The play itself (`plays.case_study`) asks and chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.activity.cases import (
    allows,
    cases_of,
    enter_answers,
    enter_consents,
    enter_notes,
    rows_of,
    take_over,
)
from sync_worker.activity.choices import unquoted
from sync_worker.activity.reader import is_anonymised
from sync_worker.content.markdown import Markdown, link, person_name
from sync_worker.content.reasons import COHORT_NAME_LONGEST
from sync_worker.errors import ConfigError, each_apart
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import CASES
from sync_worker.model import Allowed, CaseKind, Draft, DraftKind
from sync_worker.playbook.schedule import following, instant
from sync_worker.plays.case_study import (
    GUIDE,
    GUIDED,
    REF,
    Options,
    answer_of,
    guide_words,
    post_links,
    quoted_words,
)
from sync_worker.publish.entries import StepOfCohort, key_of, ledger_rows
from sync_worker.store.ledger import draft_body
from sync_worker.store.tables import CaseRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sync_worker.content.templates import PlaybookTexts, Rendered
    from sync_worker.forum.client import Forum
    from sync_worker.model import Case, Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store

PLAY = "case_study"
LATE_ANSWERS = timedelta(days=7)  # so long after cases were chosen, answers still count for the report
INVITED_FOR = timedelta(days=90)  # so long after an invitation its conversation and the notes below the guide are read


@dataclass(frozen=True, slots=True)
class CaseCare:
    """Looks after the case studies of one cohort; hold the forum's lock meanwhile.

    `delayed` are the days by which the cohort's dates were moved back, before or after people were asked.
    """

    forum: Forum
    store: Store
    publisher: Publisher
    cohort: Cohort
    playbook: Playbook
    now: datetime
    delayed: int = 0

    def read(self) -> Sequence[Deed]:
        """Read what is due to be read, before any step that chooses cases or writes to a manager.

        Calls: none where nobody was asked. Once a day, from the time of day of the step on, 1 for each person who has
        not answered both questions (until a week after cases are chosen) and, on the day on which they are, 1 for each
        other one; 1 for each person who was invited in the last 90 days, and 1 more where the guide was sent.

        Raises:
            ForumError: the forum does not answer, or refuses one of them, which keeps none of the others.

        """
        with self.store.begin() as session:
            take_over(session, self.forum.name, self.cohort.key)
            session.flush()
            due = [row.asked_key for row in rows_of(session, self.forum.name, self.cohort.key) if self._is_due(row)]
        each_apart(due, self._read)
        return ()

    def follow_up(self) -> Sequence[Deed]:
        """Send the LCMs the guide for the conversation with each person who said yes, once.

        Calls: for each such person 1 for the account, and those of what is sent.
        """
        rows: list[LedgerRow] = []
        with self.store.begin() as session:
            for row in rows_of(session, self.forum.name, self.cohort.key):
                if allows(row.said, row.entered).get(Allowed.TALK) and row.kind:
                    rows += self._guide(session, row)
        return self.publisher.enter(rows) if rows else ()

    def _is_due(self, row: CaseRow) -> bool:
        """Whether anything about a person is to be read at this moment."""
        today = instant(self.cohort.zone, self._day(self.now), row.slot.astimezone(self.cohort.zone).time())
        if self.now < today or (row.looked_at is not None and today <= row.looked_at <= self.now):
            return False
        return self._awaits_answer(row) or self._awaits_consent(row)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.cohort.zone).date()

    def _awaits_answer(self, row: CaseRow) -> bool:
        days = self._options(row.step).choose
        chosen_on = self._day(row.slot) + timedelta(days=days)
        today, looked_on = self._day(self.now), self._day(row.looked_at) if row.looked_at is not None else None
        if row.talk is None or today > chosen_on + LATE_ANSWERS + timedelta(days=max(self.delayed, 0)):
            return False
        is_whole = row.used is not None and bool(row.words)
        return not is_whole or (today >= chosen_on and (looked_on is None or looked_on < chosen_on))

    def _options(self, step: str) -> Options:
        try:
            options = self.playbook.options_for(following(self.cohort, self.playbook.name)).get(step)
        except ConfigError:  # reported where the steps are looked after
            options = None
        return options if isinstance(options, Options) else Options()

    def _awaits_consent(self, row: CaseRow) -> bool:
        return row.invited_at is not None and self.now - row.invited_at < INVITED_FOR

    def _read(self, key: str) -> None:
        """Read all that is known of one person, and keep it in one transaction."""
        with self.store.begin() as session:
            row = session.get_one(CaseRow, (self.forum.name, key))
            waits, invited = self._awaits_answer(row), self._awaits_consent(row)
            talk, invitation, guide = row.talk, row.invite_talk, _topic_of(session, row.guide_key)
        answers = self.forum.topic(talk) if waits and talk is not None else None
        said = self.forum.topic(invitation) if invited and invitation is not None else None
        notes = self.forum.topic(guide) if invited and guide is not None else None
        with self.store.begin() as session:
            row = session.get_one(CaseRow, (self.forum.name, key))
            row.looked_at = self.now
            enter_answers(row, answers, self.now)
            if invited and invitation is not None:
                enter_consents(row, said)
            enter_notes(session, row, notes, self.forum.username)

    def _guide(self, session: Session, row: CaseRow) -> list[LedgerRow]:
        """Return the entry of a guide that was not entered yet, with the person's name of today.

        Under another name of the forum or the cohort a guide would have another key: what was entered keeps its own.
        """
        if row.guide_key is not None and session.get(LedgerRow, row.guide_key) is not None:
            return []
        step = StepOfCohort(self.forum.name, row.cohort, row.playbook, row.step, GUIDE)
        key = key_of(step, row.slot.date(), f"{GUIDE}-{row.user_id}")
        if session.get(LedgerRow, key) is not None:
            row.guide_key = key
            return []
        account = self.forum.user_by_id(row.user_id)
        if account is None:
            return []
        row.username, row.name, row.guide_key = account.username, account.name or "", key
        session.flush()
        draft = self._draft(session, row)
        body = draft_body(
            draft,
            play=PLAY,
            cohort_name=self.cohort.name,
            playbook=row.playbook,
            step=row.step,
            slot=self.now,
            follow_up=GUIDE,
            follows=row.slot.isoformat(),
        )
        return ledger_rows(key, self.forum.name, self.cohort.key, body, self.now)

    def _draft(self, session: Session, row: CaseRow) -> Draft:
        case = next(one for one in cases_of(session, self.forum.name, self.cohort.key) if one.key == row.asked_key)
        template = self._options(row.step).guide_template
        texts = self.playbook.texts(self.cohort.locale)
        text = guide_text(texts, template, self.cohort, case, row.invite_talk, self.forum.url)
        name = person_name(case.name, case.username)
        return Draft(
            kind=DraftKind.MESSAGE,
            title=text.title,
            raw=text.body,
            reason=CASES.of(self.cohort.locale).reasons["guide"].format(name=name),
            part=f"{GUIDE}-to-{case.user_id}",
            recipients=(self.cohort.lcm_group,),
            about_users=(case.user_id,),
            refs=(REF, GUIDED),
        )


def read_consents(forum: Forum, session: Session, cohort: str) -> None:
    """Read anew what the people who were invited allow, before a report shows it.

    Calls: 1 for each of them.

    Raises:
        ForumError: the forum does not answer.

    """
    for row in rows_of(session, forum.name, cohort):
        if row.invite_talk is not None:
            enter_consents(row, forum.topic(row.invite_talk))


def read_people(forum: Forum, session: Session, cohort: str) -> frozenset[int]:
    """Read anew who the people are that a report may tell of; return those whom it must not name.

    Their accounts were deleted, merged or anonymised, or they asked not to be quoted. Others are named as they are
    called now.

    Calls: 1 for each who agreed to a conversation.

    Raises:
        ForumError: the forum does not answer.

    """
    silent = unquoted(session, forum.name)
    gone = []
    for row in rows_of(session, forum.name, cohort):
        if row.kind and allows(row.said, row.entered).get(Allowed.TALK):
            account = forum.user_by_id(row.user_id)
            if account is None or is_anonymised(account.username, account.name or ""):
                gone.append(row.user_id)
            else:
                row.username, row.name = account.username, account.name or ""
    session.flush()
    return silent | frozenset(gone)


def _topic_of(session: Session, key: str | None) -> int | None:
    entry = session.get(LedgerRow, key) if key is not None else None
    return entry.result.get("topic_id") if entry is not None and entry.state == "done" else None


def guide_text(  # noqa: PLR0917
    texts: PlaybookTexts, template: str, cohort: Cohort, case: Case, conversation: int | None, forum_url: str
) -> Rendered:
    """Return the guide for the conversation with a person, with what they answered and what they allow."""
    talk = conversation or case.talk
    return texts.render(
        template,
        cohort_name=shortened(cohort.name, COHORT_NAME_LONGEST),
        who=link(person_name(case.name, case.username), f"{forum_url}/u/{case.username}"),
        best=case.kind is CaseKind.BEST,
        answer=answer_of(case, cohort.locale),
        wrote=quoted_words(case),
        posts=post_links(case.posts, forum_url),
        named=case.allows.get(Allowed.NAMED, False),
        may_ask=case.allows.get(Allowed.MANAGER, False),
        conversation=Markdown(f"{forum_url}/t/{talk}"),
        begins=guide_words(cohort.locale),
    )
