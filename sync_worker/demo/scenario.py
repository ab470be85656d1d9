"""What a demo plays: cohorts, dates, people; its folder as an admin would have written it; its clock and its port."""

from __future__ import annotations

import csv
import io
import shutil
import socket
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import yaml

from sync_worker.config.base import write_private
from sync_worker.demo.people import Lcm, Learner, Presence, lcm_of, make_learners
from sync_worker.errors import UsageError
from sync_worker.playbook.load import FILE_NAME, shipped_folder
from sync_worker.practice_forum.dialects import RECORDED
from sync_worker.practice_forum.server.options import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sync_worker.practice_forum.dialects import DialectName


START = date(2027, 3, 15)  # a Monday; the clocks change two weeks later
DAYS_BEFORE, DAYS_AFTER = 4, 4
LATE_JOINERS, LEAVERS = 2, 1
WEEK = timedelta(days=7)
LATER, LATER_SIZE = 2 * WEEK, 3  # when the cohort begins for which practices are kept, and how many learners it has
OF_THE_LATER = ("welcome", "weekly-prompt")  # its steps: what it is offered comes below a prompt
PRACTICES = "practices"
FEWEST_WEEKS_OF_A_LIBRARY = 5  # so that the later cohort works on what the first one worked on
JOIN_AFTER, LEAVE_AFTER = timedelta(days=9), timedelta(days=21)
UTC = ZoneInfo("UTC")
SYNC_HOUR = 5
LCM_HOUR = 11  # after the tick of that hour, Mondays to Fridays
QUIET = "20:00-07:00"  # ends at a tick in each of the zones, so that a message that waits goes out at that tick
HOURS = range(SYNC_HOUR, 17)  # in UTC; the worker looks at what is due at each full hour
# When the worker looks at the desks: before the day's first story, before and after the LCMs decide, in the evening.
DESK_HOURS = (7, LCM_HOUR, LCM_HOUR + 1, HOURS[-1])
SATURDAY = 5


@dataclass(frozen=True)
class DemoCohort:
    """A cohort of the demo and its people; one that comes `after` another has the same LCM, and other learners."""

    key: str
    name: str
    timezone: str
    locale: str
    seed: str
    weeks: int
    size: int
    languages: tuple[str, ...] = ()
    start: date = START
    after: DemoCohort | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The cohort's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def end(self) -> date:
        """The cohort's last day, a Friday."""
        return self.start + timedelta(days=7 * self.weeks - 3)

    @cached_property
    def learners(self) -> tuple[Learner, ...]:
        """Everybody who belongs to the cohort at some time."""
        elsewhere = [one.username for one in self.after.learners] if self.after is not None else ()
        return make_learners(self.seed, self.key, self.locale, self.size, elsewhere)

    @property
    def lcm(self) -> Lcm:
        """The learning community manager."""
        return lcm_of(self.locale)

    def presence(self, learner: Learner) -> Presence:
        """Return from when until when a learner is in the roster: two come late, one leaves."""
        first, last = self.start - timedelta(days=DAYS_BEFORE), self.end + timedelta(days=DAYS_AFTER)
        if self.size > LATE_JOINERS + LEAVERS:
            if learner.number >= self.size - LATE_JOINERS:
                first = self.start + JOIN_AFTER
            elif learner.number < LEAVERS:
                last = min(last, self.start + LEAVE_AFTER)
        return Presence(first, last)


class RosterRow(NamedTuple):
    """A row of the roster that an admin would have written, by its columns."""

    external_id: str
    email: str
    name: str
    cohort: str
    role: str
    manager_email: str = ""
    manager_name: str = ""


def is_working_hour(at: datetime, *hours: int) -> bool:
    """Whether it is one of these hours, in UTC, of a Monday to Friday."""
    return at.astimezone(UTC).hour in hours and at.astimezone(UTC).weekday() < SATURDAY


