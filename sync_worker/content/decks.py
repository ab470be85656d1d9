"""Decks of prompts and lists of resources, in one language each; sisters in other languages have the same ids."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, model_validator

from sync_worker.config.base import Strict
from sync_worker.config.located_yaml import read_yaml, validate
from sync_worker.model import Lever
from sync_worker.timeline import DayField, FixedDay

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.timeline import Day

ENTRY_ID = r"^[a-z0-9][a-z0-9-]*$"
ADDRESS_LONGEST = 500
COHORT_DAYS = ("start", "end")


def checked_address(address: str) -> str:
    """Return an address of the web that can stand in a Markdown link.

    Raises:
        ValueError: it is none, or holds a name and password.

    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("expected an address that begins with https:// or http://")
    if re.search(r"[\s\x00-\x1f\x7f]", address) or len(address) > ADDRESS_LONGEST:
        raise ValueError(f"an address has no spaces, and at most {ADDRESS_LONGEST} characters")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address that everybody reads must not hold a name or a password")
    return quote(address, safe="%/:?#[]@!$&'*+,;=~-._")


WebAddress = Annotated[str, AfterValidator(checked_address)]


def _plain_option(option: str) -> str:
    if re.search(r"[\[\]\n\r]", option):
        raise ValueError("an option is one line without [ and ]")
    return option


Option = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_plain_option)]


class Poll(Strict):
    """A vote below a prompt: its options, whether several may be chosen, and when the results are shown."""

    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=20)]
    several: bool = False
    results: Literal["always", "on_vote", "on_close"] = "on_vote"

    @model_validator(mode="after")
    def _unique(self) -> Poll:
        if len({option.strip().casefold() for option in self.options}) != len(self.options):
            raise ValueError("the options of a poll must differ")
        return self


Question = Annotated[str, Field(min_length=8, max_length=300), AfterValidator(_plain_option)]


class Prompt(Strict):
    """One prompt: a title, and the text with why it is worth answering; `last` is kept for the step's last date.

    Below the text may stand a `poll`, or a `form`: questions that are answered one after the other, in one reply.

    `levers` says what it does for transfer; nobody but `lcm playbook check` reads it.
    """

    id: Annotated[str, Field(pattern=ENTRY_ID, max_length=40)]
    title: Annotated[str, Field(min_length=8, max_length=90)]
    text: Annotated[str, Field(min_length=40, max_length=900)]
    why: Annotated[str, Field(min_length=20, max_length=400)]
    last: bool = False
    poll: Poll | None = None
    form: Annotated[tuple[Question, ...], Field(max_length=7)] = ()
    levers: tuple[Lever, ...] = ()


class Deck(Strict):
    """A deck of prompts, in the order in which they are meant to be asked."""

    prompts: Annotated[tuple[Prompt, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _unique(self) -> Deck:
        _refuse_repeated("prompt", [prompt.id for prompt in self.prompts])
        return self

    def fresh(self, used: Collection[str], *, at_the_end: bool) -> tuple[Prompt, ...]:
        """Return the prompts that may come now, in the order of the deck; none where all were asked.

        Args:
            used: the ids of those asked before.
            at_the_end: whether it is the last date of the step: a prompt with `last: true` comes then, and only then.

        """
        left = [prompt for prompt in self.prompts if prompt.id not in used]
        closing = tuple(prompt for prompt in left if prompt.last)
        return closing if at_the_end and closing else tuple(prompt for prompt in left if not prompt.last)


def read_deck(path: Path) -> Deck:
    """Read a deck.

    Raises:
        ConfigError: missing, not YAML, or not a deck; names file and line.

    """
    return validate(Deck, read_yaml(path))


def _refuse_repeated(what: str, ids: list[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"{what} ids must be unique; twice: {', '.join(twice)}")


class Resource(Strict):
    """Something to read, watch or use: where, how long it takes, why; from when and until when it is worth posting."""

    id: Annotated[str, Field(pattern=ENTRY_ID, max_length=40)]
    title: Annotated[str, Field(min_length=8, max_length=90)]
    link: WebAddress
    minutes: Annotated[int, Field(ge=1, le=600)]
    why: Annotated[str, Field(min_length=20, max_length=400)]
    ask: Annotated[str | None, Field(min_length=15, max_length=300)] = None
    tags: tuple[str, ...] = ()
    from_: Annotated[DayField | None, Field(alias="from")] = None
    until: DayField | None = None

    @model_validator(mode="after")
    def _days_of_the_cohort(self) -> Resource:
        for day in (self.from_, self.until):
            if day is not None and not isinstance(day, FixedDay) and day.anchor not in COHORT_DAYS:
                raise ValueError(f"days count from `start` or `end`, not from '{day.anchor}'")
        return self

    def is_for(self, day: date, cohort: Cohort) -> bool:
        """Whether it may be posted to a cohort on a day."""
        begun = self.from_ is None or _date(self.from_, cohort) <= day
        return begun and (self.until is None or day <= _date(self.until, cohort))


def _date(day: Day, cohort: Cohort) -> date:
    """Return the date of a day; what counts from the end of a cohort without one never comes."""
    if isinstance(day, FixedDay):
        return day.date
    anchor = cohort.start if day.anchor == COHORT_DAYS[0] else cohort.end
    return date.max if anchor == date.max else anchor + timedelta(days=day.days)


class ResourceList(Strict):
    """A list of resources, in the order in which they are meant to come."""

    resources: Annotated[tuple[Resource, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _unique(self) -> ResourceList:
        _refuse_repeated("resource", [resource.id for resource in self.resources])
        return self

    def next(self, used: Collection[str], tagged: Collection[str], day: date, cohort: Cohort) -> Resource | None:
        """Return what comes next: of those with a day of their own whose day has come the first, else the first.

        Args:
            used: the ids of those that the cohort got.
            tagged: only those with one of these tags; all where it is empty.
            day: of the cohort's clock.
            cohort: whose.

        """
        left = [
            one
            for one in self.resources
            if one.id not in used and one.is_for(day, cohort) and (not tagged or set(tagged) & set(one.tags))
        ]
        return next((one for one in left if one.from_ is not None), left[0] if left else None)


def read_resources(path: Path) -> ResourceList:
    """Read a list of resources.

    Raises:
        ConfigError: missing, not YAML, or not such a list; names file and line.

    """
    return validate(ResourceList, read_yaml(path))
