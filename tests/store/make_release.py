"""Makes a store as a released version leaves it, with a practice forum to go on with: `tests/store/releases/VERSION/`.

    git worktree add --detach /tmp/release vVERSION && rm -r /tmp/release/tests
    PYTHONPATH=/tmp/release:$PWD python -m tests.store.make_release VERSION

The code of the release, which stands first on the path, leads a life of three cohorts by its own commands, for two and
a half weeks. What is there then is written down as text: the rows of its store and of the forum, and the files that an
administrator wrote; `went_on.txt` says what came of it where that version went on. Everybody in it is invented.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import requests
from click.testing import CliRunner

from sync_worker.cli import main as lcm
from sync_worker.config import load_settings
from sync_worker.playbook.load import shipped_folder
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.store.database import open_store
from sync_worker.worker.webhooks import Receiver, signature_of
from tests.store.life_of_a_release import (
    FILES,
    FORUM,
    PEOPLE,
    PORT,
    RELEASES,
    STORE,
    WENT_ON,
    Life,
    day,
    last_days,
    went_on,
)

OTHER_PORT = PORT + 1
PASSWORD = "nobody-logs-in-here"
SECRET = "a secret of this life"
# What the forum shows to people alone, or keeps for two minutes: nothing that the worker reads.
LEFT_OUT = frozenset({"notifications", "post_revisions", "post_memos", "uploads", "profile_views", "topic_users"})
SETTINGS = f"""\
forum: {{url: "http://127.0.0.1:{PORT}", api_username: forumadmin, key_env: PRACTICE_KEY, calls_per_minute: 5000}}
store: sqlite:///lcm.db
roster: {{csv: roster.csv, facts: {{manager_name: text}}}}
playbooks: [ours]
mail: {{folder: mails, from: lcm@example.org}}
reach: {{quiet: none, weekend: true, per_day: 50, per_week: 50}}
limits:
  allow: [add, remove, owners, create, archive, invite]
  max_shrink_fraction: 1
  grace_days: 2
cohorts:
  - {{key: spring, name: Spring, start: 2027-03-01, end: 2027-03-25, timezone: UTC, playbook: ours, by_message: always}}
  - {{key: summer, name: Été, start: 2027-03-01, end: 2027-04-09, timezone: Europe/Paris, locale: fr, playbook: ours,
     steps: {{plan: off, task: off, talk: off}}}}
  - {{key: winter, name: Winter, start: 2027-01-11, end: 2027-05-28, timezone: UTC}}
"""
PLAYBOOK = """\
playbook: ours
title: {en: Ours, fr: Le nôtre}
version: 1
steps:
  - {id: hello, at: start 09:00, play: topic, with: {template: welcome, pin: 9d, tags: [hello]}}
  - {id: ask, at: start 09:00, play: prompt, with: {deck: apply-it}}
  - {id: plan, at: start 09:00, play: commitment, approval: none, with: {later: 18d}}
  - {id: task, at: start +1d 09:00, play: assignment, approval: none,
     with: {template: assignment, due: +19d 18:00, remind: [2d before, 1d after], late: 3d after}}
  - {id: tell-managers, at: start +2d 11:00, play: brief_manager, approval: none, with: {moment: during}}
  - {id: talk, at: start +3d 10:00, play: pair, approval: none, with: {question_deck: in-pairs}}
  - {id: more, at: start +8d 09:00, play: prompt, with: {deck: apply-it}}
  - {id: may-i, every: tuesday 10:00, from: start +8d, play: consent, with: {look_back: 7d}}
  - {id: told, every: wednesday 10:00, from: start +9d, play: story, with: {look_back: 14d}}
  - {id: quiet, every: wednesday 09:00, from: start +14d, play: nudge, approval: lcm,
     with: {holdout: 0.15}, when: {writers_7_days: {at_least: 1}}}
  - {id: talk-again, at: start +16d 10:00, play: pair, approval: none, with: {question_deck: in-pairs}}
  - {id: meet, at: start +20d 16:00, play: session, approval: none,
     with: {template: session, announce: 7d, remind: [1d], missed: 1d}}
  - {id: week, at: start +18d 09:00, play: roundup, with: {days: 14d}}
  - {id: hinders, every: weekday 12:00, from: start +14d, play: blockers}
  - {id: late-ask, at: start +21d 09:00, play: prompt, with: {deck: apply-it}}
  - {id: shut, at: start +23d 10:00, play: close, with: {topics: [hello, ask]}}
  - {id: store, at: start +24d 10:00, play: archive}