@dataclass(frozen=True)
class Scenario:
    """Everything that a demo is made from; the same scenario gives the same forum.

    Without `plugin` the forum has Discourse's own API only, as hosted ones do, and LCMs decide by `lcm drafts`.
    Steps in `without` are switched off. `dialect` is the Discourse that the forum speaks like. With a `library` LCMs
    mark practices for a category that all can read, and a small cohort that starts two weeks later is offered what
    fits.
    """

    seed: str = "7"
    weeks: int = 6
    learners: int = 40
    plugin: bool = True
    without: tuple[str, ...] = ()
    dialect: DialectName = RECORDED
    library: bool = False

    @cached_property
    def cohorts(self) -> tuple[DemoCohort, ...]:
        """The English and the French cohort; where there is a library, also a later English one."""
        same = (self.seed, self.weeks, self.learners)
        both = (
            DemoCohort("lead-en", "Leading teams, spring", "Europe/Lisbon", "en", *same),
            DemoCohort("lead-fr", "Diriger une équipe, printemps", "Europe/Paris", "fr", *same, ("fr", "en")),
        )
        return (*both, self._later(both[0])) if self.library else both

    def _later(self, first: DemoCohort) -> DemoCohort:
        """Return the cohort that starts two weeks after another, and ends with it."""
        weeks, size = max(self.weeks - LATER // WEEK, 1), min(self.learners, LATER_SIZE)
        start = START + LATER
        return DemoCohort(
            "lead-next", "Leading teams, summer", "Europe/Lisbon", "en", self.seed, weeks, size, (), start, first
        )

    @property
    def days(self) -> list[date]:
        """The days of the demo, from before the start until after the end."""
        first, last = START - timedelta(days=DAYS_BEFORE), self.cohorts[0].end + timedelta(days=DAYS_AFTER)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def ticks(self) -> Iterator[datetime]:
        """Yield the moments at which the worker looks at what is due."""
        for day in self.days:
            for hour in HOURS:
                yield datetime.combine(day, time(hour), UTC)

    def roster(self, day: date) -> Sequence[RosterRow]:
        """Return the roster's rows of a day."""
        rows = []
        for cohort in self.cohorts:
            lcm = f"{(cohort.after or cohort).key}-lcm"
            rows.append(RosterRow(lcm, cohort.lcm.email, cohort.lcm.name, cohort.key, "lcm"))
            for learner in cohort.learners:
                presence = cohort.presence(learner)
                if presence.first <= day <= presence.last:
                    person = f"{cohort.key}-{learner.number + 1:03}"
                    of = (learner.manager.address, learner.manager.name)
                    rows.append(RosterRow(person, learner.email, learner.name, cohort.key, "learner", *of))
        return rows


# The demo's folder: the roster and settings that an admin would have written.


ADMIN = "forumadmin"
SETTINGS, ROSTER, KEY, FORUM, STORE = "lcm.yaml", "roster.csv", "api-key", "forum.db", "lcm.db"
REPORT = "report"
JOURNEY, PROGRAMME = "demo-journey", "leading"
PLUGIN, NO_PLUGIN = "plugin", "no-plugin"
MAILS, SENDER = "mails", "Learning community <lcm@example.org>"


def prepare_folder(folder: Path) -> None:
    """Make the folder; refuse one in which a demo, or something else of that name, already is.

    Raises:
        UsageError: it cannot be used.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot be made: {error.strerror}.", where=str(folder), do="Name another --dir.") from None
    there = [name for name in (SETTINGS, ROSTER, FORUM, STORE, JOURNEY) if (folder / name).exists()]
    if there:
        raise UsageError(f"there is a {there[0]} already.", where=str(folder), do="Name an empty folder with --dir.")


def write_playbook(folder: Path) -> None:
    """Write the playbook that the cohorts follow: first-steps, with steps that show every other play as well."""
    own, first_steps = folder / JOURNEY, shipped_folder() / "first-steps"
    more = resources.files("sync_worker.demo").joinpath("journey")
    shutil.copytree(first_steps, own)
    for part in ("decks", "resources"):
        (own / part).mkdir(exist_ok=True)
        for found in more.joinpath(part).iterdir():
            (own / part / found.name).write_text(found.read_text("utf-8"), encoding="utf-8")
    text = (first_steps / FILE_NAME).read_text("utf-8").replace("playbook: first-steps", f"playbook: {JOURNEY}", 1)
    (own / FILE_NAME).write_text(text + more.joinpath("steps.yml").read_text("utf-8"), encoding="utf-8")


def write_settings(folder: Path, scenario: Scenario, url: str) -> None:
    """Write `lcm.yaml`, the playbook and the key's file."""
    write_playbook(folder)
    write_private(folder / KEY, DEFAULT_KEY)
    settings: dict[str, Any] = {
        "forum": {"url": url, "api_username": ADMIN, "key_file": KEY, "calls_per_minute": 1_000_000},
        "store": f"sqlite:///{STORE}",
        "roster": {"csv": ROSTER, "facts": {"manager_name": "text"}},
        "mail": {
            "folder": MAILS,
            "from": SENDER,
            "reply_to_of": {cohort.key: cohort.lcm.email for cohort in scenario.cohorts},
        },
        "playbooks": [JOURNEY],
        "cohorts": [
            {
                "key": cohort.key,
                "name": cohort.name,
                "start": cohort.start.isoformat(),
                "end": cohort.end.isoformat(),
                "timezone": cohort.timezone,
                "locale": cohort.locale,
                "languages": list(cohort.languages),
                "programme": PROGRAMME,
                "playbook": JOURNEY,
                "steps": dict.fromkeys(_switched_off(folder, scenario, cohort), False),
            }
            for cohort in scenario.cohorts
        ],
        "reach": {"quiet": QUIET},
        "limits": {"allow": ["add", "remove", "owners", "create"], "grace_days": 1},
    }
    if scenario.library:
        settings["library"] = {"category": PRACTICES, "language": "en"}
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    (folder / SETTINGS).write_text(text, encoding="utf-8")


def _switched_off(folder: Path, scenario: Scenario, cohort: DemoCohort) -> Sequence[str]:
    """Return the steps that a cohort does without."""
    if cohort.after is None:
        return scenario.without
    playbook = yaml.safe_load((folder / JOURNEY / FILE_NAME).read_text("utf-8"))
    return [step["id"] for step in playbook["steps"] if step["id"] not in OF_THE_LATER]


def write_roster(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write the roster; a reader sees the old one or the new one, never half."""
    new = folder / f"{ROSTER}.new"
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(RosterRow._fields)
    writer.writerows(rows)
    write_private(new, text.getvalue())
    new.replace(folder / ROSTER)


# The time of the demo's worker.


@dataclass(slots=True)
class WorkerClock:
    """The worker's virtual time: waiting moves it on and takes none, and the forum's does not move until the next tick.

    Args:
        now: aware.
        waited: seconds waited in all.

    """

    now: datetime
    waited: float = 0.0

    def wait(self, seconds: float) -> None:
        """Let the seconds pass."""
        self.now += timedelta(seconds=seconds)
        self.waited += seconds


# Where the demo's forum serves: always the same port, so that links in its texts are the same, unless it is taken.


USUAL = 4280


def usual_or_free_port() -> int:
    """Return the demo's usual port, or 0 (any free one) where somebody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL))
        except OSError:
            return 0
    return USUAL
