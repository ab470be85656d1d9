"""A cohort of forty is looked after as an attentive LCM would: six weeks, lived once, with people planted in it.

`RECEIVED` says of each of them, day by day, what reached them alone; whatever is not in it must not have happened. All
plays of the cohort that write to individual people are in one playbook, each run is a worker that was just started,
and every message is decided on by the LCM or passes the gate by itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sync_worker.activity.participation import dismiss
from sync_worker.config.load import complete_cohort
from sync_worker.config.mail import MailSettings
from sync_worker.config.options import DaysOffSettings
from sync_worker.model import Reach
from sync_worker.model.drafts import is_quiet
from sync_worker.plays.nudge import NUDGE
from sync_worker.plays.session import attended_fact
from sync_worker.signals.needs_hand import Sign
from sync_worker.store.facts import set_fact
from sync_worker.store.mails import UNSUBSCRIBED, stop
from sync_worker.store.tables import ChoiceRow, DraftRow, LedgerRow
from sync_worker.worker.taking_part import Learner, taking_part
from tests.mail.smtp_server import smtp_server
from tests.worker.story_site import StorySite, day
from tests.worker.topics_site import TopicsSite, follow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.app import ForumServer

STEPS = """\
  - {id: weekly, every: monday 09:00, play: prompt, with: {deck: apply-it}}
  - {id: plan, at: start 09:00, play: commitment, approval: none, with: {later: 60d}}
  - {id: talk, at: start +8d 10:00, play: pair, approval: none, with: {question_deck: in-pairs}}
  - {id: meet, at: start +14d 16:00, play: session, approval: none, with: {template: session, remind: [], missed: 1d}}
  - {id: meet-2, at: start +15d 16:00, play: session, approval: none, with: {template: session, remind: [], missed: 1d}}
  - {id: new, at: start +16d 10:00, play: introductions, approval: none, with: {question_deck: in-pairs}}
  - {id: quiet, every: thursday 10:00, play: nudge}
  - {id: over, every: friday 10:00, play: hand_over}
  - {id: bosses, at: start +10d 10:00, play: brief_manager, approval: none, with: {moment: before}}
  - {id: bosses-2, at: start +24d 10:00, play: brief_manager, approval: none, with: {moment: during}}
  - {id: bosses-3, at: start +38d 10:00, play: brief_manager, approval: none, with: {moment: after}}
