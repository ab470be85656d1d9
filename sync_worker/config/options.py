"""The smaller parts of `lcm.yaml`: days off, changed steps, reach, library, service and retention, sync."""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from sync_worker.config.base import Duration, Locale, Strict, Zone, duration_in_words, parse_duration
from sync_worker.model import DaysOff, Reach, fold
from sync_worker.timeline import CatchUpField, DayField, EveryField, MomentField, OnHoliday, Places, StepChange

LONGEST_RANGE = 400
MOST = 200
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2}) ?\.\. ?(\d{4}-\d{2}-\d{2})")
FORM = "expected a day like 2027-05-07, or several like 2027-12-24..2028-01-01"


def parse_days(value: object) -> frozenset[date]:
    """Return the days of `2027-05-07` or `2027-12-24..2028-01-01`, both ends included.

    Raises:
        ValueError: it is written otherwise, ends before it starts, or is longer than `LONGEST_RANGE` days.

    """
    if isinstance(value, date) and not isinstance(value, datetime):  # YAML reads a date as a date
        return frozenset({value})
    match = RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if match is None:
            return frozenset({date.fromisoformat(value if isinstance(value, str) else "")})
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
    except ValueError:
        raise ValueError(FORM) from None
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_RANGE:
        raise ValueError(f"a range has 1 to {LONGEST_RANGE} days; this one has {length}")
    return frozenset(first + timedelta(days=number) for number in range(length))


def _written(days: frozenset[date]) -> str:
    first, last = min(days), max(days)
    return str(first) if first == last else f"{first}..{last}"


Days = Annotated[
    frozenset[date],
    PlainValidator(parse_days),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "examples": ["2027-05-07", "2027-12-24..2028-01-01"]}),
]


class DaysOffSettings(Strict):
    """When a cohort does not work.

    `holidays` names a country, or a part of it (`FR`, `DE-BY`), whose public holidays count. `days` are further ones.
    Steps with `on_holiday` avoid both. On `blackout` days nothing is posted.
    """

    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")] | None = None
    days: Annotated[tuple[Days, ...], Field(max_length=MOST)] = ()
    blackout: Annotated[tuple[Days, ...], Field(max_length=MOST)] = ()

    @property
    def as_data(self) -> DaysOff:
        """The days as the schedule takes them."""
        nothing: frozenset[date] = frozenset()
        return DaysOff(self.holidays, nothing.union(*self.days), nothing.union(*self.blackout))


# The shape of `steps` under a cohort in `lcm.yaml`: what the cohort changes of its playbook's steps.


USERNAME = re.compile(r"[\w.-]{1,60}")
PERSON_KEY = re.compile(r"(id:.+|mail:[^@\s]+@[^@\s]+|name:.+)", re.IGNORECASE)


def _someone(value: str) -> str:
    if not (USERNAME.fullmatch(value) or PERSON_KEY.fullmatch(value)):
        raise ValueError("name a person by username, or by the key of the roster: id:4711, mail:ana@example.org")
    return value


Someone = Annotated[str, AfterValidator(_someone)]


class StepChangeSettings(Strict):
    """Another form of one step of the playbook, in the playbook's own words; what is left out stays as it is there.

    `with` gives options of its play other values, `except` leaves individual people out of it. `off` alone, instead of
    all this, leaves the step out.
    """

    off: bool = False
    at: MomentField | None = None
    every: EveryField | None = None
    from_: Annotated[DayField | None, Field(alias="from")] = None
    until: DayField | None = None
    catch_up: CatchUpField | None = None
    on_holiday: OnHoliday | None = None
    with_: Annotated[dict[str, Any], Field(alias="with", default_factory=dict)]
    except_: Annotated[tuple[Someone, ...], Field(alias="except")] = ()
    _file: str = PrivateAttr(default="")
    _places: Places = PrivateAttr(default_factory=dict)

    def written_in(self, file: str, places: Places) -> None:
        """Remember where it is written: the file, and line and column by the path within the change."""
        self._file, self._places = file, places

    @model_validator(mode="after")
    def _one_time(self) -> StepChangeSettings:
        if self.at and (self.every or self.from_ or self.until):
            raise ValueError("a step happens once (`at`) or again and again (`every`, `from`, `until`), not both")
        if self.off and len(self.model_fields_set) > 1:
            raise ValueError("a step that is off has nothing else to change")
        if not self.model_fields_set:
            raise ValueError("say what changes, or write off")
        return self

    def as_change(self, step: str) -> StepChange:
        """Return the change of a step as the schedule takes it."""
        return StepChange(
            step,
            off=self.off,
            at=self.at,
            every=self.every,
            first=self.from_,
            until=self.until,
            catch_up=self.catch_up,
            on_holiday=self.on_holiday,
            options=self.with_,
            without=self.except_,
            file=self._file,
            places=self._places,
        )


