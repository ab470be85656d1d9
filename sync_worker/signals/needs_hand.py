"""Who may need a hand, and why: what a person can check, measured against the cohort and not against a number. Pure.

There are no thresholds that hold for every course: what tells who will fail differs from course to course (Conijn,
Snijders, Kleingeld and Matzat 2017, IEEE Transactions on Learning Technologies 10(1), on 17 courses in Moodle). So each
sign compares a person with the others of the cohort, or with how that person used to be, and a cohort that is
silent as a whole points at nobody. A sign is a reason to look, and no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from sync_worker.signals.participation import RECENT_WEEKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sync_worker.model import Fact
    from sync_worker.signals.participation import LearnerActivity

A_DAY = timedelta(days=1)
FEWEST_PEOPLE = 3  # below it a comparison with the others would point at somebody
TALKING_SHARE = 0.5
QUIET_WORKING_DAYS = 10
OUTLIER = 3.0
TO_DEVIATION = 1.4826
USUAL_POSTS = 2.0
FALLEN_TO = 0.25
COHORT_FALLEN_TO = 0.5
UNANSWERED_POSTS = 3
ANSWERED_SHARE = 1 / 3
LATE_WITHIN = timedelta(days=14)
PLAN_ANSWERED_IN = timedelta(days=7)  # so long the question what became of a plan may be unanswered
PLAN_SHOWN_FOR = timedelta(days=60)  # since the question, or since the answer that it has not happened yet
LONGEST = 366  # days that are counted back


class Sign(StrEnum):
    """Why somebody may need a hand."""

    NEVER_WROTE = "never_wrote"
    QUIET = "quiet"
    DROPPED = "dropped"
    UNANSWERED = "unanswered"
    TASK = "task"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Need:
    """One reason why somebody may need a hand.

    Args:
        sign: which.
        days: QUIET and NEVER_WROTE: working days of silence; TASK: days since it was due; PLAN: days since its day.
        number: DROPPED: posts of the last two weeks; UNANSWERED: posts that nobody answered.
        usual: DROPPED: posts that this person usually writes in a week.
        posts: the ids of posts that prove it.
        topic: TASK: its topic's id.
        title: TASK: its topic's title.

    """

    sign: Sign
    days: int = 0
    number: int = 0
    usual: float = 0.0
    posts: tuple[int, ...] = ()
    topic: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that a cohort was given, when it is due, and who has answered; `spared` are those with more time."""

    topic_id: int
    title: str
    given_at: datetime
    due: datetime
    answered: frozenset[int] = frozenset()
    spared: frozenset[int] = frozenset()

    def is_open_for(self, user_id: int, joined_at: datetime) -> bool:
        """Whether somebody who was there when it was given has not answered."""
        return user_id not in self.answered and joined_at <= self.given_at


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """What somebody said they would do and has not said that it is done: in which post, in which words, for which day.

    `asked_at` is when they were asked last what became of it, `not_yet_at` when they answered that it has not happened
    yet; None where neither is so.
    """

    topic_id: int
    post_id: int
    post_number: int
    day: date
    words: str = ""
    asked_at: datetime | None = None
    not_yet_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether it has no outcome though it was asked for: the answer is "not yet", or has not come in a week."""
        if self.not_yet_at is not None:
            return now - self.not_yet_at < PLAN_SHOWN_FOR
        return self.asked_at is not None and PLAN_ANSWERED_IN <= now - self.asked_at < PLAN_SHOWN_FOR


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which somebody is on leave, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


AWAY_FROM, AWAY_UNTIL = "away_from", "away_until"


def leave_of(facts: Mapping[str, Fact]) -> tuple[Away, ...]:
    """Return somebody's leave: the facts `away_from` and `away_until`; without the first, since the other was said."""
    until = facts.get(AWAY_UNTIL)
    if until is None or not isinstance(until.value, date):
        return ()
    since = facts.get(AWAY_FROM)
    first = since.value if since is not None and isinstance(since.value, date) else until.at.date()
    return (Away(first, until.value),) if first <= until.value else ()