"""
APPROVED = 15  # o'clock
ALONE = {"lou": (2, 12, 22, 32), "dora": (15, 16, 16, 17, 26, 37), "leo": (2,), "dan": (17,)}
SEEN = ((18, 10), (32, 10))
NUMBERS = count(1)
OFF = (date(2027, 3, 8), date(2027, 3, 9))
PLANTED = ("nora", "dan", "leo", "lou", "dora", "ovid", "otto", "bea", "dina", "newt")
TALKERS = ("ana", "ben", *(f"p{number:02}" for number in range(1, 29)))
RUNS = (
    (1, 9), (9, 10), (11, 10), (15, 16), (16, 16), (17, 16), (18, 10), (18, 15), (18, 21), (19, 10), (22, 10), (25, 10),
    (25, 15), (32, 10), (32, 15), (39, 10), (39, 15), (40, 10),
)  # fmt: skip
RECEIVED: Mapping[str, tuple[tuple[int, str], ...]] = {
    # Silent from the start: written to after ten working days (two were days off), once more, then handed over.
    "nora": ((18, "quiet"), (32, "quiet")),
    # Wrote a lot and dropped off on day 17: the same, from there on.
    "dan": ((32, "quiet"),),
    # On leave from day 8 to 26: these days are no silence.
    "leo": ((39, "quiet"),),
    # Lonely: writes, and nobody answers. That is no silence; she was brought together with somebody.
    "lou": (),
    # Drowns in questions of her own that nobody answers: the LCM sees it; no message tells her to write more.
    "dora": (),
    # Already got what one week allows: the nudge of that Thursday is left out, and drafted anew a week later.
    "ovid": ((16, "meet"), (17, "meet-2"), (18, "plan"), (25, "quiet"), (39, "quiet")),
    # Opted out: nothing, although silent and missed in both sessions.
    "otto": (),
    # Comes back between draft and sending, and stays.
    "bea": (),
    # The LCM put the sign aside until day 26, with a reason.
    "dina": ((32, "quiet"),),
    # Came on day 16: introduced to somebody, and too new to be silent.
    "newt": (),
}


BOSS, GONE, BACK = "boss@example.org", "gone@example.org", "back@example.org"
MANAGED = {"nora": "", "newt": "", "lou": GONE, "dan": BACK}  # all others by BOSS
BOUNCED = 12  # on this day the LCM finds in her mailbox that the mail to BACK came back, and ends the mails there
MAILED: Mapping[str, tuple[tuple[int, str], ...]] = {
    BOSS: ((11, "bosses"), (25, "bosses-2"), (39, "bosses-3")),
    # Nobody is there: the mail server says so once, the LCM hears it, and no mail is tried there again.
    GONE: ((11, "bosses"),),
    # The mail came back days later: the LCM ended these mails.
    BACK: ((11, "bosses"),),
}
HEARD = (
    # The LCM hears of each manager who cannot be reached once: nora's, who is not known, and lou's, who is not there;
    # of newt's when the next mails go out.
    (11, "bosses", "A mail could not be delivered"),
    (11, "bosses", "Cohort forty: managers I cannot write to"),
    (25, "bosses-2", "Cohort forty: managers I cannot write to"),
)


@dataclass
class Lived:
    """What the six weeks left behind, and how long the machine had to work for it."""

    site: TopicsSite
    people: dict[str, int]
    ledger: list[LedgerRow] = field(default_factory=list)
    drafts: list[DraftRow] = field(default_factory=list)
    needs: dict[int, dict[str, set[Sign]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    cpu: float = 0.0

    def name(self, number: int | None) -> str:
        """The first name of an account."""
        return next((name for name, one in self.people.items() if one == number), "?")

    def sent(self) -> list[tuple[str, datetime, LedgerRow]]:
        """Each message that reached one learner alone: to whom, when."""
        return [(self.name(row.to_learner), row.sent_at, row) for row in self.ledger if row.sent_at and row.to_learner]

    def received(self, name: str) -> tuple[tuple[int, str], ...]:
        """The days on which somebody got a message alone, and of which step."""
        return tuple(sorted((_day_of(at), row.step) for who, at, row in self.sent() if who == name))

    def together_with(self, name: str) -> list[str]:
        """Whom somebody was brought together with."""
        number = self.people[name]
        found = [
            row.payload["about_users"] for row in self.ledger if row.step in {"talk", "new"} and row.state == "done"
        ]
        return sorted(self.name(one) for group in found if number in group for one in group if one != number)


def _day_of(moment: datetime) -> int:
    return (moment - day(1, 0)).days + 1


@pytest.fixture(scope="module")
def lived(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    began = time.process_time()
    off = DaysOffSettings(days=OFF)
    site = follow(story_server, tmp_path_factory.mktemp("forty"), "forty", STEPS, days_off=off)
    site.set_clock(day(0))
    life = Lived(site, site.join(*(name for name in (*PLANTED, *TALKERS) if name not in {"ana", "ben", "newt"})))
    said_before(life)
    with smtp_server() as box:
        box.nobody = frozenset({GONE})
        server = {"host": "127.0.0.1", "port": box.port, "security": "none", "from": "Lea <lcm@example.org>"}
        site.settings = site.settings.model_copy(update={"mail": MailSettings.model_validate(server)})
        for number in range(1, RUNS[-1][0] + 1):
            live(life, number)
            for _, hour in (one for one in RUNS if one[0] == number):
                if hour == APPROVED:
                    site.approve()
                report = StorySite.run(site, day(number, hour))
                assert all("there is nobody of this name" in one for one in report.failures), report.failures
                after(life, number, hour)
        life.asked = box.asked
    with site.store() as store, store.begin() as session:
        life.ledger = list(session.scalars(select(LedgerRow).order_by(LedgerRow.created_at, LedgerRow.key)))
        life.drafts = list(session.scalars(select(DraftRow)))
        session.expunge_all()
    life.cpu = time.process_time() - began
    return life


def said_before(life: Lived) -> None:
    """What is known beside the posts: a leave, an opt-out, a sign put aside, who missed the sessions."""
    forum, people = life.site.settings.forum.name, life.people

    def known(session: Session, name: str, fact: str, value: date | bool) -> None:
        set_fact(session, forum, people[name], fact, value, "a list", day(1, 0), cohort="forty")

    with life.site.store() as store, store.begin() as session:
        known(session, "leo", "away_from", date(2027, 3, 8))
        known(session, "leo", "away_until", date(2027, 3, 26))
        for name in ("ovid", "otto"):
            known(session, name, attended_fact("meet"), value=False)
            known(session, name, attended_fact("meet-2"), value=False)
        for name in life.people:
            if boss := MANAGED.get(name, BOSS):
                set_fact(session, forum, people[name], "manager_email", boss, "managers", day(1, 0), cohort="forty")
        session.add(ChoiceRow(forum=forum, user_id=people["otto"], username="otto_forty", nudges=False, at=day(0)))
        dismiss(session, forum, "forty", people["dina"], "on a project", "lea", day(1, 0), day(27, 0))


def live(life: Lived, number: int) -> None:
    """What people do on a day, before the worker runs."""
    site = life.site
    if number % 7 == 2:  # on Tuesdays those talk who talk
        topic, post = opened(life, "ben", f"What week {number // 7} was like", number), 1
        for name in (*TALKERS, *(("bea", "newt") if number > 18 else ())):
            if name != "ben":
                post = answer(life, name, topic, post)
        for hour in (8.2, 8.4, 8.6) if number < 18 else ():
            site.set_clock(day(number, hour))
            answer(life, "dan", topic, 2)
    for name, days in ALONE.items():
        for turn in range(days.count(number)):
            opened(life, name, f"How do you do that, asks {name}", number, 8 + turn / 5)
    if number == 16:
        life.people |= site.join("newt")
    if number == BOUNCED:
        with site.store() as store, store.begin() as session:
            stop(session, site.settings.forum.name, BACK, UNSUBSCRIBED, day(number))


def after(life: Lived, number: int, hour: int) -> None:
    """What people do once the worker has run."""
    if number == 1:
        plan = life.site.topic_id("one thing, one day, one witness")
        life.site.say("ovid_forty", "On 17 March I will ask first. A colleague will hear it.", day(1, 15), plan)
    if (number, hour) == (18, 10):
        opened(life, "bea", "I was away, and am back now", number, 13)
    if (number, hour) in SEEN:
        life.needs[number] = signs(life, day(number, hour))


def answer(life: Lived, name: str, topic: int, post: int) -> int:
    """Let somebody answer the post of this number in a topic, now; return the number of the answer."""
    raw = f"It was no shorter for us, {next(NUMBERS)} calls in the night."
    body = {"topic_id": topic, "raw": raw, "reply_to_post_number": post}
    return int(life.site.call("POST", "/posts.json", f"{name}_forty", json=body)["post_number"])


def opened(life: Lived, name: str, title: str, number: int, hour: float = 8) -> int:
    """Let somebody open a topic; return its id."""
    life.site.set_clock(day(number, hour))
    raw = f"It was a long day for all of us, with {next(NUMBERS)} calls."
    body = {"title": f"{title} ({next(NUMBERS)})", "raw": raw, "category": life.site.category}
    return int(life.site.call("POST", "/posts.json", f"{name}_forty", json=body)["topic_id"])


def signs(life: Lived, now: datetime) -> dict[str, set[Sign]]:
    """Who may need a hand at a moment, as the desk shows it."""
    site = life.site
    with site.forum() as forum:
        members = [one for one in forum.members("forty") if life.name(one.id) not in {"lea", "?"}]
    learners = [Learner(one.id, one.added_at) for one in members]
    with site.store() as store, store.begin() as session:
        cohort = complete_cohort(site.settings.cohorts[0])
        part = taking_part(session, site.settings.forum.name, cohort, (site.category,), learners, None, now)
        return {life.name(number): {need.sign for need in needs} for number, needs in part.needs.items()}


# What must be, and what must not.


@pytest.mark.parametrize("name", PLANTED)
def test_each_of_those_planted_gets_what_the_table_says_and_nothing_else(lived: Lived, name: str) -> None:
    assert lived.received(name) == RECEIVED[name]


@pytest.mark.parametrize("address", MAILED)
def test_managers_get_what_the_table_says_and_nothing_is_tried_again(lived: Lived, address: str) -> None:
    mails = [row for row in lived.ledger if row.action == "mail" and address in row.payload["recipients"][0]]
    assert tuple((_day_of(row.created_at), row.step) for row in mails if row.sent_at) == MAILED[address]
    assert lived.asked.count(address) == len(MAILED[address])


def test_the_lcm_hears_once_of_each_manager_who_cannot_be_reached(lived: Lived) -> None:
    notes = [row for row in lived.ledger if row.step.startswith("bosses") and row.action == "message"]
    heard = [(_day_of(row.created_at), row.step, row.payload["title"]) for row in notes if row.state == "done"]
    assert tuple(sorted(heard)) == HEARD
    about = [[lived.name(one) for one in row.payload["about_users"]] for row in notes]
    assert sorted(one for one in about if one) == [["newt"], ["nora"]]


def test_nobody_else_gets_a_message_alone(lived: Lived) -> None:
    assert {who for who, _, _ in lived.sent()} <= set(RECEIVED)


def test_a_message_to_one_person_alone_always_goes_through_the_gate(lived: Lived) -> None:
    """Every message is for one learner by their account, for people who are brought together, or for the LCMs."""
    for row in lived.ledger:
        if row.action == "message":
            one = row.to_learner is not None and row.payload["about_users"] == [row.to_learner]
            together = len(row.payload["about_users"]) >= 2 and row.step in {"talk", "new"}
            assert one or together or row.payload["recipients"] == ["forty-lcm"], row.step


def test_caps_quiet_hours_and_weekends_hold_over_all_plays_together(lived: Lived) -> None:
    for name in RECEIVED:
        moments = [at for who, at, _ in lived.sent() if who == name]
        assert all(not is_quiet(Reach(), at.astimezone(UTC)) for at in moments)
        days, weeks = [at.date() for at in moments], [at.isocalendar()[:2] for at in moments]
        assert max((days.count(one) for one in days), default=0) <= 1
        assert max((weeks.count(one) for one in weeks), default=0) <= 3


def test_nobody_gets_a_third_message_about_silence_and_the_lcms_hear_of_those_two_once(lived: Lived) -> None:
    nudged = [who for who, _, row in lived.sent() if NUDGE in row.payload["refs"]]
    assert max(nudged.count(name) for name in nudged) == 2
    handed = [row for row in lived.ledger if row.step == "over" and row.state == "done"]
    assert [(row.slot, [lived.name(one) for one in row.payload["about_users"]]) for row in handed] == [
        (day(40, 10), ["nora"])
    ]


def test_who_came_back_before_the_approval_is_not_written_to_and_the_lcm_reads_why(lived: Lived) -> None:
    [draft] = [one for one in lived.drafts if one.body["to_learner"] == lived.people["bea"]]
    assert (draft.state, draft.decision_reason) == ("withdrawn", "The learner has written meanwhile.")


def test_no_draft_is_about_who_opted_out_is_away_or_was_put_aside(lived: Lived) -> None:
    drafted = {(lived.name(one.body["to_learner"]), _day_of(one.created_at)) for one in lived.drafts}
    assert {who for who, _ in drafted} == {"nora", "dan", "leo", "ovid", "bea", "dina"}
    assert {number for who, number in drafted if who == "dina"} == {32}
    assert {number for who, number in drafted if who == "leo"} == {39}


def test_what_the_cap_left_out_is_said_and_not_made_up_for_in_a_burst(lived: Lived) -> None:
    [left_out] = [row for row in lived.ledger if row.state == "skipped" and row.to_learner == lived.people["ovid"]]
    assert (left_out.step, _day_of(left_out.slot)) == ("quiet", 18)
    assert "week" in left_out.reason


def test_the_desk_shows_who_may_need_a_hand_and_why(lived: Lived) -> None:
    early, late = (lived.needs[number] for number, _ in SEEN)
    assert early == {
        "nora": {Sign.NEVER_WROTE},
        "ovid": {Sign.QUIET},
        "otto": {Sign.NEVER_WROTE},
        "bea": {Sign.NEVER_WROTE},
    }
    assert late["dora"] == {Sign.UNANSWERED}
    assert late.keys() == {"nora", "ovid", "otto", "dora", "dan", "dina"}


def test_who_is_connected_to_nobody_meets_somebody_who_is_and_a_newcomer_is_introduced(lived: Lived) -> None:
    for name in ("lou", "newt"):
        assert set(lived.together_with(name)) <= set(TALKERS) | {"dan"}
        assert lived.together_with(name)


def test_the_six_weeks_cost_the_machine_little(lived: Lived) -> None:
    """Forty people, a worker that starts anew 18 times; a bound against growth, with room for a slow machine."""
    assert len(lived.people) - 1 == 40
    assert lived.cpu < 60