"""
OTHER_SETTINGS = f"""\
forum: {{url: "http://127.0.0.1:{OTHER_PORT}", api_username: forumadmin, key_env: PRACTICE_KEY, calls_per_minute: 5000}}
store: sqlite:///lcm.db
roster: {{csv: harbour.csv}}
lookup: {{by_email_over: 0, rungs: [singly, crawl, by_email]}}
limits: {{allow: [add, create]}}
cohorts:
  - {{key: harbour, name: Harbour, start: 2027-03-01, end: 2027-05-28, timezone: UTC}}
"""
TRIED = (
    "Our hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. "
    "It worked: we had two calls back instead of seven, and nobody stayed late."
)
OTHER = (
    "Before, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. "
    "It worked: we were done in twenty minutes, and two problems were solved on the spot."
)


def come_together(life: Life) -> None:
    """Make accounts, groups and categories by the forum's own means, as long as it has no plugin."""
    for name, full in PEOPLE.items():
        account = {"username": name, "name": full, "email": f"{name}@example.org", "password": PASSWORD}
        made = life.call("POST", "/users.json", json={**account, "active": True, "approved": True})
        assert made["success"], made
    life.write(without=("olga", "cleo"))
    life.sync(day(-3, 9))
    life.write(without=("cleo",))
    life.sync(day(-2, 9))


def take_back(life: Life) -> None:
    """Make somebody an LCM by mistake, and undo it, once the forum has the plugin."""
    life.write()
    life.sync(day(0, 8))
    life.write(lcms=("lea", "cleo"))
    life.sync(day(0, 9))
    runs = life.lcm("sync", "runs", now=False).splitlines()
    newest = next(line.split()[0] for line in runs if line.startswith("sync-"))
    life.lcm("sync", "undo", newest, "--apply")
    life.write()


def first_week(life: Life) -> None:
    """Welcome, a plan that somebody makes and does not keep, a mail to a manager, pairs; somebody leaves."""
    life.work(day(1, 9))
    plan = "When the late shift comes on Saturday, I will ask first. Ben will hear it."
    life.say("ana", plan, life.topic("one thing, one day"))
    life.work(day(2, 9))
    life.work(day(3, 11))
    life.work(day(4, 10))
    life.at(day(5, 9))
    post = life.open("ben", "What this week was like", "It was long, and we handed over late. What was yours like?")
    life.say("ana", "It was no shorter for us, but the list helped.", post["topic_id"])
    life.say("eva", "Ours was short, for once, since everybody was there.", post["topic_id"])
    life.like("ana", post)
    life.write(without=("gus",))
    life.sync(day(5, 10))
    life.work(day(7, 9))
    life.say("ana", "Not yet, I was ill on Saturday.", life.topic("what became of your plan"))


