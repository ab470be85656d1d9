"""Whatever people write and LCMs decide: two messages in a silence, none to a person whom the lot left out.

Weeks are lived with two nudge steps and a hand-over that know nothing but the history; each look is a worker that has
just been started. The sign that the person needs a hand is always there, so that only the rules of the plays hold back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Approval, Draft, DraftKind, Topic
from sync_worker.plays import REGISTRY, ChosenPerson, HeldOut, PastDraft
from sync_worker.plays.nudge import HAND_OVER, IN_PEACE, MOST, NUDGE
from sync_worker.signals.needs_hand import Need, Sign
from tests.plays.conftest import Desk

if TYPE_CHECKING:
    from sync_worker.plays import Drafted

MONDAY = datetime(2027, 2, 1, 10, tzinfo=UTC)
ANA = 7
WEEKS = 16
AGAIN = timedelta(days=10)
TOPIC = Topic(1, 5, "The decision of this week", "the-decision", MONDAY, ())
PROMPT = PastDraft("weekly", MONDAY, Draft(DraftKind.TOPIC, "Which?", "", refs=("prompt",)), 1)


@dataclass
class Life:
    """One person's weeks: when they wrote, what was sent, whom the lot left out, when the LCMs heard."""

    holdout: float
    ana: int
    wrote: list[datetime] = field(default_factory=list)
    past: list[PastDraft] = field(default_factory=lambda: [PROMPT])
    held_out: list[HeldOut] = field(default_factory=list)
    drafted: list[datetime] = field(default_factory=list)

    def look(self, play: str, step: str, now: datetime, **options: object) -> Drafted:
        """Draft with a play as a worker that knows nothing but what is written down."""
        desk = Desk(past=self.past)
        context = desk.context(play, now, Approval.LCM, **options)
        person = ChosenPerson(self.ana, "ana", "Ana", posted_at=max(self.wrote, default=None))
        context = replace(
            context,
            occurrence=replace(context.occurrence, step=step),
            activity=_Activity(),  # type: ignore[arg-type]
            people=(person,),
            needs={self.ana: (Need(Sign.QUIET, days=20),)},
            held_out={self.ana: tuple(self.held_out)} if self.held_out else {},
        )
        return REGISTRY[play].draft(context)

    def nudge(self, step: str, now: datetime, decision: str) -> None:
        """Let a nudge step look, and an LCM decide on what it drafts; what waited is decided on as well."""
        drafted = self.look("nudge", step, now, holdout=self.holdout)
        self.held_out += [HeldOut(now, one.until) for one in drafted.trials if one.held_out]
        assert len(drafted.drafts) + sum(one.held_out for one in drafted.trials) <= 1
        for draft in drafted.drafts:
            self.drafted.append(now)
            self.past.append(PastDraft(step, now, draft))
        if decision == "approves":
            self.past = [replace(one, topic_id=one.topic_id or 9) for one in self.past]
        elif decision == "rejects":
            self.past = [one for one in self.past if one.topic_id is not None]

    def silence_of(self, moment: datetime) -> datetime:
        """When the silence began in which a moment lies."""
        return max((at for at in self.wrote if at <= moment), default=MONDAY - timedelta(days=1))


class _Activity:
    @staticmethod
    def topics(since: datetime | None = None, until: datetime | None = None) -> list[Topic]:
        del since, until
        return [TOPIC]


weeks = st.lists(
    st.tuples(st.sampled_from((None, None, None, 1, 5)), st.sampled_from(("approves", "approves", "waits", "rejects"))),
    min_size=WEEKS,
    max_size=WEEKS,
)


@given(weeks, st.sampled_from((0.0, 0.5)), st.integers(1, 40))
def test_the_two_message_rule_holds_over_all_steps_and_decisions(
    lived: list[tuple[int | None, str]], holdout: float, ana: int
) -> None:
    life = Life(holdout, ana)
    for number, (writes, decision) in enumerate(lived):
        monday = MONDAY + timedelta(weeks=number)
        if writes == 1:
            life.wrote.append(monday + timedelta(days=1))
        life.nudge("quiet", monday + timedelta(days=2), decision)
        life.nudge("quiet-too", monday + timedelta(days=3), decision)
        handed = life.look("hand_over", "over", monday + timedelta(days=4), after="7d")
        life.past += [PastDraft("over", monday + timedelta(days=4), draft, 11) for draft in handed.drafts]
        if writes == 5:
            life.wrote.append(monday + timedelta(days=5))
    check(life)


def check(life: Life) -> None:
    """Hold what was sent against the rules."""
    sent = [one.slot for one in life.past if NUDGE in one.draft.refs and one.topic_id is not None]
    told = [one.slot for one in life.past if HAND_OVER in one.draft.refs]
    lots = [one.slot for one in life.held_out]
    for silence in {life.silence_of(at) for at in (*life.drafted, *told, *lots)}:
        in_it = [at for at in sent if life.silence_of(at) == silence]
        assert len(in_it) <= MOST
        assert all(later - earlier >= AGAIN for earlier, later in pairwise(in_it))
        by_lot = [at for at in lots if life.silence_of(at) == silence]
        assert len(by_lot) <= 1
        drafted = [at for at in life.drafted if life.silence_of(at) == silence]
        assert not by_lot or all(at < by_lot[0] for at in drafted)
        heard = [at for at in told if life.silence_of(at) == silence]
        assert len(heard) <= 1
        assert not heard or len(in_it) == MOST or by_lot
    for at in life.drafted:
        back = max((one for one in life.wrote if one <= at), default=None)
        if back is not None and any(one < back for one in (*sent, *lots)):
            assert at - back >= IN_PEACE
