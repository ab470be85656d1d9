"""Whether it is time for a step and for whom it is: its rules over what the forum, the store and the facts tell."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.cli import main
from sync_worker.config.load import complete_cohort
from sync_worker.model import Approval, Draft, DraftKind
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.plays.context import Drafted, Play, PlayContext
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store.facts import forget_facts, set_fact
from sync_worker.store.tables import DraftRow, EvidenceRow, IdentityRow, Table
from sync_worker.worker.history import calendar
from sync_worker.worker.personal_data import sweep
from sync_worker.worker.run import run_due
from tests.worker.conftest import NoOptions, deadly_lives
from tests.worker.story_site import day
from tests.worker.topics_site import TopicsSite, begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer


def letter(context: PlayContext) -> Drafted:
    """Write to each of those whom the step is for."""
    drafts = tuple(
        Draft(
            DraftKind.MESSAGE,
            f"Hello {one.name}, this is a letter of the week.",
            "it is time",
            part=f"to-{one.user_id}",
            title=f"A letter for {one.name}",
            recipients=(one.username,),
            approval=context.approval,
            to_learner=one.user_id,
        )
        for one in context.people
    )
    return Drafted(drafts, f"{len(drafts)} letters")


PLAYS = {**REGISTRY, "letter": Play("letter", NoOptions, letter, for_people=True, default_approval=Approval.LCM)}
QUIET = """\
  - {id: letter, every: "monday 09:00", play: letter, approval: none,
     for: {quiet_days: {at_least: 7}, attendance: {below: 0.5}, role: learner}}
"""
WEEKLY = """\
  - {id: letter, every: {rule: "FREQ=DAILY", at: "09:00"}, play: letter, approval: none, limit: {per_learner: 1 per 7d}}
"""
WHEN = """\
  - {id: hello, at: start 09:00, play: topic, with: {template: welcome}, when: {writers_7_days: {at_least: 1}}}
"""


class Letters(TopicsSite):
    """A cohort whose playbook has a play that writes letters."""

    def run(self, now: Any, **more: Any) -> Any:
        self.set_clock(now)
        with self.store() as store, self.forum() as forum:
            books = playbooks_of(self.settings, PLAYS)
            return run_due(forum, store, self.settings, books, now, plays=PLAYS, **more)

    def know(self, username: str, name: str, value: Any, now: Any) -> int:
        """Keep a fact of somebody; return the account."""
        with self.forum() as forum:
            account = forum.user(username)
        assert account is not None
        with self.store() as store, store.begin() as session:
            set_fact(session, self.settings.forum.name, account.id, name, value, "file attendance.csv", now)
        return account.id

    def post_as(self, username: str, now: Any) -> None:
        """Let somebody open a topic."""
        self.set_clock(now)
        body = {"title": f"What I tried today, {now:%A %H}", "raw": "I read the list aloud before anybody left."}
        self.call("POST", "/posts.json", username, json={**body, "category": self.category})

    def key_of(self, username: str) -> str:
        """Know an account as somebody of the roster; return that person's key."""
        with self.forum() as forum:
            account = forum.user(username)
        assert account is not None
        key = f"mail:{username}@example.org"
        row = IdentityRow(forum=self.settings.forum.name, person=key, user_id=account.id, username="", at=day(0))
        row.matched_by, row.evidence = "email", {}
        with self.store() as store, store.begin() as session:
            session.add(row)
        return key.upper()

    def letters(self) -> list[str]:
        return [one.title.removeprefix("A letter for ").partition("_")[0].lower() for one in self.messages()]

    def outcomes(self, now: Any) -> list[tuple[str, str]]:
        """State and reason of every date up to now."""
        book = playbooks_of(self.settings, PLAYS)["ours"]
        with self.store() as store, store.begin() as session:
            cohort = complete_cohort(self.settings.cohorts[0])
            lines = calendar(session, self.settings.forum.name, book, cohort, now)
        return [(line.state, line.reason) for line in lines if line.when <= now.isoformat()]

    def evidence(self) -> list[EvidenceRow]:
        with self.store() as store, store.begin() as session:
            return list(session.scalars(select(EvidenceRow).order_by(EvidenceRow.user_id)))


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Letters]:
    folder, numbers = tmp_path_factory.mktemp("letters"), count(1)

    def make(steps: str, **more: Any) -> Letters:
        made = begin(story_server, folder, f"lett{next(numbers):03}", steps, **more)
        own = folder / made.key / "ours" / "playbook.yml"
        text = own.read_text("utf-8").replace("version: 1\n", "version: 1\nfacts: {attendance: number}\n")
        own.write_text(text, encoding="utf-8")
        return Letters(made.server, made.settings, made.key, made.category)

    return make


