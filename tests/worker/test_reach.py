"""What learners get, alone or with others, end to end: over HTTP, cohorts on one store, deaths, races, any playbook."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sync_worker.config.options import ReachSettings
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings, Strict
from sync_worker.forum import Forum, Patience
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.model import TOGETHER, Draft, DraftKind
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.plays.context import Drafted, Play, PlayContext
from sync_worker.plays.session import attended_fact
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Topic, TopicAllowedUser
from sync_worker.publish.entries import Place, build_entries
from sync_worker.publish.gate import Gate
from sync_worker.publish.publisher import Publisher
from sync_worker.store.database import open_store
from sync_worker.store.facts import set_fact
from sync_worker.store.tables import ChoiceRow, DraftRow, LedgerRow
from sync_worker.worker.run import run_due
from sync_worker.worker.writing import WorkerWriter
from tests.search import examples
from tests.worker.conftest import Killed, Reaper, deadly_lives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.store.database import Store
    from sync_worker.worker.run_report import RunReport
    from tests.worker.conftest import World

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
NAMES = ("ines", "tomas", "zoe")
ZONES = ("UTC", "Pacific/Auckland", "America/New_York")
NUMBERS = count(1)


class NudgeOptions(Strict):
    """`with:` of a `nudge` step of these tests."""

    to: tuple[str, ...] = ("ines",)
    precedence: int = 0
    answers: bool = False


IDS: dict[str, int] = {}


def nudge(context: PlayContext) -> Drafted:
    """Write to each of some learners."""
    options = context.options
    assert isinstance(options, NudgeOptions)
    name, step = context.occurrence.cohort.name, context.occurrence.step
    drafts = tuple(
        Draft(
            DraftKind.MESSAGE,
            f"How is it going with {step} in {name}, {learner}?",
            "it is time",
            part=learner,
            title=f"{name}: {step} for {learner}",
            recipients=(learner,),
            approval=context.approval,
            to_learner=IDS[learner],
            answers_learner=options.answers,
            precedence=options.precedence,
        )
        for learner in options.to
    )
    return Drafted(drafts, "it is time")


class TalkOptions(Strict):
    """`with:` of a `talk` step of these tests: whom it brings together, and after how many days it is of no use."""

    to: tuple[str, ...] = ("ines", "tomas")
    days: int = 3


def talk(context: PlayContext) -> Drafted:
    """Bring some learners together, in one message to all of them."""
    options = context.options
    assert isinstance(options, TalkOptions)
    name, step = context.occurrence.cohort.name, context.occurrence.step
    draft = Draft(
        DraftKind.MESSAGE,
        f"Half an hour to talk, by {step} of {name}.",
        "it is time",
        part="with",
        title=f"{name}: {step}{TOGETHER_FOR}{', '.join(options.to)}",
        recipients=options.to,
        approval=context.approval,
        about_users=tuple(IDS[learner] for learner in options.to),
        refs=(TOGETHER,),
        not_after=context.occurrence.at + timedelta(days=options.days),
    )
    return Drafted((draft,), "it is time")


TOGETHER_FOR = " to talk for "
PLAYS = {
    "nudge": Play("nudge", NudgeOptions, nudge),
    "talk": Play("talk", TalkOptions, talk),
    "session": REGISTRY["session"],
}
MEETING = '---\ntitle: "{{ cohort.name }} meets on {{ day }}"\n---\n{{ when }}\n\nBring one case of your own.\n'


class Message(NamedTuple):
    """What one learner got: in which topic of the forum, for which cohort, and when."""

    topic: int
    title: str
    cohort: CohortSettings
    learner: str
    at: datetime

    @property
    def together(self) -> bool:
        """Whether it brings people together."""
        return TOGETHER_FOR in self.title


@dataclass
class Cohorts:
    """Cohorts of one forum that share a store; each has a playbook of its own, whose steps are given."""

    world: World
    store: str
    reach: ReachSettings = field(default_factory=ReachSettings)
    made: list[CohortSettings] = field(default_factory=list)

    def add(self, steps: Sequence[str], zone: str = "UTC", **reach: Any) -> CohortSettings:
        """Add a cohort that follows these steps."""
        number = next(NUMBERS)
        key = f"reach-{number:04}"
        text = f"playbook: {key}\ntitle: {{en: Reach}}\nversion: 1\nsteps:\n"
        self.world.write_playbook(key, text + "".join(f"  - {{{step}}}\n" for step in steps))
        sessions = [step for step in steps if "play: session" in step]
        with self.world.forum() as forum:
            category = forum.create_category(f"Reach {number:04}", key, {"everyone": 1})
            group = forum.create_group(key, key) if sessions else None
            if group is not None:
                forum.add_members(group.id, list(IDS.values()))
        cohort = CohortSettings(
            key=key, name=f"Reach {number:04}", start=date(2026, 9, 7), end=date(2026, 9, 25), timezone=zone,
            playbook=key, reach=ReachSettings.model_validate(reach),
        )  # fmt: skip
        self.made.append(cohort)
        with closing(open_store(self.store)) as opened:
            memory = MembershipStore(opened.sessions, self.settings.forum.name)
            memory.write_created("category", key, category.id, "sync", MONDAY)
            if group is not None:
                memory.write_created("group", key, group.id, "sync", MONDAY)
                self._all_miss(opened, key, sessions)
        return cohort

    def _all_miss(self, store: Store, key: str, sessions: Sequence[str]) -> None:
        """Have everybody miss these sessions, each announced with a template of the playbook's own."""
        folder = self.world.folder / key / "templates"
        folder.mkdir()
        (folder / "meet.en.md").write_text(MEETING, encoding="utf-8")
        with store.begin() as session:
            for step in sessions:
                name = attended_fact(step.removeprefix("id: ").partition(",")[0])
                for account in IDS.values():
                    set_fact(session, self.settings.forum.name, account, name, False, "a list", MONDAY, cohort=key)

    @property
    def settings(self) -> Settings:
        """The settings of all of them."""
        folders = tuple(self.world.folder / cohort.key for cohort in self.made)
        forum = ForumSettings(url=self.world.url, calls_per_minute=1_000_000)
        return Settings(forum=forum, store=self.store, playbooks=folders, cohorts=tuple(self.made), reach=self.reach)

    def run(self, now: datetime) -> RunReport:
        """Do what is due, as a worker that has just been started does it."""
        self.world.set_clock(now)
        with (
            closing(open_store(self.store)) as store,
            Forum.connect(self.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
        ):
            playbooks = playbooks_of(self.settings, PLAYS)
            return run_due(forum, store, self.settings, playbooks, now, plays=PLAYS)

    def choose_no_nudges(self, learner: str, now: datetime) -> None:
        """Let a learner choose not to be written to."""
        self.choose(learner, now, nudges=False)

    def choose(self, learner: str, now: datetime, **choices: bool) -> None:
        """Let a learner choose: `nudges`, `pairing`; what they chose before stays."""
        with closing(open_store(self.store)) as store, store.begin() as session:
            forum = self.settings.forum.name
            session.merge(ChoiceRow(forum=forum, user_id=IDS[learner], username=learner, at=now, **choices))

    def approve(self) -> None:
        """Approve all drafts that wait."""
        with closing(open_store(self.store)) as store, store.begin() as session:
            for row in session.scalars(select(DraftRow).where(DraftRow.state == "pending")):
                row.state = "approved"

    def entries(self) -> list[LedgerRow]:
        """The ledger."""
        with closing(open_store(self.store)) as store, store.begin() as session:
            return list(session.scalars(select(LedgerRow).order_by(LedgerRow.slot, LedgerRow.key)))

    def received(self) -> list[tuple[CohortSettings, str, datetime]]:
        """What the forum has of these cohorts, in the order in which it came: cohort, learner, moment."""
        return [(one.cohort, one.learner, one.at) for one in self.messages()]

    def messages(self) -> list[Message]:
        """What the forum has of these cohorts, once for each learner, in the order in which it came."""
        names = {cohort.name: cohort for cohort in self.made}
        learners = {number: name for name, number in IDS.items()}
        with self.world.app.extensions["forum"].database.session() as session:
            rows = session.execute(
                select(Topic.id, Topic.title, Topic.created_at, TopicAllowedUser.user_id)
                .join(TopicAllowedUser, TopicAllowedUser.topic_id == Topic.id)
                .where(Topic.archetype == "private_message")
                .order_by(Topic.id)
            ).all()
        return [
            Message(topic, title, names[title.partition(":")[0]], learners[number], at.replace(tzinfo=UTC))
            for topic, title, at, number in rows
            if number in learners and title.partition(":")[0] in names
        ]


@pytest.fixture(scope="module", autouse=True)
def _learners(world: World) -> None:
    world.set_clock(MONDAY)
    for name in NAMES:
        if name not in IDS:
            with world.forum() as forum:
                found = forum.user(name)
            if found is None:
                world.add_user(name)
                with world.forum() as forum:
                    found = forum.user(name)
            assert found is not None
            IDS[name] = found.id


@pytest.fixture(params=["sqlite", "postgres"])
def cohorts(request: pytest.FixtureRequest, world: World) -> Cohorts:
    """Cohorts on a store of each kind that is at hand."""
    address = f"sqlite:///{world.folder / f'reach-{next(NUMBERS)}.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_url")
    return Cohorts(world, address)