def second_week(life: Life) -> None:
    """Let a post fail for good, an author say no, a learner want no nudges; LCMs settle this and that."""
    life.at(day(8, 8))
    other = life.open("cleo", "What worked in our Monday round", OTHER)
    life.like("ben", other)
    life.say("ben", "I tried the same on my ward and it worked for us as well, thank you.", other["topic_id"])
    life.at(day(9, 8))
    for longest, moment in ((100, day(9, 8.5)), (32_000, day(9, 9))):
        life.call("PUT", "/admin/site_settings/max_post_length.json", data={"max_post_length": longest})
        life.work(moment)
    life.work(day(9, 10))
    life.lcm("drafts", "approve", "--all", "--by", "lea", now=False)
    life.work(day(9, 11))
    life.at(day(9, 15))
    life.say("cleo", "No, please do not show it to anybody.", life.topic("may I show"))
    life.work(day(10, 9))
    life.write_to_worker("eva", "A word to you", "No nudges, please.")
    life.work(day(10, 10))
    life.lcm("cohort", "pause", "summer", "--until", "2027-03-20", now=False)
    life.lcm("cohort", "shift", "summer", "--later", "3", "--apply", now=False)
    life.lcm("cohort", "archive", "winter", now=False)
    life.sync(day(10, 11))
    life.lcm("briefing", "stop", "jo@example.org", now=False)
    life.lcm("briefing", "answer", "bea@example.org", "talk", now=False)
    why = ("--reason", "her own word")
    life.lcm("people", "settle", "dora@example.org", "--cohort", "spring", "--account", "dora", "--by", "lea", *why)
    leave = ("--set-aside", "is on leave", "--until", "2027-04-20")
    life.lcm("participation", "spring", "--user", "dora", "--by", "lea", *leave)
    life.lcm("forget", "gus", "--apply")


def third_week(life: Life) -> None:
    """Let an author say yes, and the worker die in the middle of messages; drafts wait, are refused and approved."""
    life.at(day(14, 9))
    raw = "I am stuck: the printer of the late shift prints no lists, and nobody answers."
    stuck = life.open("dora", "The printer of the late shift", raw)
    life.lcm("blockers", "open", str(stuck["topic_id"]), "--by", "lea")
    life.lcm("blockers", "assign", str(stuck["topic_id"]), "--to", "ben", "--by", "lea")
    life.work(day(14, 10))
    life.work(day(15, 10))
    life.at(day(15, 11))
    told = life.open("ana", "What worked at our hand-over", TRIED)
    life.like("ben", told)
    life.say("ben", "I tried the same on my ward and it worked for us as well, thank you.", told["topic_id"])
    life.talk(15)
    life.work(day(16, 10))
    life.lcm("drafts", "approve", life.draft("ana"), "--by", "lea", now=False)
    life.work(day(16, 11))
    life.at(day(16, 14))
    life.say("ana", "Yes, you may show it.", life.topic("may I show"))
    life.write_to_worker("ben", "Who is responsible", "Who is responsible for the list of the late shift now?")
    life.lcm("assignment", "extend", "task", "--cohort", "spring", "--user", "ben", "--until", "2027-03-24", now=False)
    life.call("PUT", f"/lcm/topics/{told['topic_id']}/practice.json", "lea", json={"post_number": 1})
    life.call("PUT", "/lcm/preferences.json", "jan", json={"quoting": False})
    life.work(day(16, 15))
    life.work(day(17, 9))
    life.lcm("drafts", "reject", life.draft("finn"), "--reason", "I have rung him.", "--by", "lea", now=False)
    with life.dying("cleo"):
        life.work(day(17, 10))
    life.lcm("drafts", "approve", life.draft("rita"), "--by", "lea", now=False)


def another_forum(folder: Path) -> None:
    """Let the same store serve a second forum, which has no plugin: people are added there by their address."""
    (folder / "other.yaml").write_text(OTHER_SETTINGS, encoding="utf-8")
    rows = [
        f"h{number},{name}@example.org,{name.title()},harbour,learner" for number, name in enumerate(("mia", "noa"))
    ]
    (folder / "harbour.csv").write_text(
        "\n".join(["external_id,email,name,cohort,role", *rows]) + "\n", encoding="utf-8"
    )
    with ForumServer(":memory:", port=OTHER_PORT, options=ForumOptions(now=day(-3))) as server:
        for name in ("mia", "noa"):
            account = {"username": name, "name": name.title(), "email": f"{name}@example.org", "active": True}
            headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
            made = {**account, "approved": True, "password": PASSWORD}
            assert requests.post(f"{server.url}/users.json", headers=headers, json=made, timeout=30).json()["success"]
        config = ["--config", str(folder / "other.yaml"), "--now", day(-3).isoformat()]
        result = CliRunner().invoke(lcm, ["sync", "plan", "--apply", *config], env={"PRACTICE_KEY": DEFAULT_KEY})
        assert result.exit_code == 0, result.output