def test_a_letter_goes_to_whom_the_rule_is_sure_of_and_to_nobody_of_whom_something_is_unknown(new: Any) -> None:
    site = new(QUIET)
    ana, ben = f"ana_{site.key}", f"ben_{site.key}"
    site.run(day(8, 9))
    assert site.letters() == []
    assert site.outcomes(day(8, 10))[-1] == ("nothing", "Nobody in the cohort meets the conditions of this step.")
    site.know(ana, "attendance", 0.4, day(8, 10))
    site.know(ben, "attendance", 0.4, day(8, 10))
    site.post_as(ben, day(10))
    site.run(day(15, 9))
    assert site.letters() == ["ana"]


def test_what_was_known_is_kept_with_a_text_until_the_facts_are_forgotten(new: Any) -> None:
    site = new(QUIET)
    number = site.know(f"ana_{site.key}", "attendance", 0.4, day(8))
    site.run(day(8, 9))
    [row] = site.evidence()
    assert row.user_id == number
    rule = row.content["rules"]["for"]
    assert rule["read"] == {"quiet_days": 7, "attendance": 0.4, "role": "learner"}
    assert rule["said"].startswith("days without a post: 7 (asked for: at least 7); attendance: 0.4")
    assert row.content["facts"]["attendance"]["source"] == "file attendance.csv"
    with site.store() as store, store.begin() as session:
        forget_facts(session, site.settings.forum.name, [number + 1])
        forget_facts(session, site.settings.forum.name, [number], "department")
    assert len(site.evidence()) == 1
    with site.store() as store, store.begin() as session:
        forget_facts(session, site.settings.forum.name, (), "attendance")
    assert site.evidence() == []


def test_what_was_known_is_shown_with_a_draft_and_kept_as_long_as_drafts(new: Any, tmp_path: Path) -> None:
    site = new(QUIET.replace(", approval: none", ""))
    site.know(f"ana_{site.key}", "attendance", 0.4, day(8))
    site.run(day(8, 9))
    [row] = site.evidence()
    config = write_config(site, tmp_path)
    shown = CliRunner().invoke(main, ["drafts", "show", row.key, "--config", str(config)]).stdout
    assert "  for: days without a post: 7 (asked for: at least 7); attendance: 0.4 (asked for: below 0.5)" in shown
    assert "  fact attendance: 0.4 (file attendance.csv, 2027-03-08)" in shown
    known = CliRunner().invoke(main, ["drafts", "show", row.key, "--config", str(config), "--json"]).stdout
    assert json.loads(known)["known"] == row.content
    with site.store() as store:
        sweep(store, site.settings, day(500))
        assert len(site.evidence()) == 1
        with store.begin() as session:
            session.get_one(DraftRow, row.key).state = "rejected"
        sweep(store, site.settings, day(502))
    assert site.evidence() == []


def test_a_step_whose_condition_does_not_hold_says_not_now_and_why(new: Any) -> None:
    site = new(WHEN)
    report = site.run(day(1, 9))
    [happening] = report.happenings
    assert happening.outcome == "not now"
    assert happening.reason == "Learners who wrote in the last 7 days: 0 (asked for: at least 1)."
    assert site.outcomes(day(1, 10)) == [("not now", happening.reason)]
    assert site.run(day(1, 10)).is_empty
    assert site.topics() == []


def test_it_says_so_in_french_too(new: Any) -> None:
    site = new(WHEN, locale="fr")
    [happening] = site.run(day(1, 9)).happenings
    said = happening.reason.replace("\u00a0", " ")
    assert said == "Apprenants qui ont écrit ces 7 derniers jours : 0 (demandé : au moins 1)."