def at(days: int, clock: str) -> datetime:
    return datetime.combine(MONDAY.date() + timedelta(days=days), time.fromisoformat(clock), UTC)


def states(cohorts: Cohorts) -> dict[str, tuple[str, str]]:
    """State and reason of the entries, by step."""
    return {row.step: (row.state, row.reason) for row in cohorts.entries()}


def test_what_falls_into_quiet_hours_goes_out_when_they_end(cohorts: Cohorts) -> None:
    cohorts.add(["id: late, at: start 21:00, play: nudge"])
    report = cohorts.run(at(0, "21:00"))
    assert [deed.state for deed in report.deeds] == ["later"]
    reason = "Nobody is written to at this hour. It goes out on Tuesday 8\u00a0September at 07:30 at the earliest."
    assert states(cohorts)["late"] == ("intended", reason)
    assert report.failures == []
    waiting = cohorts.run(at(1, "07:29"))
    assert (waiting.calls, waiting.deeds, cohorts.received()) == (0, [], [])
    cohorts.run(at(1, "07:30"))
    cohorts.run(at(1, "08:30"))
    assert [moment for _, _, moment in cohorts.received()] == [at(1, "07:30")]


def test_a_message_that_waited_and_then_fails_is_tried_again_as_soon_as_any_other(cohorts: Cohorts) -> None:
    cohorts.add(["id: late, at: start 21:00, play: nudge"])
    cohorts.run(at(0, "21:00"))
    send = requests.Session.send

    def lose(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if request.method == "POST":
            raise requests.ConnectionError("the connection broke")
        return send(session, request, **more)

    with patch.object(requests.Session, "send", lose):
        cohorts.run(at(1, "07:30"))
    assert cohorts.received() == []
    cohorts.run(at(1, "07:31"))
    assert [moment for _, _, moment in cohorts.received()] == [at(1, "07:31")]


def test_what_would_come_too_late_is_left_out_with_a_reason(cohorts: Cohorts) -> None:
    cohorts.add(["id: late, at: start 21:00, play: nudge, catch_up: 2h"])
    cohorts.run(at(0, "21:00"))
    state, reason = states(cohorts)["late"]
    assert state == "skipped"
    assert reason.endswith("It could only go out on Tuesday 8\u00a0September at 07:30, when it would come too late.")
    cohorts.run(at(1, "09:00"))
    assert cohorts.received() == []


def test_one_message_a_day_and_three_a_week_from_all_cohorts_together(cohorts: Cohorts) -> None:
    daily = "id: daily, every: monday 09:00, play: nudge, until: start +1d, catch_up: 20d"
    for _ in range(5):
        cohorts.add([daily])
    for day in range(10):
        for hour in ("09:00", "12:00"):
            cohorts.run(at(day, hour))
    days = [(moment.date() - MONDAY.date()).days for _, _, moment in cohorts.received()]
    assert days == [0, 1, 2, 7, 8]


def test_the_most_urgent_goes_first_whichever_cohort_comes_first(cohorts: Cohorts) -> None:
    cohorts.add(["id: idle, at: start 09:00, play: nudge, catch_up: 3h"])
    cohorts.add(["id: urgent, at: start 09:00, play: nudge, with: {precedence: 2}, catch_up: 3h"])
    cohorts.run(at(0, "09:00"))
    assert [cohort.key for cohort, _, _ in cohorts.received()] == [cohorts.made[1].key]
    assert states(cohorts)["idle"][0] == "skipped"


def test_a_message_that_waits_goes_before_a_less_urgent_one_that_has_come(cohorts: Cohorts) -> None:
    cohorts.add(["id: urgent, at: start 21:00, play: nudge, with: {precedence: 2}"])
    cohorts.add(["id: idle, at: start +1d 08:00, play: nudge, catch_up: 3h"])
    cohorts.run(at(0, "21:00"))
    cohorts.run(at(1, "08:00"))
    assert {step: state for step, (state, _) in states(cohorts).items()} == {"urgent": "done", "idle": "skipped"}


def test_no_nudges_holds_from_the_moment_at_which_it_was_chosen(cohorts: Cohorts) -> None:
    cohorts.add(["id: late, at: start 21:00, play: nudge, with: {to: [ines, zoe]}"])
    cohorts.run(at(0, "21:00"))
    cohorts.choose_no_nudges("ines", at(0, "22:00"))
    cohorts.run(at(1, "08:00"))
    assert [learner for _, learner, _ in cohorts.received()] == ["zoe"]
    reasons = {row.part: row.reason for row in cohorts.entries()}
    assert reasons["ines"] == "The learner has asked for no such messages."


def test_an_approved_draft_waits_too_and_is_of_use_from_the_approval_on(cohorts: Cohorts) -> None:
    cohorts.add(["id: ask, at: start 09:00, play: nudge, approval: lcm, catch_up: 12h"])
    cohorts.run(at(0, "09:00"))
    cohorts.approve()
    cohorts.run(at(2, "21:00"))
    assert states(cohorts)["ask"][0] == "intended"
    cohorts.run(at(3, "08:00"))
    assert [moment for _, _, moment in cohorts.received()] == [at(3, "08:00")]


def test_what_is_left_out_after_an_approval_is_said_on_the_draft(cohorts: Cohorts) -> None:
    cohorts.add(["id: ask, at: start 09:00, play: nudge, approval: lcm"])
    cohorts.run(at(0, "09:00"))
    cohorts.choose_no_nudges("ines", at(0, "10:00"))
    cohorts.approve()
    cohorts.run(at(0, "11:00"))
    with closing(open_store(cohorts.store)) as store, store.begin() as session:
        (draft,) = session.scalars(select(DraftRow))
    assert (draft.state, draft.decision_reason) == ("withdrawn", "The learner has asked for no such messages.")


def test_an_answer_to_what_a_learner_did_goes_out_at_any_time_and_does_not_count(cohorts: Cohorts) -> None:
    cohorts.add(
        [
            "id: thanks, at: start 21:00, play: nudge, with: {answers: true}",
            "id: nudge, at: start +1d 09:00, play: nudge",
        ],
        per_week=1,
    )
    cohorts.choose_no_nudges("zoe", at(0, "10:00"))
    cohorts.run(at(0, "21:00"))
    cohorts.run(at(1, "09:00"))
    assert [moment for _, _, moment in cohorts.received()] == [at(0, "21:00"), at(1, "09:00")]


def test_a_learner_whose_account_is_gone_or_suspended_is_not_written_to(cohorts: Cohorts) -> None:
    cohorts.add(["id: nudge, at: start 09:00, play: nudge"])
    gone, IDS["ines"] = IDS["ines"], 987_654
    try:
        cohorts.run(at(0, "09:00"))
    finally:
        IDS["ines"] = gone
    assert states(cohorts)["nudge"] == ("skipped", "The learner’s account is gone, suspended or silenced.")


def test_a_clock_that_was_ahead_loses_nothing_and_sends_nothing_early(cohorts: Cohorts) -> None:
    cohorts.add(["id: late, at: start 21:00, play: nudge"])
    cohorts.run(at(0, "21:00"))  # waits until Tuesday
    with closing(open_store(cohorts.store)) as store, store.begin() as session:
        for row in session.scalars(select(LedgerRow)):  # as a worker wrote it whose clock was a year ahead
            row.updated_at, row.not_before = at(365, "21:00"), at(366, "07:30")
    cohorts.run(at(0, "23:00"))
    assert cohorts.received() == []
    cohorts.run(at(1, "09:00"))
    assert [moment for _, _, moment in cohorts.received()] == [at(1, "09:00")]


TALK = "id: talk, at: start 09:00, play: talk"


def test_a_message_to_two_counts_for_each_of_them(cohorts: Cohorts) -> None:
    cohorts.add([f"{TALK}, with: {{to: [ines, tomas]}}"])
    cohorts.add(["id: nudge, at: start 12:00, play: nudge, with: {to: [ines, tomas, zoe]}, catch_up: 3d"])
    for hour in ("09:00", "12:00"):
        cohorts.run(at(0, hour))
    assert [(one.learner, one.together) for one in cohorts.messages()] == [
        ("ines", True),
        ("tomas", True),
        ("zoe", False),
    ]
    cohorts.run(at(1, "08:00"))
    assert [one.learner for one in cohorts.messages()[3:]] == ["ines", "tomas"]


def test_a_message_to_two_waits_until_both_may_get_it(cohorts: Cohorts) -> None:
    cohorts.add(["id: nudge, at: start 08:00, play: nudge, with: {to: [tomas]}"])
    cohorts.add([f"{TALK}, with: {{to: [ines, tomas]}}, catch_up: 1h"])  # of use until the date that it names
    cohorts.run(at(0, "08:00"))
    cohorts.run(at(0, "09:00"))
    reason = (
        "One of them has had as many messages today as one may get in a day."
        " It goes out on Tuesday 8\u00a0September at 07:30 at the earliest."
    )
    assert states(cohorts)["talk"] == ("intended", reason)
    waiting = cohorts.run(at(1, "07:29"))
    assert (waiting.calls, waiting.deeds) == (0, [])
    cohorts.run(at(1, "07:30"))
    assert [(one.learner, one.at) for one in cohorts.messages() if one.together] == [
        ("ines", at(1, "07:30")),
        ("tomas", at(1, "07:30")),
    ]


def test_a_message_to_two_that_one_of_them_may_not_get_in_time_goes_to_neither_and_the_lcm_reads_why(
    cohorts: Cohorts,
) -> None:
    cohorts.add(["id: nudge, at: start 08:00, play: nudge, with: {to: [tomas]}"], per_week=1)
    cohorts.add([f"{TALK}, approval: lcm, with: {{to: [ines, tomas], days: 3}}"], per_week=1)
    cohorts.run(at(0, "09:00"))
    cohorts.approve()
    cohorts.run(at(0, "10:00"))
    reason = (
        "One of them has had as many messages this week as one may get in a week."
        " It could only go out on Monday 14\u00a0September at 07:30, when it would come too late."
    )
    assert states(cohorts)["talk"] == ("skipped", reason)
    with closing(open_store(cohorts.store)) as store, store.begin() as session:
        (draft,) = session.scalars(select(DraftRow))
    assert (draft.state, draft.decision_reason) == ("withdrawn", reason)
    cohorts.run(at(7, "09:00"))
    assert [one.learner for one in cohorts.messages()] == ["tomas"]


def test_no_partners_ends_messages_to_several_and_no_nudges_does_not(cohorts: Cohorts) -> None:
    late = "at: start 21:00, play: talk"
    cohorts.add([f"id: one, {late}, with: {{to: [ines, tomas]}}", f"id: two, {late}, with: {{to: [zoe, tomas]}}"])
    cohorts.run(at(0, "21:00"))
    cohorts.choose("ines", at(0, "22:00"), pairing=False)
    cohorts.choose("zoe", at(0, "22:00"), nudges=False)
    cohorts.run(at(1, "08:00"))
    assert [one.learner for one in cohorts.messages()] == ["tomas", "zoe"]
    assert states(cohorts)["one"] == ("skipped", "One of the people does not want to be brought together with others.")


@pytest.mark.slow
def test_killed_at_any_moment_each_message_goes_out_once_and_the_cap_holds(world: World) -> None:
    counting = Reaper()

    def live(reaper: Reaper) -> None:
        cohorts = Cohorts(world, f"sqlite:///{world.folder / f'reach-{next(NUMBERS)}.db'}")
        cohorts.add(["id: nudge, at: start 09:00, play: nudge, with: {to: [ines, tomas]}, catch_up: 10d"])
        cohorts.add(["id: talk, at: start 09:00, play: talk, with: {to: [ines, tomas], days: 10}"])
        try:
            with reaper.at_work():
                cohorts.run(at(0, "09:00"))
        except Killed:
            pass
        for day in range(3):
            cohorts.run(at(day, "09:01"))
        days: dict[str, list[date]] = {}
        for _, learner, sent in cohorts.received():
            days.setdefault(learner, []).append(sent.date())
        assert {name: len(found) for name, found in days.items()} == {"ines": 2, "tomas": 2}, reaper.moments
        assert all(len(set(found)) == 2 for found in days.values()), reaper.moments
        assert all(row.state == "done" for row in cohorts.entries()), reaper.moments

    live(counting)
    assert counting.count > 20
    for [dying] in deadly_lives([counting]):
        live(dying)


def test_workers_that_race_on_one_store_never_use_the_same_place_twice(cohorts: Cohorts) -> None:
    cohort = cohorts.add(["id: nudge, at: start 09:00, play: nudge"], per_day=2, per_week=2)
    now = at(0, "09:00")
    with closing(open_store(cohorts.store)) as store, cohorts.world.forum() as forum:
        playbooks = playbooks_of(cohorts.settings, PLAYS)
        writer = WorkerWriter(forum, store, cohorts.settings, playbooks, PLAYS, now)
        from sync_worker.config.load import complete_cohort
        from sync_worker.model import Occurrence

        message = Draft(DraftKind.MESSAGE, "How is it going with it?", "", recipients=("ines",), title="How is it?")
        drafts = [replace(message, part=str(number), to_learner=IDS["ines"]) for number in range(4)]
        pair = replace(message, refs=(TOGETHER,))
        for number, other in enumerate(("tomas", "zoe", "tomas", "zoe"), 4):  # who comes first differs
            people = (IDS["ines"], IDS[other]) if number < 6 else (IDS[other], IDS["ines"])
            drafts.append(replace(pair, part=str(number), about_users=people))
        occurrence = Occurrence(complete_cohort(cohort), cohort.key, "nudge", now)
        entries = build_entries(Place(forum.name, 1, "nudge"), occurrence, drafts, "", now)
        assert Publisher(forum, store, now, writer).claim(entries)
        gate, barrier = Gate(forum, store, now, writer), threading.Barrier(len(entries.ledger))

        def ask(row: LedgerRow) -> bool:
            barrier.wait()
            return gate.last_word(row, message_of(row))[1] is None

        def message_of(row: LedgerRow) -> Draft:
            return next(one for one in drafts if one.part == row.part)

        with ThreadPoolExecutor(len(entries.ledger)) as pool:
            assert sum(pool.map(ask, entries.ledger)) == 2


# Whatever playbooks say.

clock_times = st.times().map(lambda moment: f"{moment.hour:02}:{moment.minute // 15 * 15:02}")
days = st.sampled_from(("monday", "wednesday", "friday", "saturday"))
plays = st.fixed_dictionaries(
    {
        "to": st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(sorted),
        "precedence": st.integers(0, 2),
    }
)
moments_of_steps = st.one_of(
    st.builds("at: start +{}d {}".format, st.integers(0, 12), clock_times),
    st.builds("every: {} {}".format, days, clock_times),
)
tolerance = st.sampled_from(("", ", catch_up: 1h", ", catch_up: all 5d", ", catch_up: skip", ", catch_up: 14d"))
approvals = st.sampled_from(("none", "lcm"))
nudges = st.builds(
    lambda moment, options, late, approval: (
        f"{moment}, play: nudge, approval: {approval}, "
        f"with: {{to: [{', '.join(options['to'])}], precedence: {options['precedence']}}}{late}"
    ),
    moments_of_steps, plays, tolerance, approvals,
)  # fmt: skip
sessions = st.builds(
    (
        "at: start +{}d {}, play: session, approval: {}, "
        "with: {{template: meet, announce: 3d, remind: [2h], missed: {}d}}{}"
    ).format,
    st.integers(0, 10), clock_times, approvals, st.integers(1, 3), tolerance,
)  # fmt: skip
talks = st.builds(
    lambda moment, people, length, late, approval: (
        f"{moment}, play: talk, approval: {approval}, with: {{to: [{', '.join(people)}], days: {length}}}{late}"
    ),
    moments_of_steps,
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True).map(sorted),
    st.integers(1, 9), tolerance, approvals,
)  # fmt: skip
steps = st.one_of(nudges, nudges, talks, talks, sessions)
reach_of_cohorts = st.fixed_dictionaries(
    {},
    optional={
        "per_day": st.sampled_from((None, 0, 1, 2)),
        "per_week": st.sampled_from((None, 1, 2, 4)),
        "quiet": st.sampled_from(("none", "20:00-07:30", "12:00-13:00", "07:00-21:00")),
        "weekend": st.booleans(),
    },
)
plans = st.lists(
    st.tuples(st.lists(steps, min_size=1, max_size=4), st.sampled_from(ZONES), reach_of_cohorts),
    min_size=1,
    max_size=3,
)
# Hours until the next run: usually forwards, now and then by a lot, or back.
ticks = st.lists(st.sampled_from((0, 1, 3, 6, 7, 11, 24, 30, 72, -2, -26)), min_size=4, max_size=14)
choices = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(("nudges", "pairing"))), st.integers(0, 10), max_size=3
)


