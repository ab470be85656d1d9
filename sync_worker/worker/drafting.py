"""From a due occurrence to drafts: what the step's rules say, the play's context, the play."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.activity.blockers import said_of_blockers
from sync_worker.activity.cases import cases_of
from sync_worker.activity.choices import refusing
from sync_worker.activity.commitments import commitments_of
from sync_worker.activity.reader import ActivityReader
from sync_worker.playbook.schedule import is_last, tailored
from sync_worker.plays import Drafted, PlayContext
from sync_worker.publish.entries import occurrence_key
from sync_worker.store.facts import facts_of
from sync_worker.worker.history import LedgerHistory, programme_of
from sync_worker.worker.proposing import kept_proposals
from sync_worker.worker.taking_part import Learner, taking_part, working_day_of
from sync_worker.worker.trials import held_out_of
from sync_worker.worker.waiting import mails_known, waiting_for
from sync_worker.worker.who_and_when import (
    Decision,
    Known,
    Look,
    Used,
    Weighed,
    decide,
    excluded_accounts,
    reading_for,
    rules_of,
    used_before,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.activity.collect import CohortCategories
    from sync_worker.config.base import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.model import Approval, Occurrence
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.publish.last_look import LastLook
    from sync_worker.worker.due import Planned
    from sync_worker.worker.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Drafter:
    """Drafts the due occurrences of one playbook for one cohort; what `look` has seen counts more than the store."""

    forum: Forum
    session: Session
    playbook: Playbook
    surroundings: Surroundings
    now: datetime
    look: LastLook | None = None

    def draft(self, planned: Planned, play: Play) -> Drafted:
        """Return what the play wants to post, or that it is not the time for the step. Writes nothing, calls nothing.

        What a person asked for is done whatever the step's condition and its limit for the cohort say.
        """
        occurrence, step = planned.occurrence, planned.step
        approval = step.approval or play.approval_of(occurrence.follow_up)
        weighed = self.weigh(occurrence, step, play)
        if not weighed.decision.is_time and not occurrence.follow_up and planned.latest is not None:
            return Drafted((), weighed.decision.why_not(step, occurrence.cohort.locale), not_now=True)
        options = self.playbook.options_of(step.id, occurrence.cohort)
        drafted = play.draft(self._with_more(self._context(occurrence, options, approval, weighed), play))
        return weighed.applied(drafted, occurrence.cohort.locale)

    def anew(self, occurrence: Occurrence, step: Step, play: Play) -> Drafted:
        """Return the drafts of an occurrence once more; that it was time for it was decided before."""
        approval = step.approval or play.approval_of(occurrence.follow_up)
        options = self.playbook.options_of(step.id, occurrence.cohort)
        context = self._context(occurrence, options, approval, self.weigh(occurrence, step, play))
        return play.draft(self._with_more(context, play))

    def weigh(self, occurrence: Occurrence, step: Step, play: Play) -> Weighed:
        """Return what a step's rules say at a moment: whether it is time for it, and for whom it is."""
        cohort = occurrence.cohort
        options = self.playbook.options_of(step.id, cohort)
        rules = rules_of(self.playbook, step, play, options, (cohort.locale, *cohort.further_languages))
        reads = reading_for(play, rules, self.playbook.file)
        forum, session, around = self.forum.name, self.session, self.surroundings
        people = around.people if reads.for_people else ()
        facts = facts_of(session, forum, cohort.key) if people else {}
        known = Known()
        if any(rules):
            known = Look(
                session=session,
                forum=forum,
                playbook=self.playbook.file,
                activity=reader(session, forum, around.categories, self.look),
                history=LedgerHistory(session, forum, occurrence),
                people=people,
                lcms=len(around.hosts),
                facts=facts,
                reads_activity=reads.reads_activity,
                categories=around.categories.readable,
            ).known(cohort, self.now)
        excluded = excluded_accounts(session, forum, step, people)
        used = used_before(session, forum, occurrence, self.now) if step.limit is not None else Used(self.now.date())
        return Weighed(rules, known, decide(rules, known, people, excluded, used))

    def _with_more(self, context: PlayContext, play: Play) -> PlayContext:
        """Return the context with what only some plays read.

        That is who may need a hand, mails, what waits for an LCM, what a language model proposed.
        """
        cohort = context.occurrence.cohort
        if play.may_be_proposed:
            key = occurrence_key(self.forum.name, context.occurrence)
            context = replace(context, proposals=kept_proposals(self.session, key))
        if play.sends_mails:
            context = replace(context, mails=mails_known(self.session, self.forum.name, cohort.key, context.facts))
        if play.reads_cases:
            context = replace(context, cases=cases_of(self.session, self.forum.name, cohort.key))
        if play.reads_waiting:
            waiting = waiting_for(
                self.session,
                self.forum.name,
                self.forum.url,
                cohort,
                self.surroundings.people,
                context.activity.topics(until=self.now),
                self._staff(),
                self.surroundings.own_usernames,
                self.now,
            )
            context = replace(context, waiting=waiting)
        return self._with_signals(context) if play.reads_signals else context

    def _with_signals(self, context: PlayContext) -> PlayContext:
        """Return the context with who may need a hand, as the store knows it."""
        learners = [Learner(one.user_id, one.joined_at, one.seen_at) for one in context.people]
        part = taking_part(
            self.session,
            self.forum.name,
            context.occurrence.cohort,
            self.surroundings.categories.readable,
            learners,
            self.playbook,
            self.now,
        )
        wrote = {number: one.last_posted_at for number, one in part.activity.items() if one.last_posted_at is not None}
        return replace(
            context,
            needs=part.needs,
            last_posts=wrote,
            no_nudges=refusing(self.session, self.forum.name, "nudges"),
            held_out=held_out_of(self.session, self.forum.name, context.occurrence),
        )

    def context(self, occurrence: Occurrence, options: Strict, approval: Approval) -> PlayContext:
        """Return what a play may know about an occurrence that no step of the playbook rules; it names no `people`."""
        return self._context(occurrence, options, approval, Weighed(None, Known(), Decision()))

    def _context(self, occurrence: Occurrence, options: Strict, approval: Approval, weighed: Weighed) -> PlayContext:
        categories = self.surroundings.categories
        return PlayContext(
            occurrence=occurrence,
            options=options,
            follow_up=occurrence.follow_up,
            now=self.now,
            texts=self.playbook.texts(occurrence.cohort.locale).knowing(weighed.known.cohort),
            activity=reader(self.session, self.forum.name, categories, self.look),
            history=LedgerHistory(self.session, self.forum.name, occurrence),
            forum_url=self.forum.url,
            rng=random.Random(chance_seed(occurrence)),  # noqa: S311  (not a secret)
            approval=approval,
            hosts=self.surroundings.hosts,
            readers=self.surroundings.readers,
            people=tuple(one.person for one in weighed.decision.choices if one.matches),
            members=tuple(one.person for one in weighed.decision.choices if not one.excluded),
            is_working_day=working_day_of(occurrence.cohort),
            commitments=(
                commitments_of(
                    self.session, self.forum.name, occurrence.cohort, self.look.seen if self.look else {}, self._staff()
                )
                if self.surroundings.people
                else ()
            ),
            facts=facts_of(self.session, self.forum.name, occurrence.cohort.key),
            blocker_words=said_of_blockers(self.session, self.forum.name, occurrence.cohort.key),
            own_usernames=self.surroundings.own_usernames,
            votes=self.surroundings.votes,
            site=self.surroundings.site,
            once=self._happens_once(occurrence),
            at_the_end=is_last(self.playbook.file, occurrence),
            programme=programme_of(
                self.session, self.forum.name, occurrence.cohort, self.surroundings.elsewhere, self.look
            ),
            chosen=weighed.chosen(),
            spent=weighed.decision.spent(),
            known=weighed.known.people,
            closed_to=self.look.closed_to if self.look is not None else frozenset(),
        )

    def _staff(self) -> frozenset[str]:
        return self.surroundings.own_usernames | {host.username for host in self.surroundings.hosts}

    def _happens_once(self, occurrence: Occurrence) -> bool:
        step = tailored(self.playbook.file, occurrence.cohort).step(occurrence.step)
        return step is not None and step.every is None


def reader(
    session: Session, forum_name: str, categories: CohortCategories, look: LastLook | None = None
) -> ActivityReader:
    """Return the reader of a cohort's activity; what `look` has seen counts more than the store."""
    seen, unnamed = (look.seen, look.unnamed) if look is not None else ({}, frozenset[int]())
    return ActivityReader(session, forum_name, categories.readable, categories.own, seen, unnamed)


def chance_seed(occurrence: Occurrence) -> str:
    """Return what chance depends on: the occurrence, so that drafting it again gives the same text on any forum."""
    day = occurrence.local.date().isoformat()
    return "/".join((occurrence.cohort.key, occurrence.playbook, occurrence.label, day))