@dataclass(frozen=True, slots=True)
class Around:
    """What must be known beside the activity to judge silence.

    Args:
        now: aware.
        zone: of the cohort's clock.
        is_working_day: whether the cohort works on a day: no weekend, holiday or day off.
        joined_at: since when each member is in the cohort, at the earliest its start.
        away: the leave of members.
        dismissed: members whose sign an LCM put aside, as far as that counts now.
        tasks: what the cohort was given.
        plans: what members said they would do, as far as it is open.

    """

    now: datetime
    zone: ZoneInfo
    is_working_day: Callable[[date], bool]
    joined_at: Mapping[int, datetime]
    away: Mapping[int, Sequence[Away]] = field(default_factory=dict)
    dismissed: frozenset[int] = frozenset()
    tasks: Sequence[Task] = ()
    plans: Mapping[int, Sequence[OpenPlan]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day on the cohort's clock."""
        return self.now.astimezone(self.zone).date()

    def is_away(self, user_id: int) -> bool:
        """Whether somebody is on leave today."""
        return any(self.today in leave for leave in self.away.get(user_id, ()))

    def working_days(self, user_id: int, since: datetime) -> int:
        """Return on how many days after the day of `since` this person could have written, today included."""
        day = max(since.astimezone(self.zone).date(), self.today - timedelta(days=LONGEST)) + A_DAY
        leave, count = self.away.get(user_id, ()), 0
        while day <= self.today:
            count += self.is_working_day(day) and not any(day in one for one in leave)
            day += A_DAY
        return count

    def weeks_in_cohort(self, user_id: int) -> int:
        """Return how many full weeks somebody has been in the cohort."""
        return max((self.now - self.joined_at[user_id]) // timedelta(weeks=1), 0)


def need_a_hand(activity: Mapping[int, LearnerActivity], around: Around) -> dict[int, tuple[Need, ...]]:
    """Return who may need a hand, with every reason, the most telling first.

    Nobody does who is on leave today, or whose sign was put aside for now.
    """
    there = {
        number: one for number, one in activity.items() if number in around.joined_at and not around.is_away(number)
    }
    silence = {number: _silence(one, around) for number, one in there.items()}
    quiet = _quiet(there, silence, around)
    fallen = _dropped(there, around)
    alone = _unanswered(there)
    late = _late(there, around)
    found: dict[int, tuple[Need, ...]] = {}
    for number in there.keys() - around.dismissed:
        needs = [signs[number] for signs in (quiet, fallen, alone) if number in signs]
        if number in quiet:  # who is silent has dropped too: one reason is enough
            needs = [need for need in needs if need.sign is not Sign.DROPPED]
        needs += late.get(number, ())
        needs += [_without_outcome(plan, around) for plan in around.plans.get(number, ()) if plan.is_late(around.now)]
        if needs:
            found[number] = tuple(needs)
    return found


def _without_outcome(plan: OpenPlan, around: Around) -> Need:
    """Return the sign that a plan has no outcome: a person is compared with nothing but their own words."""
    return Need(Sign.PLAN, days=(around.today - plan.day).days, posts=(plan.post_id,), title=plan.words)


def robust_limit(values: Iterable[float]) -> float:
    """Return the value above which one stands out from the others: the median and three scaled median deviations.

    The median absolute deviation, times 1.4826, takes the place of the standard deviation, which the very values that
    are looked for would inflate; three of them is the strict one of the usual limits (Leys, Ley, Klein, Bernard and
    Licata 2013, Journal of Experimental Social Psychology 49(4), doi 10.1016/j.jesp.2013.03.013).
    """
    numbers = list(values)
    middle = median(numbers)
    return middle + OUTLIER * TO_DEVIATION * median(abs(value - middle) for value in numbers)


def _silence(one: LearnerActivity, around: Around) -> int:
    joined = around.joined_at[one.user_id]
    return around.working_days(one.user_id, max(one.last_posted_at or joined, joined))


def _quiet(activity: Mapping[int, LearnerActivity], silence: Mapping[int, int], around: Around) -> dict[int, Need]:
    """Return who has been silent for ten working days, and longer than is usual here, while most of the others wrote.

    Ten working days are two weeks: so long Moodle's plugin Engagement Analytics lets the risk of a missed task grow
    (`overduemaximumdays`), and twice the week after which it takes absence for a sign (`e_timesincelast`); forums are
    slower. The second condition is `robust_limit`. Messages written in the discussions, with mails sent and tasks
    completed, found 81 % of those who failed (Macfadyen and Dawson 2010, Computers & Education 54(2), doi
    10.1016/j.compedu.2009.09.008).
    """
    settled = [
        number for number in activity if around.working_days(number, around.joined_at[number]) >= QUIET_WORKING_DAYS
    ]
    if len(settled) < FEWEST_PEOPLE:
        return {}
    talking = sum(silence[number] < QUIET_WORKING_DAYS for number in settled)
    if talking < TALKING_SHARE * len(settled):
        return {}
    limit = max(QUIET_WORKING_DAYS, robust_limit(silence[number] for number in settled))
    return {number: _silent(activity[number], silence[number]) for number in settled if silence[number] >= limit}


def _silent(one: LearnerActivity, days: int) -> Need:
    if one.last_posted_at is None:
        return Need(Sign.NEVER_WROTE, days=days)
    return Need(Sign.QUIET, days=days, posts=(one.last_post,) if one.last_post else ())


def _dropped(activity: Mapping[int, LearnerActivity], around: Around) -> dict[int, Need]:
    """Return who wrote at least twice a week, and in the last two weeks a quarter of that at most.

    People are compared with themselves; leave and holidays shorten what is expected. As the talk of every course thins
    out (Brinton and others 2014, Learning about social learning in MOOCs), there is no such sign while the whole
    cohort has fallen to half of what is usual.
    """
    known = {number: one.usual(around.weeks_in_cohort(number)) for number, one in activity.items()}
    usual = {number: posts for number, posts in known.items() if posts is not None}
    expected = {number: found * RECENT_WEEKS for number, found in usual.items()}
    written = sum(activity[number].recent for number in usual)
    if len(usual) < FEWEST_PEOPLE or written <= COHORT_FALLEN_TO * sum(expected.values()):
        return {}
    days = RECENT_WEEKS * 5
    since = around.now - timedelta(weeks=RECENT_WEEKS)
    found: dict[int, Need] = {}
    for number, posts in usual.items():
        there = min(around.working_days(number, since) / days, 1.0)
        if posts >= USUAL_POSTS and there >= 0.5 and activity[number].recent <= FALLEN_TO * expected[number] * there:
            last = activity[number].last_post
            found[number] = Need(
                Sign.DROPPED, number=activity[number].recent, usual=posts, posts=(last,) if last else ()
            )
    return found


def _unanswered(activity: Mapping[int, LearnerActivity]) -> dict[int, Need]:
    """Return who wrote three posts or more in four weeks that nobody answered, where others are answered.

    A newcomer who is answered writes again more often: 56 % against 44 % (Joyce and Kraut 2006, Journal of
    Computer-Mediated Communication 11(3), doi 10.1111/j.1083-6101.2006.00033.x). Posts of the last three days may still
    be answered. Others are answered where the middle one of those who write as much gets a reply to every third post.
    """
    writers = {number: one for number, one in activity.items() if one.settled_posts >= UNANSWERED_POSTS}
    if len(writers) < FEWEST_PEOPLE:
        return {}
    if median(one.answered / one.settled_posts for one in writers.values()) < ANSWERED_SHARE:
        return {}
    return {
        number: Need(Sign.UNANSWERED, number=one.settled_posts, posts=(one.last_post,) if one.last_post else ())
        for number, one in writers.items()
        if not one.answered
    }


def _late(activity: Mapping[int, LearnerActivity], around: Around) -> dict[int, tuple[Need, ...]]:
    """Return who has not answered a task that was due in the last two weeks, and that most of the others answered.

    Tasks completed are among the three counts that told most about the final grade (Macfadyen and Dawson 2010, above);
    two weeks are those of Moodle's plugin (above).
    """
    found: dict[int, tuple[Need, ...]] = {}
    for task in around.tasks:
        over = around.now - task.due
        owing = [number for number in activity if around.joined_at[number] <= task.given_at]
        done = sum(number in task.answered for number in owing)
        if not timedelta(0) < over <= LATE_WITHIN or len(owing) < FEWEST_PEOPLE or done < TALKING_SHARE * len(owing):
            continue
        need = Need(Sign.TASK, days=over.days, topic=task.topic_id, title=task.title)
        for number in owing:
            if number not in task.answered and number not in task.spared:
                found[number] = (*found.get(number, ()), need)
    return found