def _read_off(value: object) -> object:
    """Read `off`, which YAML takes for False."""
    return {"off": True} if value is False else value


Steps = dict[str, Annotated[StepChangeSettings, BeforeValidator(_read_off)]]


def changes_of(steps: Steps) -> tuple[StepChange, ...]:
    """Return what a cohort changes, step by step."""
    return tuple(change.as_change(step) for step, change in steps.items())


# The shape of `reach` in `lcm.yaml`: how often and when one learner may be written to, for all and for one cohort.


WRITTEN = re.compile(r"(\d{1,2}:\d{2}) ?- ?(\d{1,2}:\d{2})")
QUIET_FORM = "expected two times of a clock like 20:00-07:30, or none"
Times = tuple[time, time]


def parse_quiet(value: object) -> Times | None:
    """Return the times of `20:00-07:30`, None for `none`.

    Raises:
        ValueError: it is written otherwise, or both times are the same.

    """
    if value is None or value == "none":
        return None
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        start, end = (time.fromisoformat(clock.zfill(5)) for clock in (match.groups() if match else ("", "")))
    except ValueError:
        raise ValueError(QUIET_FORM) from None
    if start == end:
        raise ValueError(
            "the two times are the same, so that nothing could ever be sent; write none for no quiet hours"
        )
    return start, end


def _written_times(value: Times | None) -> str:
    return "none" if value is None else f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Quiet = Annotated[
    Times | None,
    PlainValidator(parse_quiet),
    PlainSerializer(_written_times),
    WithJsonSchema({"type": ["string", "null"], "examples": ["20:00-07:30", "none"]}),
]
Cap = Annotated[int, Field(ge=0, le=100)] | None


class ReachSettings(Strict):
    """What one learner may receive, from all cohorts and playbooks together, as messages to them alone or to a pair.

    So many messages `per_day` and `per_week` (Monday to Sunday; null: no cap, 0: none at all), none in the `quiet`
    hours and, unless `weekend` says so, none on Saturdays and Sundays, all on the cohort's clock. A cohort's own
    `reach` replaces what it names.
    """

    per_day: Cap = 1
    per_week: Cap = 3
    quiet: Quiet = (time(20), time(7, 30))
    weekend: bool = False

    def with_changes(self, own: ReachSettings) -> ReachSettings:
        """Return these settings with those that a cohort names itself."""
        return self.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})

    @property
    def as_data(self) -> Reach:
        """The rules as they are applied."""
        return Reach(self.per_day, self.per_week, self.quiet, self.weekend)


# The shape of `library` in `lcm.yaml`: where practices of all cohorts are kept.


Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]


class LibrarySettings(Strict):
    """Where practices are kept, in which language, and under which subjects.

    `category` is a slug, a name or a number. Without `subjects` each find opens a subject of its own unless it is about
    the same as an earlier one.
    """

    category: str | int
    language: Locale = "en"
    subjects: tuple[Subject, ...] = ()

    @field_validator("subjects")
    @classmethod
    def _differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        folded = [fold(one) for one in value]
        if twice := sorted({one for one in folded if folded.count(one) > 1}):
            raise ValueError(f"each subject once; twice: {', '.join(twice)}")
        return value


# The shape of `service` and `retention` in `lcm.yaml`: how `lcm run` is seen, how long things are kept.


KEPT_SHORTEST, KEPT_LONGEST = timedelta(days=1), timedelta(days=36_500)
_PLACE = re.compile(r"(?:(?P<host>[^\s:\[\]]+|\[[0-9a-fA-F:.]+\]):)?(?P<port>\d{1,5})")


def parse_kept(value: object) -> timedelta | None:
    """Return how long something is kept: `365d`, or None for `forever`."""
    if value is None or value == "forever":
        return None
    length = parse_duration(value)
    if not KEPT_SHORTEST <= length <= KEPT_LONGEST:
        raise ValueError("expected 1d or more, or forever")
    return length


def write_kept(length: timedelta | None) -> str:
    """Return how long something is kept as `parse_kept` reads it."""
    return "forever" if length is None else f"{length.days}d"


Kept = Annotated[
    timedelta | None,
    PlainValidator(parse_kept),
    PlainSerializer(write_kept, when_used="json"),
    WithJsonSchema({"type": "string"}),
]