def test_what_is_wanted_early_and_is_not_to_be_keeps_its_date(new: Any) -> None:
    site = new(WHEN)
    [happening] = site.run(day(0, 9), step="hello", early=True).happenings
    assert happening.outcome == "not now"
    site.post_as(site.learner, day(0, 12))
    site.run(day(1, 9))
    assert [state for state, _ in site.outcomes(day(1, 10))] == ["done"]


def test_a_limit_holds_whatever_happens_to_the_worker(new: Any, reaper: Any) -> None:
    counting = [reaper() for _ in range(3)]
    whole = live(new(WEEKLY), counting)
    assert whole == ["ana", "ben", "ana", "ben"]
    assert counting[0].count > 15
    lives = deadly_lives(counting)
    assert [[one.moments for one in dying] for dying in lives if live(new(WEEKLY), dying) != whole] == []


def live(site: Letters, reapers: list[Any]) -> list[str]:
    """Look after a cohort on two days and a week after the first, starting anew after each death."""
    for number, one in zip((1, 2, 8), reapers, strict=True):
        one.to_the_end(site.run, day(number, 9))
    return site.letters()


def test_who_is_no_longer_as_the_rule_asks_does_not_get_what_was_approved(new: Any) -> None:
    site = new(QUIET.replace(", approval: none", ""))
    for name in ("ana", "ben"):
        site.know(f"{name}_{site.key}", "attendance", 0.4, day(8))
    site.run(day(8, 9))
    site.post_as(f"ben_{site.key}", day(8, 10))
    assert site.approve() == 2
    report = site.run(day(8, 11))
    assert site.letters() == ["ana"]
    assert [deed.reason for deed in report.deeds if deed.state == "skipped"] == [
        "The person no longer meets the conditions of this step."
    ]


def test_a_question_for_consent_is_not_asked_of_whom_its_step_is_not_for_any_more(new: Any) -> None:
    site = new(
        "  - {id: may-i, at: start +15d 10:00, play: consent, with: {look_back: 14d}, for: {posts: {at_most: 1}}}\n"
    )
    site.tell()
    site.run(day(16, 10))
    site.post_as(site.learner, day(16, 11))
    assert site.approve() == 1
    site.run(day(16, 12))
    assert site.messages() == []


def test_a_letter_that_waits_for_the_lcm_counts(new: Any) -> None:
    site = new(WEEKLY.replace(", approval: none", ""))
    for number in (1, 2, 3):
        site.run(day(number, 9))
    assert site.approve() == 2
    assert site.outcomes(day(3, 10))[-1][1].startswith("Everybody whom this step is for got as many texts")


def test_a_step_happens_as_often_as_its_limit_for_the_cohort_says(new: Any) -> None:
    steps = WEEKLY.replace("per_learner: 1 per 7d", "per_cohort: 1 per 3d")
    site = new(steps)
    for number in range(1, 6):
        site.run(day(number, 9))
    assert [state for state, _ in site.outcomes(day(5, 10))] == ["done", "not now", "not now", "done", "not now"]
    assert site.outcomes(day(2, 10))[-1][1] == "Its limit is reached, 1 in 3 days."


@pytest.mark.parametrize("named", ["username", "key"])
def test_somebody_who_is_left_out_gets_nothing_not_even_what_was_approved(new: Any, named: str) -> None:
    site = new(WEEKLY.replace(", approval: none", ""))
    site.run(day(1, 9))
    someone = f"BEN_{site.key}" if named == "username" else site.key_of(f"ben_{site.key}")
    cohort = site.settings.cohorts[0]
    steps = {"letter": {"except": [someone]}}
    changed = type(cohort).model_validate({**cohort.model_dump(by_alias=True, exclude={"steps"}), "steps": steps})
    site.settings = site.settings.model_copy(update={"cohorts": (changed,)})
    assert site.approve() == 2
    site.run(day(1, 10))
    assert site.letters() == ["ana"]
    site.run(day(9, 9))
    assert site.approve() == 1
    site.run(day(9, 10))
    assert site.letters() == ["ana", "ana"]


