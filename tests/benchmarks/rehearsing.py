"""A rehearsal of the longest playbook with a large cohort, against as many bare calls to the same kind of forum."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import requests

from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.model import Enrolment, Person, Role, Roster, RosterKind
from sync_worker.playbook.load import load_playbook, shipped_folder
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.rehearsal import rehearse
from sync_worker.rehearsal.play import open_stage

PLAYBOOK = "leading-teams"
START = date(2027, 3, 1)
WEEKS = 12
AT_MOST = 120.0  # seconds, for 200 learners on two cores


@dataclass(frozen=True)
class Measured:
    """How long a rehearsal took, in seconds, how many calls it made, and how long as many bare calls take."""

    seconds: float
    calls: int
    bare: float


def measure(learners: int, weeks: int = WEEKS) -> Measured:
    """Rehearse so many weeks with so many learners, once; then make the same number of calls that only read a setting.

    Raises:
        AssertionError: something did not go as it should in the rehearsal, so that its time means nothing.

    """
    cohort = CohortSettings(
        key="bench", name="Bench", start=START, end=START + timedelta(weeks=weeks, days=-1), timezone="Europe/Paris"
    )
    settings = Settings(forum=ForumSettings(url="https://forum.invalid", api_username="lcm"), cohorts=(cohort,))
    people = [Enrolment(Person(email="lea@firm.example", name="Lea Marchand"), "bench", Role.LCM)]
    for number in range(learners):
        person = Person(
            email=f"p{number}@firm.example", name=f"Person {number}", manager_email=f"m{number // 8}@firm.example"
        )
        people.append(Enrolment(person, "bench", Role.LEARNER))
    playbook = load_playbook(shipped_folder() / PLAYBOOK, REGISTRY)
    begun = time.perf_counter()
    found = rehearse(settings, Roster("bench", RosterKind.SNAPSHOT, tuple(people)), playbook, cohort)
    taken = time.perf_counter() - begun
    assert found.problems == (), found.problems
    return Measured(taken, found.calls, _bare(found.calls))


def _bare(calls: int) -> float:
    with open_stage(datetime(2027, 3, 1, tzinfo=UTC)) as stage, requests.Session() as session:
        session.headers.update({"Api-Key": DEFAULT_KEY, "Api-Username": "system"})
        begun = time.perf_counter()
        for _ in range(calls):
            session.get(f"{stage.url}/about.json", timeout=60).raise_for_status()
        return time.perf_counter() - begun
