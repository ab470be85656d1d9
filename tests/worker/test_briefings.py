"""Managers get one mail at each moment, over real SMTP: at most once, about the programme, and until they say stop."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from sync_worker.config.load import complete_cohort
from sync_worker.config.mail import MailSettings
from sync_worker.desk.mailbox import Mailbox as DeskMailbox
from sync_worker.desk.waiting import number_all
from sync_worker.mail.delivery import Server
from sync_worker.plays.nudge import HAND_OVER
from sync_worker.publish.mailing import Mailing
from sync_worker.store import mails
from sync_worker.store.facts import facts_of, set_fact
from sync_worker.store.ledger import drafts
from sync_worker.store.tables import DraftRow, LedgerRow, MailStopRow, WaitingRow
from tests.mail.smtp_server import Mailbox, html_of, smtp_server, text_of
from tests.worker.conftest import Killed
from tests.worker.story_site import StorySite, day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from email.message import EmailMessage
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: plan, at: start 09:00, play: commitment, approval: none}
  - {id: first, at: start 10:00, play: brief_manager, approval: none, with: {moment: before}}
  - {id: again, every: friday 10:00, from: start +2d, play: brief_manager, approval: none, with: {moment: during}}
  - {id: morning, every: thursday 08:00, play: morning_note}
"""
BEA, JO = "bea@example.com", "Jo@Example.com"
SECRET_WORDS = "Our ward loses half of the questions"


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    with smtp_server() as box:
        yield box


@pytest.fixture
def box(post: Mailbox) -> Mailbox:
    post.reset()
    return post


@pytest.fixture(scope="module")
def make(
    story_server: ForumServer, post: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("briefings"), count(1)

    def new(steps: str = STEPS, locale: str = "en", **mail: Any) -> TopicsSite:
        site = begin(story_server, folder, f"brief{next(numbers):03}", steps, locale=locale)
        fields = {"host": "127.0.0.1", "port": post.port, "security": "none", "from": "Lea <lcm@example.org>"}
        settings = MailSettings.model_validate({**fields, "reply_to": "lea@example.org", **mail})
        site.settings = site.settings.model_copy(update={"mail": settings})
        report_to(site, ana=f"{BEA}; {JO}", ben=BEA)
        know(site, "ben", "manager_name", "Bea Boss")
        know(site, "ana", "manager_name", "Bea Boss; Jo")
        return site

    return new


def know(site: TopicsSite, name: str, fact: str, value: str) -> None:
    number = site.join()[name]
    with site.store() as store, store.begin() as session:
        set_fact(session, site.settings.forum.name, number, fact, value, "roster", day(0), cohort=site.key)


def report_to(site: TopicsSite, **managers: str) -> None:
    for name, written in managers.items():
        know(site, name, "manager_email", written)


def entries(site: TopicsSite) -> list[LedgerRow]:
    with site.store() as store, store.begin() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.action == "mail").order_by(LedgerRow.key)).all()
        session.expunge_all()
        return list(rows)


def to(box: Mailbox, address: str) -> list[EmailMessage]:
    return [mail for mail in box.mails if address.casefold() in str(mail["To"]).casefold()]


def run_with_failures(site: TopicsSite, now: datetime) -> None:
    """Do what is due, where not everything works."""
    StorySite.run(site, now)


def codes_in(mail: EmailMessage) -> dict[str, str]:
    """The sealed words of a mail, by what they say."""
    found = re.findall(r"lcm-[a-z0-9-]+\.(yes|not-yet|talk|stop)\.[a-z2-7]{16}", unquote(html_of(mail)))
    whole = re.findall(r"lcm-[a-z0-9-]+\.(?:yes|not-yet|talk|stop)\.[a-z2-7]{16}", unquote(html_of(mail)))
    return dict(zip(found, whole, strict=True))


def choose(site: TopicsSite, code: str, now: datetime) -> mails.Taken | None:
    forum = site.settings.forum.name
    with site.store() as store, store.begin() as session:
        chosen = mails.unsealed(mails.mail_secret(session, forum), f"Re: Yes ({code})")
        return mails.take(session, forum, chosen, "lcm", now) if chosen else None