class ServiceSettings(Strict):
    """How `lcm run` is seen from outside.

    `listen` is HOST:PORT for health, metrics and webhooks, None for none of them. `webhooks_at` is the address at which
    the forum reaches it; the secret that both share is in the environment variable `secret_env`. `log` is `text`, or
    `json` for one object a line. A step that is due for longer than `late_after` counts as late.
    """

    listen: str | None = None
    webhooks_at: str | None = None
    secret_env: str = "LCM_WEBHOOK_SECRET"  # noqa: S105  (the name of a variable)
    log: Literal["text", "json"] = "text"
    late_after: Duration = timedelta(hours=1)

    @field_validator("listen", mode="before")
    @classmethod
    def _port_alone(cls, value: object) -> object:
        """YAML reads a port without a host as a number."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("listen")
    @classmethod
    def _place(cls, value: str | None) -> str | None:
        match = _PLACE.fullmatch(value) if value is not None else None
        if value is not None and (match is None or int(match["port"]) > 65_535):
            raise ValueError("expected HOST:PORT, like 127.0.0.1:8095")
        return value

    @field_validator("webhooks_at")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", value):
            raise ValueError("expected an address like https://lcm.example.org, without user, password or query")
        return value.rstrip("/") if value else value

    @property
    def place(self) -> tuple[str, int] | None:
        """Host and port to listen at; without a host, this machine alone. None where nothing listens."""
        match = _PLACE.fullmatch(self.listen) if self.listen else None
        return ((match["host"] or "127.0.0.1").strip("[]"), int(match["port"])) if match else None

    @property
    def is_local(self) -> bool:
        """Whether only this machine itself can reach it."""
        host = self.place[0] if self.place else "localhost"
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


class RetentionSettings(Strict):
    """How long the store keeps what it holds about people, by kind; `forever` keeps it.

    `activity` are copies of posts, topics and likes; `visits` the days on which people were on the forum; `drafts`
    those that were decided on; `ledger` the texts that were posted, of cohorts that are over, and their case studies;
    `changes` the journal of syncs, without which a run cannot be undone; `facts` what files and rosters said, since it
    was last observed.
    """

    activity: Kept = timedelta(days=1095)
    visits: Kept = timedelta(days=400)
    drafts: Kept = timedelta(days=365)
    ledger: Kept = timedelta(days=1095)
    changes: Kept = timedelta(days=400)
    facts: Kept = timedelta(days=1095)


# The shape of `sync` in `lcm.yaml`: how often `lcm run` brings the groups in step with the roster.


SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"(?P<first>{_CLOCK})-(?P<last>{_CLOCK})")
Hours = tuple[time, time]


def parse_hours(value: object) -> Hours:
    """Return the two times of `06:00-22:00`.

    Raises:
        ValueError: it is written otherwise, or both are the same.

    """
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('expected two times like "06:00-22:00"')
    first, last = time.fromisoformat(match["first"]), time.fromisoformat(match["last"])
    if first == last:
        raise ValueError("the two times are the same; leave 'between' out to sync at any hour")
    return first, last


def hours_in_words(hours: Hours) -> str:
    """Return two times as they are written in lcm.yaml."""
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


class SyncSettings(Strict):
    """When `lcm run` reads the roster and syncs.

    Every `every`; with `between`, only at these hours of the clocks of `timezone` (the first counts, the last does
    not; "22:00-06:00" is the night). With `apply: false` it plans and tells, and changes nothing. `tell` are the
    usernames or groups that get a message about a problem where the forum has no desk for it; empty: nobody.

    With `big_over`, `between` is for big syncs alone: one in which more people than this join or leave groups waits for
    these hours as a whole, all others go on at any hour. Newer Discourses let the browsers of people who are added
    several at once load the page again, which is no good during a lesson.
    """

    every: Duration = timedelta(hours=1)
    apply: bool = True
    between: (
        Annotated[
            Hours, PlainValidator(parse_hours), PlainSerializer(hours_in_words), WithJsonSchema({"type": "string"})
        ]
        | None
    ) = None
    timezone: Zone = "UTC"
    big_over: Annotated[int, Field(ge=0)] | None = None
    tell: tuple[str, ...] = ("moderators",)

    @field_validator("every")
    @classmethod
    def _bounded(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise ValueError("expected 5m to 7d")
        return value

    @model_validator(mode="after")
    def _big_when(self) -> SyncSettings:
        if self.big_over is not None and self.between is None:
            raise ValueError("big_over needs 'between': the hours for which a big sync waits")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of `between`."""
        return ZoneInfo(self.timezone)

    def in_words(self) -> str:
        """Return when and how people are synced, as the end of a sentence."""
        hours = (
            f" between {hours_in_words(self.between).replace('-', ' and ')} ({self.timezone})" if self.between else ""
        )
        if self.big_over is not None:
            hours = f", more than {self.big_over:,} people at once only{hours}"
        return f"every {duration_in_words(self.every)}{hours}{'' if self.apply else ', planned only (apply: false)'}"