def rules_of(reach: ReachSettings) -> tuple[int | None, int | None, Any, bool]:
    return reach.per_day, reach.per_week, reach.quiet, reach.weekend


def check(cohorts: Cohorts, refused: dict[tuple[str, str], int]) -> None:
    """Hold what the forum has against the rules: caps on every clock, quiet hours, choices, nobody left alone."""
    messages = cohorts.messages()
    seen: dict[str, list[tuple[CohortSettings, datetime]]] = {}
    for number, message in enumerate(messages):
        cohort, learner, moment = message.cohort, message.learner, message.at
        per_day, per_week, quiet, weekend = rules_of(cohorts.reach.with_changes(cohort.reach))
        local = moment.astimezone(ZoneInfo(cohort.timezone))
        assert weekend or local.isoweekday() < 6, (cohort, local)
        if quiet is not None:
            start, end = quiet
            clock = local.time()
            inside = start <= clock < end if start < end else not end <= clock < start
            assert not inside, (cohort, local)
        got = [*seen.get(learner, ()), (cohort, moment)]
        for zone in {ZoneInfo(one.timezone) for one, _ in got}:
            here = moment.astimezone(zone)
            others = [other.astimezone(zone) for _, other in got]
            assert per_day is None or sum(other.date() == here.date() for other in others) <= per_day
            week = here.isocalendar()[:2]
            assert per_week is None or sum(other.isocalendar()[:2] == week for other in others) <= per_week
        seen[learner] = got
        choice = "pairing" if message.together else "nudges"
        assert number < refused.get((learner, choice), len(messages)), f"{learner} was written to after opting out"
        if message.together:
            got_it = {one.learner for one in messages if one.topic == message.topic}
            assert got_it == set(message.title.partition(TOGETHER_FOR)[2].split(", ")), "a pair was split"