def test_each_manager_gets_one_mail_about_all_learners_of_theirs(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make()
    site.run(day(1, 10))
    site.run(day(1, 11))
    assert sorted(box.recipients) == [JO, BEA]
    [mail] = to(box, BEA)
    assert str(mail["To"]) == f"Bea Boss <{BEA}>"
    assert "Ana and Ben" in mail["Subject"]
    assert "Ana and Ben take part" in text_of(mail)
    assert text_of(mail).startswith("Hello Bea Boss,\n\nFrom Monday 1\u00a0March to")
    assert "Ana takes part" in text_of(to(box, JO)[0])
    assert "Ben" not in text_of(to(box, JO)[0])
    assert str(mail["Reply-To"]) == "lea@example.org"
    assert "lcm:" not in html_of(mail)
    assert codes_in(mail).keys() == {"yes", "not-yet", "talk", "stop"}
    assert {(row.state, row.to_learner) for row in entries(site)} == {("done", None)}


def test_a_mail_holds_nothing_of_how_somebody_takes_part(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make()
    site.run(day(1, 10))
    site.set_clock(day(2, 9))
    body = {
        "title": f"What we lose at night {site.key}",
        "raw": f"{SECRET_WORDS}. Who else?",
        "category": site.category,
    }
    site.call("POST", "/posts.json", site.learner, json=body)
    for number in (3, 5, 8, 12):
        site.run(day(number, 10))
    assert len(to(box, JO)) == 3
    for mail in box.mails:
        shown = f"{mail['Subject']} {text_of(mail)} {html_of(mail)}"
        assert SECRET_WORDS not in shown
        assert "What we lose" not in shown
        assert re.findall(r"\b\d+ (?:posts?|replies|likes|days)\b|risk|silent|quiet", text_of(mail)) == []
        others = {"Cleo", "Lea"} | ({"Ben"} if JO.casefold() in str(mail["To"]).casefold() else set())
        assert not any(name in text_of(mail).replace("Lea", "", 1) for name in others - {"Lea"})


def test_a_plan_is_shown_only_while_its_author_says_that_the_manager_may_read_it(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make()
    site.run(day(1, 10))
    topic = site.topic_id("one thing, one day, one witness")
    plan = "When the late shift comes on Saturday, I will ask first. Ben will hear it."
    own = site.say(site.learner, f"{plan} My manager may read this.", day(2, 9), topic)
    site.say(f"ben_{site.key}", "When the early shift goes on Saturday, I will listen first.", day(2, 10), topic)
    site.run(day(3, 9))
    site.run(day(5, 10))
    said = text_of(to(box, BEA)[-1])
    assert "> When the late shift comes on Saturday, I will ask first." in said
    assert "early shift" not in said
    assert "may read this" not in said
    site.set_clock(day(10, 9))
    site.call("PUT", f"/posts/{own}.json", site.learner, json={"post": {"raw": f"{plan} I changed my mind."}})
    site.run(day(12, 10))
    assert "late shift" not in text_of(to(box, BEA)[-1])


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("When the late shift comes on Saturday, I will ask Ben first.", ""),
        ("When the late shift comes on Saturday, I will ask first. Ben will hear it.", "I will ask first."),
        ("When the late shift comes on Saturday, I will ask @ben_{key} first.", ""),
    ],
)
def test_a_plan_is_shown_as_far_as_it_names_no_learner_of_another_manager(
    make: Callable[..., TopicsSite], box: Mailbox, plan: str, told: str
) -> None:
    site = make()
    site.run(day(1, 10))
    topic = site.topic_id("one thing, one day, one witness")
    site.say(site.learner, f"{plan.format(key=site.key)} My manager may read this.", day(2, 9), topic)
    site.run(day(3, 9))
    site.run(day(5, 10))
    assert "ben" in text_of(to(box, BEA)[-1]).split("this plan:")[1].split("One thing")[0].casefold()  # hers as well
    said = text_of(to(box, JO)[-1])
    assert "five minutes that help now" in str(to(box, JO)[-1]["Subject"])
    assert "ben" not in said.casefold()
    assert ("late shift" in said, told in said) == (bool(told), True)


def test_what_waits_for_the_lcm_is_written_anew_when_a_yes_was_taken_back(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make(STEPS.replace("play: brief_manager, approval: none", "play: brief_manager"))
    site.run(day(1, 10))
    assert box.mails == []
    topic = site.topic_id("one thing, one day, one witness")
    plan = "When the late shift comes on Saturday, I will ask first. Ben will hear it."
    own = site.say(site.learner, f"{plan} My manager may read this.", day(2, 9), topic)
    site.run(day(3, 9))
    site.run(day(5, 10))
    site.call("PUT", f"/posts/{own}.json", site.learner, json={"post": {"raw": plan}})
    assert site.approve() == 4
    site.run(day(5, 11))
    assert sorted(box.recipients) == [JO, BEA]  # those of the first day; the others wait once more, without the plan
    with site.store() as store, store.begin() as session:
        again = session.scalars(select(DraftRow).where(DraftRow.state == "pending")).all()
        assert len(again) == 2
        assert not any("late shift" in row.body["raw"] for row in again)


def test_a_mail_that_waited_speaks_of_nobody_who_left_or_has_another_manager_by_now(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make(STEPS.split("\n")[1].replace(", approval: none", "") + "\n")
    people = site.join()
    site.run(day(1, 10))
    report_to(site, ben=JO)
    assert site.approve() == 2
    site.run(day(1, 11))
    assert box.recipients == [JO]
    with site.store() as store, store.begin() as session:
        [again] = session.scalars(select(DraftRow).where(DraftRow.state == "pending")).all()
        assert again.body["about_users"] == [people["ana"]]
        assert "Ben" not in again.body["raw"] + again.body["title"]
    assert site.approve() == 1
    with site.forum() as forum:
        [group] = [one for one in forum.groups() if one.name == f"{site.key}-lcm"]
        forum.add_members(group.id, [people["ana"]])
    site.run(day(1, 12))
    assert box.recipients == [JO]
    assert {row.state for row in entries(site)} == {"done", "skipped"}


def test_an_answer_by_one_click_is_a_fact_that_the_lcm_sees_and_yes_ends_the_step(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make()
    site.run(day(1, 10))
    site.run(day(5, 10))
    code = codes_in(to(box, BEA)[-1])
    assert choose(site, code["talk"].replace("talk", "yes"), day(5, 12)) is None  # nobody can make one up
    taken = choose(site, code["talk"], day(5, 12))
    assert taken is not None
    assert not taken.before
    again = choose(site, code["talk"], day(5, 13))
    assert again is not None
    assert again.before
    with site.store() as store, store.begin() as session:
        known = facts_of(session, site.settings.forum.name, site.key)
    assert {str(known[site.join()[name]]["manager_answer"].value) for name in ("ana", "ben")} == {"talk"}
    site.run(day(11, 8))
    note = site.note("waits for you this morning")
    assert (
        "- A manager wants to talk: Bea Boss, manager of Ana and Ben – waiting for 6 days. Once you have talked: "
        "`lcm briefing settle` with the address that `lcm briefings` shows." in note
    )
    choose(site, code["yes"], day(11, 9))
    box.mails.clear()
    site.run(day(12, 10))
    assert (len(to(box, BEA)), len(to(box, JO))) == (0, 1)


def test_a_yes_also_ends_the_mails_of_its_step_that_wait_already(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make(STEPS.split("\n")[2].replace(", approval: none", "") + "\n")
    report_to(site, ben="", ana=BEA)
    site.run(day(5, 10))
    site.approve()
    site.run(day(5, 11))
    site.run(day(12, 10))
    choose(site, codes_in(box.mails[0])["yes"], day(12, 11))
    assert site.approve() == 1
    site.run(day(12, 12))
    assert len(box.mails) == 1
    assert [row.state for row in entries(site)] == ["done", "skipped"]


def test_who_unsubscribes_or_is_refused_gets_nothing_more_in_any_cohort(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make()
    site.run(day(1, 10))
    choose(site, codes_in(to(box, BEA)[0])["stop"], day(2, 9))
    box.rcpt = "550 no such user"
    run_with_failures(site, day(5, 10))
    with site.store() as store, store.begin() as session:
        assert {row.email: row.why for row in session.scalars(select(MailStopRow))} == {
            BEA: "unsubscribed", JO.casefold(): "refused"
        }  # fmt: skip
    assert "550" in site.note("could not be delivered")
    assert "Jo@" not in site.note("could not be delivered")
    box.rcpt = ""
    run_with_failures(site, day(12, 10))
    assert len(box.mails) == 2


def test_not_now_is_tried_again_and_an_outage_delays_everything(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make()
    box.rcpt = "451 greylisted"
    run_with_failures(site, day(1, 10))
    assert {row.state for row in entries(site)} == {"intended"}
    assert {row.sent_at for row in entries(site)} == {None}
    box.rcpt = ""
    site.run(day(1, 11))
    site.run(day(1, 12))
    assert len(box.mails) == 2


def test_where_there_is_no_mail_server_one_mail_of_a_run_finds_out_and_none_is_lost(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make(STEPS.split("\n")[1] + "\n", timeout=0.1)
    served, there = site.settings, Server._connect
    names = [f"p{number}" for number in range(6)]
    site.join(*names)
    report_to(site, **{name: f"{name}@example.com" for name in names})
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and says nothing
        mail = served.mail.model_copy(update={"port": silent.getsockname()[1]}) if served.mail else None
        site.settings = served.model_copy(update={"mail": mail})
        for hour in (10, 11, 13):
            with patch.object(Server, "_connect", autospec=True, side_effect=there) as connecting:
                run_with_failures(site, day(1, hour))
            assert connecting.call_count == 1
            assert {(row.state, row.attempts, row.sent_at) for row in entries(site)} == {("intended", 0, None)}
            assert all("the mail server cannot be reached" in row.reason for row in entries(site))
    site.settings = served
    site.run(day(1, 15))
    assert len(box.mails) == 8


def test_a_missing_password_delays_a_mail_and_never_gives_it_up(
    make: Callable[..., TopicsSite], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LCM_MAIL_PASSWORD", raising=False)
    site = make(STEPS.split("\n")[1] + "\n")
    with_mail = site.settings
    assert with_mail.mail is not None
    mail = with_mail.mail.model_copy(update={"user": "lcm"})
    site.settings = with_mail.model_copy(update={"mail": mail})
    run_with_failures(site, day(1, 10))
    assert {(row.state, row.attempts, row.sent_at) for row in entries(site)} == {("intended", 0, None)}
    assert all("LCM_MAIL_PASSWORD" in row.reason for row in entries(site))
    site.settings = with_mail
    site.run(day(1, 12))
    assert len(box.mails) == 2


def test_what_another_worker_sent_meanwhile_stays_sent(
    make: Callable[..., TopicsSite], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make(STEPS.split("\n")[1] + "\n")
    report_to(site, ben="", ana=BEA)
    begin = Mailing._begin

    def overtaken(mailing: Mailing, row: LedgerRow) -> bool:
        with mailing.store.begin() as session:
            other = session.get_one(LedgerRow, row.key)
            other.state, other.sent_at = "done", mailing.now
        return begin(mailing, row)

    monkeypatch.setattr(Mailing, "_begin", overtaken)
    site.run(day(1, 10))
    assert ([row.state for row in entries(site)], len(box.mails)) == (["done"], 0)
    assert not [one for one in site.messages() if "may not have arrived" in one.title]


def test_no_more_mails_go_out_in_an_hour_than_may(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make(per_hour=1)
    site.run(day(1, 10))
    site.run(day(1, 10.5))
    assert len(box.mails) == 1
    site.run(day(1, 11.1))
    assert len(box.mails) == 2


def test_a_mail_of_which_nobody_knows_whether_it_went_out_is_never_sent_twice(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    site = make()
    report_to(site, ben="", ana=BEA)
    box.hang_up = "data"  # taken, but the answer does not come
    run_with_failures(site, day(1, 10))
    box.hang_up = ""
    for hour in (11, 12):
        run_with_failures(site, day(1, hour))
    assert len(box.mails) == 1
    [row] = entries(site)
    assert row.state == "failed"
    assert row.reason.startswith("unknown whether sent")
    assert "ask the reader whether it came" in site.note("may not have arrived")


@pytest.mark.parametrize(
    ("moment", "outcome"), [("before", ("failed", 0)), ("after", ("failed", 1)), ("never", ("done", 1))]
)
def test_a_death_while_a_mail_is_handed_over_sends_it_once_at_most(
    make: Callable[..., TopicsSite],
    box: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    outcome: tuple[str, int],
) -> None:
    site = make(STEPS.split("\n")[2] + "\n")
    report_to(site, ben="", ana=BEA)
    send = Server.send

    def killed(server: Server, message: EmailMessage, recipient: str) -> None:
        if moment == "before":
            raise Killed
        send(server, message, recipient)
        if moment == "after":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Server, "send", killed)
        with suppress(Killed):
            site.run(day(5, 10))
    for hour in (11, 12):
        run_with_failures(site, day(5, hour))
    [row] = entries(site)
    assert (row.state, len(box.mails)) == outcome
    notes = [one for one in site.messages() if "may not have arrived" in one.title]
    assert len(notes) == (outcome[0] == "failed")


def test_the_morning_note_comes_only_when_something_waits_and_numbers_it(
    make: Callable[..., TopicsSite], box: Mailbox
) -> None:
    mail = ", with: {by: mail, to: lea@example.org}}"
    steps = STEPS.replace("play: morning_note}", f"play: morning_note{mail}").replace(
        "brief_manager, approval: none", "brief_manager"
    )
    site = make(
        steps.replace("  - {id: first", "  - {id: early, at: start +3d 08:00, play: morning_note}\n  - {id: first")
    )
    report_to(site, ana="", ben="")
    site.run(day(4, 8))
    assert box.mails == []
    assert not [one for one in site.messages() if "waits for you" in one.title]
    report_to(site, ana=BEA)
    site.run(day(5, 10))
    site.run(day(11, 8))
    site.run(day(11, 9))
    [note] = box.mails
    assert box.recipients == ["lea@example.org"]
    assert "List-Unsubscribe" not in note
    waits = "- Draft: Mail to the manager of Ana (Ana: five minutes that help now) – waiting for 6 days. Decide on"
    assert waits in text_of(note)


def test_one_word_in_reply_to_the_morning_note_decides(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make(STEPS.replace("play: brief_manager, approval: none", "play: brief_manager"))
    report_to(site, ana=BEA, ben="")
    site.run(day(5, 10))
    cohort = complete_cohort(site.settings.cohorts[0])

    def read(now: datetime) -> None:
        with site.store() as store, site.forum() as forum:
            DeskMailbox(forum, store, {site.key: cohort}, now).read()

    site.set_clock(day(5, 11))
    read(day(5, 11))
    with site.store() as store, store.begin() as session:
        number_all(session, site.settings.forum.name, site.key, day(5, 11))
    site.run(day(11, 8))
    [note] = [one for one in site.messages() if "waits for you" in one.title]
    assert "**1.** Draft: Mail to the manager of Ana" in site.texts(note)[0]
    assert "“yes 2, thank you” or “no 2: your reason”" in site.texts(note)[0]
    site.say(site.lcm, "yes 1, thank you", day(11, 9), note.id)
    read(day(11, 10))
    site.run(day(11, 11))
    assert [str(mail["Subject"]) for mail in box.mails] == ["Ana: five minutes that help now"]


def test_a_number_in_the_morning_note_stands_for_the_text_that_was_shown_under_it_and_for_no_other(
    make: Callable[..., TopicsSite],
) -> None:
    steps = STEPS.split("\n")
    site = make("\n".join([steps[1].replace(", approval: none", ""), steps[3].replace("thursday", "weekday"), ""]))
    report_to(site, ben="")
    forum = site.settings.forum.name
    site.run(day(1, 10))
    with site.store() as store, store.begin() as session:
        number_all(session, forum, site.key, day(1, 11))
        bea, jo = drafts(session, forum, site.key)
        jo.body = {**jo.body, "raw": f"{jo.body['raw']} Written anew."}
        shown = [row.number for row in session.scalars(select(WaitingRow)) if row.subject == bea.key]
    site.run(day(2, 8))
    note = site.note("waits for you this morning")
    assert [int(number) for number in re.findall(r"\*\*(\d+)\.\*\*", note)] == shown


@pytest.mark.parametrize(("state", "until", "told"), [("open", None, 1), ("done", None, 0), ("open", day(9), 0)])
def test_somebody_handed_over_is_in_the_morning_note_until_an_lcm_has_seen_to_it(
    make: Callable[..., TopicsSite], state: str, until: datetime | None, told: int
) -> None:
    site = make(STEPS.split("\n")[3].replace("thursday", "weekday") + "\n")
    forum, ben = site.settings.forum.name, site.join()["ben"]
    body = {"refs": [HAND_OVER], "about_users": [ben], "kind": "message", "raw": "Ben", "category_id": 0}
    known = {"playbook": "first-steps", "step": "hand", "slot": day(1), "part": "desk", "result": {}, "attempts": 0}
    at = {"created_at": day(1), "updated_at": day(1), "state": "done", "reason": "", "action": "message"}
    with site.store() as store, store.begin() as session:
        session.add(LedgerRow(key="lcm-hand-over-1", forum=forum, cohort=site.key, payload=body, **known, **at))
        session.flush()
        number_all(session, forum, site.key, day(1, 13))
        [task] = session.scalars(select(WaitingRow)).all()
        task.state, task.not_before = state, until
    site.run(day(2, 8))
    assert len([one for one in site.messages() if "waits for you" in one.title]) == told


def test_mails_are_written_in_french_by_ear(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    site = make(locale="fr")
    site.run(day(1, 10))
    text = text_of(to(box, BEA)[0])
    assert "Bonjour Bea Boss," in text
    assert "Ana et Ben suivent" in text
    assert "\u00a0:" in text
    assert to(box, BEA)[0]["Content-Language"] == "fr"
    assert '<html lang="fr">' in html_of(to(box, BEA)[0])


def test_mails_whose_time_has_passed_are_left_out_and_the_lcms_get_one_note_about_all(
    make: Callable[..., TopicsSite],
) -> None:
    site = make(STEPS.split("  - {id: again", maxsplit=1)[0])
    site.settings = site.settings.model_copy(update={"mail": None})
    run_with_failures(site, day(1, 10))
    assert site.messages() == []
    for hours in (11, 12):
        run_with_failures(site, day(11, hours))
    assert {(row.state, row.reason) for row in entries(site)} == {
        ("skipped", "the time for it passed before it could go out; nothing was sent")
    }
    text = site.note("Mails to managers were not sent")
    for line in ("- Mail to Bea Boss, manager of Ana and Ben.", "- Mail to Jo, manager of Ana."):
        assert line in text.split("\n")
    assert "lcm.yaml says nothing about `mail`" in text


def test_what_an_lcm_approves_too_late_is_said_to_them(make: Callable[..., TopicsSite], box: Mailbox) -> None:
    step = "  - {id: first, at: start 10:00, play: brief_manager, with: {moment: before}}\n"
    site = make(step)
    site.run(day(1, 10))
    assert site.approve() == 2
    site.run(day(12, 9))
    assert box.mails == []
    assert "manager of Ana" in site.note("Mails to managers were not sent")


def test_without_mail_in_the_settings_a_mail_waits(make: Callable[..., TopicsSite], tmp_path: Path) -> None:
    site = make()
    with_mail = site.settings
    site.settings = site.settings.model_copy(update={"mail": None})
    run_with_failures(site, day(1, 10))
    assert {row.state for row in entries(site)} == {"intended"}
    folder = MailSettings.model_validate({"folder": tmp_path / "mails", "from": "lcm@example.org"})
    site.settings = with_mail.model_copy(update={"mail": folder})
    site.run(day(1, 12))
    assert len(list((tmp_path / "mails").glob("*.eml"))) == 2
