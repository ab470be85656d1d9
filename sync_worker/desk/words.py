"""The few sentences that the worker writes onto the desk, in the cohort's language and by its clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.content.markdown import escape, link
from sync_worker.content.reasons import reasons_for
from sync_worker.languages.language import capital, shortened
from sync_worker.languages.parts import DESK, QUESTIONS, RUNS, language
from sync_worker.model import Draft, DraftKind
from sync_worker.plays import Drafted
from sync_worker.publish import acts, carry_out
from sync_worker.signals.blockers import Found
from sync_worker.signals.needs_hand import Sign
from sync_worker.signals.participation import usual_posts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.languages.sentences import DeskSentences, RunSentences
    from sync_worker.model import Cohort
    from sync_worker.publish.publisher import Deed
    from sync_worker.signals.blockers import Blocker
    from sync_worker.signals.needs_hand import Around, Need, OpenPlan
    from sync_worker.signals.participation import LearnerActivity
    from sync_worker.worker.run_report import Happening
    from sync_worker.worker.taking_part import TakingPart


# How the journal says why something did not happen; the desk says it in the cohort's words.
MISSED = re.compile(r"it was to happen by (\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
REJECTED = re.compile(r"rejected by (?P<name>[^:]*): (?P<reason>.*)", re.DOTALL)
TOO_LATE = "too late to happen"
A_WEEK = timedelta(weeks=1)
LATELY = 7  # days
PLAN_LONGEST = 240  # characters of a plan: in two sentences, what is done and who sees it
QUESTION = "question"
TITLE_NAME_LONGEST = 100
_OF_POSTS = ("FOUND", "REMOVED", "NO_RECIPIENT", "NOT_TOGETHER", "NO_TOPIC", "GONE", "NOT_OURS")
_OF_ACTIONS = (
    *("NOT_PINNED", "PIN_OVER", "TOPIC_GONE", "TOPIC_MOVED", "NOT_THE_TOPIC", "TOPIC_CLOSED"),
    *("PINNED_BY_OTHERS", "NOT_PINNED_NOW", "IN_USE"),
)
LEDGER_REASONS: Mapping[str, str] = {
    **{getattr(carry_out, name): name for name in _OF_POSTS},
    **{getattr(acts, name): name for name in _OF_ACTIONS},
}


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Puts what a desk shows into one language."""

    locale: str

    @property
    def say(self) -> DeskSentences:
        """The sentences that need nothing filled in."""
        return DESK.of(self.locale)

    def play(self, name: str) -> str:
        """Return what a play is called on a calendar."""
        return self.say.plays.get(name, name)

    def why_not(self, reason: str, zone: ZoneInfo | None) -> str:
        """Return why something of the journey did not happen: the journal's reason, in this language and by this clock.

        Plays write their reasons in the cohort's language; what the worker itself wrote, or wrote before it knew
        languages, is said anew.
        """
        if found := MISSED.search(reason):
            until = datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).astimezone(zone)
            return reasons_for(self.locale).missed(until)
        if reason == TOO_LATE:
            return self.say.too_late
        if found := REJECTED.fullmatch(reason):
            return self.say.rejected.format(name=found["name"], reason=found["reason"])
        return self.say.journal.get(LEDGER_REASONS.get(reason, ""), reason)

    def silence(self, weeks: int | None) -> str:
        """Return how long somebody has not written; None for never."""
        if weeks is None:
            return self.say.never_wrote
        return self.say.quiet_one_week if weeks == 1 else self.say.quiet.format(weeks=weeks)

    def why(self, need: Need, one: LearnerActivity, part: TakingPart) -> list[str]:
        """Return in sentences why somebody may need a hand: what can be seen, and what is usual here."""
        around, say, words = part.around, self.say, language(self.locale)
        if need.sign in (Sign.QUIET, Sign.NEVER_WROTE):
            silent = one.quiet_since(around.now)
            texts = [self.silence(None if silent is None else max(silent // A_WEEK, 1))]
            texts.append(self.usual_share(usual_posts(part.activity)))
            if one.seen_on is not None and (around.today - one.seen_on).days < LATELY:
                texts.append(say.reads_along.format(day=words.day(one.seen_on)))
            return texts
        if need.sign is Sign.DROPPED:
            posts, usual = words.count(need.number, "post"), words.count(round(need.usual), "post")
            return [say.dropped.format(posts=posts, usual=usual)]
        if need.sign is Sign.UNANSWERED:
            return [say.no_answers.format(posts=words.count(need.number, "post"))]
        if need.sign is Sign.PLAN:
            return [self._plan(next(one for one in around.plans[one.user_id] if one.post_id in need.posts), around)]
        due = next(task.due for task in around.tasks if task.topic_id == need.topic)
        return [say.task_open.format(title=need.title, day=words.day(due.astimezone(around.zone).date()))]

    def _plan(self, plan: OpenPlan, around: Around) -> str:
        """Return that a plan has no outcome, in the words of its author, who names the witness there."""
        words, zone = language(self.locale), around.zone
        since = plan.not_yet_at or plan.asked_at or around.now
        form = self.say.plan_not_yet if plan.not_yet_at is not None else self.say.plan_unanswered
        quoted = words.quoted(shortened(plan.words, PLAN_LONGEST))
        return form.format(day=words.day(plan.day), since=words.day(since.astimezone(zone).date()), words=quoted)

    def blocked(self, one: Blocker, zone: ZoneInfo) -> list[str]:
        """Return in sentences why a topic is a blocker, and who beside the LCMs heard of it."""
        if one.found is Found.TAG:
            texts = [self.say.tagged.format(tag=one.tag)]
        elif one.found is Found.LCM:
            texts = [self.say.opened_by.format(name=one.by)]
        else:
            texts = [self.say.unanswered]
        if one.escalated_at is not None:
            day = language(self.locale).day(one.escalated_at.astimezone(zone).date())
            texts.append(self.say.escalated.format(day=day))
        return texts

    def usual_share(self, posts: float) -> str:
        """Return how much the others write: one post where half of them wrote one and half none."""
        rounded = max(round(posts), 1)
        return self.say.usual_one if rounded == 1 else self.say.usual.format(posts=rounded)


def words_for(locale: str) -> DeskWords:
    """Return the words of a language."""
    return DeskWords(locale)


# What the desk's log of runs says, in the cohort's language and by its clock.


ENGLISH_LOCALE = "en"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What somebody did to a cohort's clock: paused it (`until` None: until it is resumed), resumed or shifted it.

    `shift_days` is the whole shift since the written dates; None where it was no shift.
    """

    paused: bool = False
    until: datetime | None = None
    shift_days: int | None = None


@dataclass(frozen=True, slots=True)
class RunWords:
    """Writes the log of one cohort's runs; without a cohort, in English."""

    locale: str
    zone: ZoneInfo | None

    @property
    def say(self) -> RunSentences:
        """The sentences that need nothing filled in."""
        return RUNS.of(self.locale)

    def clock(self, change: ClockChange) -> str:
        """Return how the cohort's clock runs now."""
        if change.paused:
            return self._at(self.say.paused_until, change.until) if change.until else self.say.paused
        if change.shift_days is None:
            return self.say.resumed
        if change.shift_days == 0:
            return self.say.as_planned
        sentence = self.say.later if change.shift_days > 0 else self.say.earlier
        return sentence.format(days=language(self.locale).count(abs(change.shift_days), "day"))

    def summary(self, published: int, waiting: int, calls: int) -> str:
        """Return how much a run posted or sent, how many drafts wait since, and how many calls it made."""
        done = (self.say.carried_out_none, self.say.carried_out_one, self.say.carried_out)
        parts = [self._counted(published, *done)] if published or not waiting else []
        if waiting:
            parts.append(self._counted(waiting, "", self.say.waiting_one, self.say.waiting))
        return " ".join([*parts, self.say.calls.format(calls=calls)])

    def _counted(self, number: int, none: str, one: str, many: str) -> str:
        if number > 1:
            return many.format(number=capital(language(self.locale).number(number)))
        return one if number else none

    def preview(self, step: str, when: datetime, reason: str) -> str:
        """Return what a preview shows; `when` is on the cohort's clock."""
        return self._at(self.say.preview, when, step=step, reason=reason)

    def technical(self, problem: object) -> str:
        """Return a problem that only exists in English."""
        return self.say.technical.format(problem=problem)

    def happening(self, happening: Happening) -> str:
        """Return what became of one date of a step, in a line."""
        reason = self._reason(happening.reason, is_error=happening.outcome in ("failed", "later"))
        return f"{happening.step}: {self.say.outcomes[happening.outcome]}. {reason}".rstrip()

    def deed(self, deed: Deed) -> str:
        """Return what was posted or sent, in a line."""
        if deed.state == "done":
            what = self.say.done[deed.action]
        else:
            what = self.say.not_done[deed.state].format(action=self.say.actions[deed.action])
        where = f" /t/{deed.topic_id}" if deed.topic_id else ""
        reason = self._reason(deed.reason, is_error=deed.state in ("failed", "intended"))
        return f"{deed.step}: {what}{where}. {reason}".rstrip()

    def _reason(self, reason: str, *, is_error: bool) -> str:
        if not reason:
            return ""
        return self.technical(reason) if is_error else capital(words_for(self.locale).why_not(reason, self.zone))

    def _at(self, sentence: str, moment: datetime, **more: str) -> str:
        local = moment.astimezone(self.zone)
        here = language(self.locale)
        return sentence.format(day=here.day(local.date()), clock=here.clock(local), **more)


def run_words(cohort: Cohort | None) -> RunWords:
    """Return the words of a cohort's log."""
    if cohort is None:
        return RunWords(ENGLISH_LOCALE, None)
    return RunWords(cohort.locale, cohort.zone)


def question_of(item: WorkItem, cohort: Cohort, address: str) -> Drafted:
    """Return the message with a workflow's question to the LCMs of a cohort; what it says is data, of people perhaps.

    Args:
        item: of the kind `ask_lcm`.
        cohort: whose LCMs are asked, in its language.
        address: of the forum.

    """
    say, data = QUESTIONS.of(cohort.locale), item.data
    workflow = escape(str(data.get("workflow") or ""))
    asked = [f"> {line}" if line else ">" for line in map(escape, str(data.get("text") or "").splitlines())]
    about = []
    if isinstance(learner := data.get("username"), str):
        about.append(say.about_learner.format(learner=link(learner, f"{address}/u/{quote(learner)}")))
    if isinstance(topic := data.get("topic"), int):
        about.append(say.about_topic.format(address=f"{address}/t/{topic}"))
    close = say.close.format(by=escape(item.username))
    body = "\n\n".join([say.asks.format(workflow=workflow), "\n".join(asked), *about, close])
    known = data.get("learner")
    draft = Draft(
        DraftKind.MESSAGE,
        body,
        say.reason.format(workflow=workflow),
        title=say.title.format(cohort=cohort.name[:TITLE_NAME_LONGEST]),
        recipients=(cohort.lcm_group,),
        about_users=(known,) if isinstance(known, int) else (),
        refs=(QUESTION,),
    )
    return Drafted((draft,), draft.reason)