@given(plans, reach_of_cohorts, ticks, choices, st.data())
@settings(
    max_examples=examples(25, 400), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_playbooks_say_no_learner_gets_more_than_the_caps_allow_or_at_a_wrong_time(
    world: World, plan: Any, general: Any, hours: list[int], chosen: dict[tuple[str, str], int], data: st.DataObject
) -> None:
    address = f"sqlite:///{world.folder / f'reach-{next(NUMBERS)}.db'}"
    cohorts = Cohorts(world, address, ReachSettings.model_validate(general))
    for number, (written, zone, reach) in enumerate(plan):
        cohorts.add([f"id: step-{number}-{place}, {step}" for place, step in enumerate(written)], zone, **reach)
    now, refused = at(0, "06:00"), dict[tuple[str, str], int]()
    for tick, step in enumerate(hours):
        now += timedelta(hours=step)
        for (learner, choice), when in chosen.items():
            if when == tick:
                cohorts.choose(learner, now, **{choice: False})
                refused[learner, choice] = len(cohorts.messages())
        if data.draw(st.booleans(), label="an LCM approves"):
            cohorts.approve()
        cohorts.run(now)
    check(cohorts, refused)


def test_after_a_session_nobody_is_written_to_against_the_rules(cohorts: Cohorts) -> None:
    """The message passes the same gate: it waits in quiet hours, one a day from all cohorts, none after opting out."""
    meeting = (
        "id: meet, at: start +1d 21:00, play: session, approval: none, with: {template: meet, announce: 1d, remind: 2h}"
    )
    for _ in range(2):
        cohorts.add([meeting])
    cohorts.run(at(0, "21:00"))
    cohorts.run(at(2, "21:00"))
    assert cohorts.received() == []
    cohorts.choose_no_nudges("ines", at(2, "22:00"))
    for day in (3, 4, 7):
        cohorts.run(at(day, "08:00"))
    assert sorted((learner, moment) for _, learner, moment in cohorts.received()) == [
        ("tomas", at(3, "08:00")),
        ("tomas", at(4, "08:00")),
        ("zoe", at(3, "08:00")),
        ("zoe", at(4, "08:00")),
    ]