def receive_events(life: Life) -> None:
    """Take in two events, which nobody has worked on yet."""
    settings = load_settings(life.folder / "lcm.yaml")
    with closing(open_store(settings.store)) as store:
        receiver = Receiver(store, settings.forum.name, SECRET, lambda: None)
        for number in (1, 2):
            body = f'{{"post": {{"id": {number}, "topic_id": {number}}}}}'.encode()
            headers = {"X-Discourse-Event": "post_created", "X-Discourse-Event-Id": str(number)}
            receiver.receive({**headers, "X-Discourse-Event-Signature": signature_of(SECRET, body)}, body, life.now)


def write_playbook(folder: Path) -> None:
    """Write a playbook of our own, with the texts that it names, as they were shipped; of decks the first entries."""
    shipped = shipped_folder() / "first-steps"
    for part in ("templates", "decks"):
        (folder / part).mkdir(parents=True)
    for locale in ("en", "fr"):
        for name in ("welcome", "assignment", "session"):
            shutil.copy(shipped / "templates" / f"{name}.{locale}.md", folder / "templates")
        for name in ("apply-it", "in-pairs"):
            entries = (shipped / "decks" / f"{name}.{locale}.yml").read_text("utf-8").split("  - id: ")
            (folder / "decks" / f"{name}.{locale}.yml").write_text("  - id: ".join(entries[:5]), encoding="utf-8")
    (folder / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")


def write_release(folder: Path, into: Path) -> None:
    """Write a life's folder down as text; `went_on.txt` comes later."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    for name in FILES:
        shutil.copy(folder / name, into)
    shutil.copytree(folder / "ours", into / "ours")
    with closing(sqlite3.connect(folder / "lcm.db")) as store:
        (into / STORE).write_text("\n".join(store.iterdump()) + "\n", encoding="utf-8")
    with closing(sqlite3.connect(folder / "forum.db")) as forum:
        (into / FORUM).write_text("\n".join(_rows_of_forum(forum)) + "\n", encoding="utf-8")


def _rows_of_forum(forum: sqlite3.Connection) -> list[str]:
    names = [row[0] for row in forum.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    lines = []
    for name in names:
        if name in LEFT_OUT or name.startswith("sqlite_"):
            continue
        columns = [row[1] for row in forum.execute(f'PRAGMA table_info("{name}")')]
        quoted = ", ".join(f'"{column}"' for column in columns)
        values = " || ', ' || ".join(f'quote("{column}")' for column in columns)
        for (row,) in forum.execute(f'SELECT {values} FROM "{name}"'):
            lines.append(f'INSERT INTO "{name}" ({quoted}) VALUES ({row});')
    return lines


def live(folder: Path, into: Path) -> None:
    """Lead that life in an empty folder, and write it down."""
    os.environ["PRACTICE_KEY"] = DEFAULT_KEY
    write_playbook(folder / "ours")
    (folder / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
    another_forum(folder)
    life = Life(folder, day(-3, 9))
    with life.forum_is_up(plugin=False):
        come_together(life)
    with life.forum_is_up(plugin=True):
        take_back(life)
        first_week(life)
        second_week(life)
        third_week(life)
        receive_events(life)
    write_release(folder, into)
    with life.forum_is_up(plugin=True):
        last_days(life)
        (into / WENT_ON).write_text("\n".join(went_on(life)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        live(Path(made), RELEASES / sys.argv[1])
