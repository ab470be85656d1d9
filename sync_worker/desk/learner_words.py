"""What learners choose in a word, or have to say, in a message to the worker's account.

A choice counts wherever somebody answers a message that was written to them, also where LCMs read along, and in
conversations of their own with the worker and LCMs. A refusal counts in every conversation, and also where it was
written into a message that had been read before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.answers import read_post
from sync_worker.activity.choices import enter_word
from sync_worker.activity.consents import quotable
from sync_worker.activity.practices import ASKS_AUTHOR
from sync_worker.activity.replies import REFUSALS, Choice, digest_of, own_words, read_choice
from sync_worker.desk.first_look import said_at
from sync_worker.desk.waiting import ANSWER, add_task
from sync_worker.languages.parts import LETTERS
from sync_worker.model import TOGETHER, Draft, DraftKind, fold
from sync_worker.plays import case_study, commitment, consent
from sync_worker.store.ledger import WROTE
from sync_worker.store.tables import LedgerRow, MembershipRow, ReplyRow, WaitingRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.desk.correspondence import Correspondence
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort


ENGLISH = "en"
READ_ELSEWHERE = frozenset(
    {"consent", consent.ASKED_AGAIN, commitment.REF, case_study.REF, ASKS_AUTHOR}
)  # their answers are read where they are asked


@dataclass(frozen=True, slots=True)
class LearnerWords:
    """Reads what learners write in the messages that one look reads."""

    look: Correspondence

    def read(self, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None) -> FromLearner:
        """Return what follows from a learner's message: from one that is hidden nothing but a no.

        Calls: those of `members_of` where who is who matters.
        """
        nothing = FromLearner(topic.id, post)
        found = read_choice(post.raw or "", (post.name, post.username))
        is_answer = ours is not None and _is_written_to(ours, post.user_id)
        is_alone = is_answer and ours is not None and TOGETHER not in ours.payload.get("refs", ())
        if found is not None and (found[0] in REFUSALS or (is_alone and not post.hidden)):
            return FromLearner(topic.id, post, self._cohort_about(post, ours), *found)
        if post.hidden or (found is not None and is_answer):
            return nothing
        company = self._company(topic, post)
        if company is None or (found is None and (company != ALONE or self._needs_nobody(post, ours))):
            return nothing
        cohort = self._cohort_of(post.user_id)
        if cohort is None:
            return nothing if found is None or company != ALONE else FromLearner(topic.id, post, None, *found)
        lcms = self.look.people(cohort, cohort.lcm_group)
        if found is None:
            return nothing if post.user_id in lcms else FromLearner(topic.id, post, cohort)
        with_lcms = company.users <= lcms.keys() and {fold(name) for name in company.groups} <= {fold(cohort.lcm_group)}
        return FromLearner(topic.id, post, cohort, *found) if with_lcms else nothing

    def read_again(self, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None) -> FromLearner:
        """Return what follows from a message that was read before: a no that says it now. Calls: those of `read`."""
        found = read_choice(post.raw or "", (post.name, post.username))
        is_no = found is not None and found[0] in REFUSALS
        return self.read(topic, post, ours) if is_no else FromLearner(topic.id, post)

    def take(self, session: Session, found: FromLearner) -> None:
        """Enter what follows from a learner's post, with the answer to a choice; of a known one only a new no."""
        post, cohort = found.post, found.cohort
        known = session.get(ReplyRow, (self.look.forum.name, post.id))
        if known is not None and (found.choice not in REFUSALS or known.digest == digest_of(post.raw or "")):
            return
        if found.choice is not None:
            mark = f"choice:{post.id}" if known is None else f"choice:{post.id}:{digest_of(post.raw or '')}"
            self._choose(session, found, found.choice, mark)
        elif cohort is not None:
            session.add(self.look.row(cohort.key, found.topic_id, post, "task"))
            task = WaitingRow(
                kind="task",
                subject=f"{WROTE}{post.id}",
                user_id=post.user_id,
                username=post.username,
                words=quotable(post.cooked),
                topic_id=found.topic_id,
            )
            add_task(session, self.look.forum.name, cohort.key, task, self.look.now)

    def _choose(self, session: Session, found: FromLearner, choice: Choice, mark: str) -> None:
        """Enter a choice, also of somebody in no cohort, confirmed in the language of its words."""
        post, key = found.post, found.cohort.key if found.cohort is not None else ""
        session.merge(self.look.row(key, found.topic_id, post, "choice"))
        said = said_at(post, choice)
        is_last = enter_word(session, self.look.forum.name, post.user_id, post.username, choice, said)
        locale = found.language or (found.cohort.locale if found.cohort is not None else ENGLISH)
        text = LETTERS.of(locale).chosen.get(choice.value)
        if text is not None and is_last:
            draft = Draft(
                DraftKind.REPLY,
                text,
                "answer to a choice",
                topic_id=found.topic_id,
                about_users=(post.user_id,),
                to_learner=post.user_id,
                answers_learner=True,
                refs=(ANSWER,),
            )
            self.look.enter(session, key, draft, mark)

    def _company(self, topic: ForumTopic, post: ForumPost) -> _Company | None:
        """Return who reads a conversation beside its writer and the worker; None where that is unknown."""
        readers = topic.readers
        if readers is None:
            return None
        users = {
            number
            for number, name in readers.users.items()
            if number != post.user_id and name.casefold() != self.look.forum.username.casefold()
        }
        return _Company(frozenset(users), readers.groups)

    def _needs_nobody(self, post: ForumPost, ours: LedgerRow | None) -> bool:
        """Whether words that are no choice are read where they were asked for, or say nothing but thanks."""
        refs = set(ours.payload.get("refs", ())) if ours is not None else set()
        return bool(refs & READ_ELSEWHERE) or not own_words(post.raw or "") or read_post(post.cooked).value == "nothing"

    def _cohort_about(self, post: ForumPost, ours: LedgerRow | None) -> Cohort | None:
        """Return a cohort that the writer of a post is in, else that of the message of ours which it answers."""
        return self._cohort_of(post.user_id) or (self.look.others.get(ours.cohort) if ours is not None else None)

    def _cohort_of(self, user_id: int) -> Cohort | None:
        """Return a cohort that somebody is in: by what our syncs wrote down, else as the forum has its groups."""
        groups = {cohort.group: cohort for cohort in self.look.cohorts.values()}
        with self.look.store.begin() as session:
            query = select(MembershipRow.group_name).where(
                MembershipRow.forum == self.look.forum.name,
                MembershipRow.user_id == user_id,
                MembershipRow.state.in_(("added", "adding", "marked")),
            )
            known = [groups[name] for name in session.scalars(query) if name in groups]
        if known:
            return max(known, key=lambda one: one.start)
        return next((one for one in self.look.cohorts.values() if user_id in self.look.people(one, one.group)), None)


@dataclass(frozen=True, slots=True)
class FromLearner:
    """One post of a learner: with a choice, and the language of its words; without one it is a task for the LCMs.

    Without a cohort there is nobody whom it could wait for.
    """

    topic_id: int
    post: ForumPost
    cohort: Cohort | None = None
    choice: Choice | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Company:
    """Who reads a conversation beside its writer and the worker: accounts, and groups by name."""

    users: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()


ALONE = _Company()


def _is_written_to(ours: LedgerRow, user_id: int) -> bool:
    """Whether a message of ours was written to somebody, alone or together with others."""
    return user_id == ours.to_learner or user_id in ours.payload.get("about_users", ())