TASK = """\
  - {id: task, at: start 09:00, play: assignment, approval: none, when: {week: {at_most: 1}},
     for: {attendance: {below: 0.5}},
     with: {template: assignment, due: +7d 18:00, remind: [2d before, 1d after], late: 3d after}}
"""
CONDITION = """\
conditions:
  away: {attendance: {below: 0.5}}
---
{% if away %}You were away, so start small.{% endif %}"""


def write_config(site: Letters, folder: Path, steps: str = "{}") -> Path:
    """Write the settings of a cohort for the command line."""
    config = folder / "lcm.yaml"
    cohort = site.settings.cohorts[0]
    config.write_text(
        f"forum: {{url: '{site.server.url}', api_username: forumadmin, key_env: PRACTICE_KEY}}\n"
        f"store: '{site.settings.store}'\nplaybooks: ['{site.settings.playbooks[0]}']\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: 2027-05-30,"
        f" group: {site.key}, lcm_group: {cohort.lcm_group}, playbook: ours, steps: {steps}}}\n",
        encoding="utf-8",
    )
    return config


def practise(site: Letters, folder: Path, step: str, *more: str, steps: str = "{}") -> Any:
    """Try a step on the command line, which changes nothing in the store; return what it says."""
    config = write_config(site, folder, steps)
    before = rows(site)
    arguments = ["playbook", "try", step, "--cohort", site.key, "--config", str(config), *more]
    result = CliRunner().invoke(main, arguments, env={"PRACTICE_KEY": DEFAULT_KEY})
    assert result.exit_code == 0, result.output
    assert rows(site) == before
    return json.loads(result.stdout) if "--json" in more else result.stdout


def rows(site: Letters) -> dict[str, int]:
    left_out = ("calls", "budgets", "call_waiters")
    with site.store() as store, store.begin() as session:
        tables = [table for table in Table.metadata.sorted_tables if table.name not in left_out]
        return {table.name: len(session.execute(select(table)).all()) for table in tables}


def test_a_practice_run_says_who_matches_who_does_not_and_what_each_would_read(new: Any, tmp_path: Path) -> None:
    site = new(TASK)
    reminder = site.settings.playbooks[0] / "templates" / "assignment-reminder.en.md"
    head, title, body = reminder.read_text("utf-8").split("\n", 2)
    reminder.write_text(f"{head}\n{title}\n{body.replace('---', CONDITION, 1)}", "utf-8")
    ana, ben = f"ana_{site.key}", f"ben_{site.key}"
    site.know(ana, "attendance", 0.4, day(1, 7))
    site.run(day(1, 9))
    moment = ("--at", day(6, 9).isoformat())
    found = practise(site, tmp_path, "task/remind-1", *moment, "--json")
    people = {one["username"]: one for one in found["people"]}
    assert {name: one["matches"] for name, one in people.items()} == {ana: True, ben: False, site.lcm: False}
    assert people[site.lcm]["why"] == "not a learner, and the rule does not ask for another role"
    assert people[ana]["why"] == "attendance: 0.4 (asked for: below 0.5)"
    assert people[ben]["why"] == "attendance: not known (asked for: below 0.5)"
    assert people[ana]["reads"]["title"].startswith("C: your answer, Monday 8")
    assert "You were away, so start small." in people[ana]["reads"]["raw"]
    assert people[ben]["reads"] is None
    said = practise(site, tmp_path, "task/remind-1", *moment, steps=f"{{task: {{except: [{ana}]}}}}")
    assert "left out of this step in lcm.yaml" in said
    assert f"{ana} would read" not in said
    assert "Nobody would read anything" in said
    later = practise(site, tmp_path, "task", "--at", day(9, 9).isoformat())
    assert "It would not happen: Week of the cohort: 2 (asked for: at most 1)." in later
    assert "task/remind-1, task/remind-2, task/late" in later


def test_reminders_and_the_late_list_keep_to_those_whom_the_step_is_for(new: Any) -> None:
    site = new(TASK)
    site.know(f"ana_{site.key}", "attendance", 0.4, day(1, 7))
    site.know(f"ben_{site.key}", "attendance", 0.9, day(1, 7))
    for moment in (day(1, 9), day(9, 9), day(11, 9)):
        site.run(moment)
    reminder, late = (site.texts(one)[0] for one in site.messages())
    assert reminder.startswith("Ana")
    assert "Ana" in late
    assert "Ben" not in late
