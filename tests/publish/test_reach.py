"""When one learner may be written to: caps, quiet hours and weekends as rules, and as settings."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.config.options import ReachSettings, parse_quiet
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.model.drafts import Hindrance, Reach, Sent, is_quiet, opening
from tests.search import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

LISBON, AUCKLAND, NEW_YORK = (ZoneInfo(name) for name in ("Europe/Lisbon", "Pacific/Auckland", "America/New_York"))
ZONES = (LISBON, AUCKLAND, NEW_YORK)
ALWAYS = Reach(per_day=None, per_week=None, quiet=None, weekend=True)
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)  # in Lisbon 9:00 as well


def at(text: str, zone: ZoneInfo = LISBON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "opens", "why"),
    [
        ("2027-03-01 07:29", "2027-03-01 07:30", Hindrance.QUIET),
        ("2027-03-01 07:30", "2027-03-01 07:30", None),
        ("2027-03-01 19:59", "2027-03-01 19:59", None),
        ("2027-03-01 20:00", "2027-03-02 07:30", Hindrance.QUIET),
        ("2027-03-05 21:00", "2027-03-08 07:30", Hindrance.QUIET),
        ("2027-03-06 12:00", "2027-03-08 07:30", Hindrance.QUIET),
        ("2027-03-28 02:30", "2027-03-29 07:30", Hindrance.QUIET),
    ],
)
def test_nothing_goes_out_in_quiet_hours_or_at_the_weekend(now: str, opens: str, why: Hindrance | None) -> None:
    found = opening(Reach(), LISBON, at(now), [])
    assert (found.at, found.why) == (at(opens), why)


def test_quiet_hours_may_lie_within_a_day() -> None:
    siesta = Reach(quiet=(time(13), time(15)), weekend=True)
    assert opening(siesta, LISBON, at("2027-03-06 13:30"), []).at == at("2027-03-06 15:00")
    assert opening(siesta, LISBON, at("2027-03-06 23:30"), []).why is None


def test_a_day_and_a_week_have_so_many_messages_from_whichever_cohort() -> None:
    sent = [Sent(MONDAY, LISBON)]
    day = opening(Reach(), LISBON, MONDAY + timedelta(hours=3), sent)
    assert day == (at("2027-03-02 07:30"), Hindrance.DAY)
    sent += [Sent(MONDAY + timedelta(days=days), LISBON) for days in (1, 2)]
    assert opening(Reach(), LISBON, MONDAY + timedelta(days=3), sent) == (at("2027-03-08 07:30"), Hindrance.WEEK)
    assert opening(Reach(per_week=4), LISBON, MONDAY + timedelta(days=3), sent).why is None


def test_a_learner_of_two_zones_has_one_message_a_day_on_both_clocks() -> None:
    evening = at("2027-03-02 19:00", NEW_YORK)  # Wednesday 13:00 in Auckland
    sent = [Sent(evening, NEW_YORK)]
    found = opening(Reach(), AUCKLAND, evening + timedelta(hours=6), sent)
    assert found.at is not None
    assert found.at.astimezone(NEW_YORK).date() > evening.date()
    assert found.at.astimezone(AUCKLAND).date() > evening.astimezone(AUCKLAND).date()


@pytest.mark.parametrize("reach", [Reach(per_day=0), Reach(per_week=0, per_day=None)])
def test_a_cap_of_0_is_never_and_no_cap_is_always(reach: Reach) -> None:
    assert opening(reach, LISBON, MONDAY, []).at is None
    assert opening(ALWAYS, LISBON, MONDAY, [Sent(MONDAY, LISBON)] * 50) == (MONDAY, None)


clocks = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
reaches = st.builds(
    Reach,
    per_day=st.sampled_from((None, 1, 2)),
    per_week=st.sampled_from((None, 1, 2, 5)),
    quiet=st.none() | st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1]),
    weekend=st.booleans(),
)
# Around the days on which the clocks change, in each of the zones.
moments = st.datetimes(datetime(2027, 3, 8), datetime(2027, 4, 12)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)


def allows(reach: Reach, zone: ZoneInfo, moment: datetime, sent: Sequence[Sent]) -> bool:
    """The rules once more, in other words."""
    local = moment.astimezone(zone)
    if not reach.weekend and f"{local:%a}" in ("Sat", "Sun"):
        return False
    if reach.quiet is not None:
        start, end = reach.quiet
        minutes = (local.hour * 60 + local.minute - start.hour * 60 - start.minute) % 1440
        if minutes < (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440:
            return False
    for clock in (zone, *(one.zone for one in sent)):
        here = moment.astimezone(clock)
        others = [one.at.astimezone(clock) for one in sent]
        same_day = sum(f"{one:%F}" == f"{here:%F}" for one in others)
        same_week = sum(one.isocalendar()[:2] == here.isocalendar()[:2] for one in others)
        if reach.per_day is not None and same_day >= reach.per_day:
            return False
        if reach.per_week is not None and same_week >= reach.per_week:
            return False
    return True


@given(reaches, st.sampled_from(ZONES), moments, st.lists(st.builds(Sent, moments, st.sampled_from(ZONES)), max_size=6))
def test_what_opens_is_allowed_and_nothing_before_it_is(
    reach: Reach, zone: ZoneInfo, now: datetime, sent: list[Sent]
) -> None:
    found = opening(reach, zone, now, sent)
    assert found.at is not None
    assert allows(reach, zone, found.at, sent)
    assert (found.why is None) == (found.at == now)
    step = (found.at - now) / examples(20, 400)
    for number in range(examples(20, 400)):
        before = now + number * step
        assert before == found.at or not allows(reach, zone, before, sent)


received = st.lists(st.builds(Sent, moments, st.sampled_from(ZONES)), max_size=4)


@given(reaches, st.sampled_from(ZONES), moments, st.lists(received, min_size=2, max_size=3))
def test_a_message_to_several_opens_when_each_of_them_may_get_it_and_not_before(
    reach: Reach, zone: ZoneInfo, now: datetime, sent: list[list[Sent]]
) -> None:
    found = opening(reach, zone, now, *sent)
    assert found.at is not None
    assert all(allows(reach, zone, found.at, got) for got in sent)
    step = (found.at - now) / examples(20, 400)
    for number in range(examples(20, 400)):
        before = now + number * step
        assert before == found.at or not all(allows(reach, zone, before, got) for got in sent)


@given(reaches, moments)
def test_quiet_hours_begin_and_end_on_the_clock(reach: Reach, moment: datetime) -> None:
    local = moment.astimezone(LISBON)
    plain = Reach(None, None, reach.quiet, reach.weekend)
    assert is_quiet(plain, local) != allows(plain, LISBON, moment, [])


@pytest.mark.parametrize("written", ["20:00-07:30", "20:00 - 7:30", "none", None])
def test_quiet_hours_are_written_as_two_times(written: str | None) -> None:
    assert parse_quiet(written) == (None if written in ("none", None) else (time(20), time(7, 30)))


@pytest.mark.parametrize("written", ["20-7", "20:00", "24:00-07:30", "20:61-07:30", 20, True, "07:30-07:30"])
def test_other_quiet_hours_are_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        ReachSettings.model_validate({"quiet": written})


def test_a_cohort_replaces_what_it_names_and_nothing_else() -> None:
    def cohort(key: str, **reach: object) -> CohortSettings:
        days = {"start": "2027-03-01", "end": "2027-05-31", "timezone": "UTC"}
        return CohortSettings.model_validate({"key": key, "name": key, "reach": reach, **days})

    forum = ForumSettings(url="https://forum.example.org")
    general = ReachSettings(per_day=2, quiet=None)
    cohorts = (cohort("spring", per_week=None, weekend=True), cohort("autumn"))
    settings = Settings(forum=forum, reach=general, cohorts=cohorts)
    assert settings.reach_of("spring") == Reach(2, None, None, weekend=True)
    assert settings.reach_of("autumn") == settings.reach_of("unknown") == Reach(2, 3, None, weekend=False)
    assert Settings(forum=forum).reach_of("autumn") == Reach()
