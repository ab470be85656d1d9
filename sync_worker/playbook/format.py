"""The shape of `playbook.yml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator, PrivateAttr, WithJsonSchema, create_model, model_validator

from sync_worker.config.strict import Strict
from sync_worker.errors import ConfigError
from sync_worker.languages.part import codes
from sync_worker.model import FACT_NAME, Approval, FactType, Lever
from sync_worker.rules.reading import RuleField
from sync_worker.rules.vocabulary import Vocabulary
from sync_worker.timeline import (
    CatchUp,
    CatchUpField,
    DayField,
    EveryField,
    FollowUp,
    MomentField,
    OnHoliday,
    RelativeDay,
    text_schema,
)

NAME = r"^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$"
START = RelativeDay("start", 0)
END = RelativeDay("end", 0)
CATCH_UP_ONCE = CatchUp("latest", timedelta(days=7))
CATCH_UP_OFTEN = CatchUp("latest", timedelta(days=3))  # what a weekend keeps from happening on Friday is done on Monday

A_DAY = timedelta(days=1)
ALLOWANCE = re.compile(r"(?P<times>[1-9]\d{0,2}) per (?P<count>[1-9]\d{0,2})(?P<unit>[dw])")

Name = Annotated[str, Field(pattern=NAME)]
Remake = Callable[[Mapping[str, Any]], tuple[Strict, tuple[FollowUp, ...]]]
FactName = Annotated[str, Field(pattern=f"^{FACT_NAME.pattern}$")]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often something may happen: so many `times`, in each `days` days, or (None) in the whole journey."""

    times: int
    days: int | None = None

    def __str__(self) -> str:
        return f"{self.times} per {self.days}d" if self.days else str(self.times)


def parse_allowance(value: object) -> Allowance:
    """Read `2`, or `1 per 14d`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return Allowance(value)
    match = ALLOWANCE.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected how often, like 2 for the whole journey, or '1 per 14d', not '{value}'")
    return Allowance(int(match["times"]), int(match["count"]) * (7 if match["unit"] == "w" else 1))


AllowanceField = Annotated[
    Allowance,
    PlainValidator(parse_allowance),
    WithJsonSchema({"oneOf": [{"type": "integer", "minimum": 1}, text_schema(ALLOWANCE.pattern, "1 per 14d")]}),
]


class Limit(Strict):
    """How often a step happens in a cohort at most, and how often one learner gets a text of it."""

    per_cohort: AllowanceField | None = None
    per_learner: AllowanceField | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> Limit:
        if self.per_cohort is None and self.per_learner is None:
            raise ValueError("say what is limited, like {per_learner: 1 per 7d} or {per_cohort: 3}")
        return self


class Step(Strict):
    """One line of the journey: when, which play, with what.

    `when` is the condition on the cohort under which it happens, `for` says for whom of the cohort's people it is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["at"], "not": {"anyOf": [{"required": ["from"]}, {"required": ["until"]}]}},
                {"required": ["every"]},
            ]
        }
    )

    id: Name
    at: MomentField | None = None
    every: EveryField | None = None
    from_: Annotated[DayField | None, Field(alias="from")] = None
    until: DayField | None = None
    play: str
    with_: Annotated[dict[str, Any], Field(alias="with", default_factory=dict)]
    approval: Approval | None = None
    catch_up: CatchUpField | None = None
    on_holiday: OnHoliday | None = None
    levers: tuple[Lever, ...] | None = None
    when: RuleField | None = None
    for_: Annotated[RuleField | None, Field(alias="for")] = None
    limit: Limit | None = None
    _follow_ups: tuple[FollowUp, ...] = PrivateAttr(default=())
    _excluded: tuple[str, ...] = PrivateAttr(default=())
    _to_people: bool = PrivateAttr(default=True)
    _remake: Remake | None = PrivateAttr(default=None)
    _own_options: Strict | None = PrivateAttr(default=None)

    @property
    def follow_ups(self) -> tuple[FollowUp, ...]:
        """What the step does again later, or earlier; its play says so, and no playbook writes it."""
        return self._follow_ups

    def with_follow_ups(
        self, follow_ups: tuple[FollowUp, ...], remake: Remake | None = None, *, to_people: bool = True
    ) -> Step:
        """Return the step with what its play does again.

        `remake` reads other options, and what is done again then; `to_people` says whether the play writes to single
        people.
        """
        step = self.model_copy()
        step._follow_ups, step._remake, step._to_people = follow_ups, remake, to_people
        return step

    @property
    def own_options(self) -> Strict | None:
        """The options of a step that a cohort changed; None where they are the playbook's."""
        return self._own_options

    def changed_by(self, options: Mapping[str, Any]) -> Step:
        """Return the step with other options, where they are given; those left out stay.

        Raises:
            ConfigError: the play has no such options.

        """
        step = self.model_copy(update={"with_": {**self.with_, **options}})
        if self._remake is not None:
            step._own_options, step._follow_ups = self._remake(step.with_)
        return step

    @property
    def excluded(self) -> tuple[str, ...]:
        """The people, by username or by the key of the roster, whom the cohort left out of the step."""
        return self._excluded

    def without(self, people: tuple[str, ...]) -> Step:
        """Return the step without some people.

        Raises:
            ConfigError: its play writes to nobody singly.

        """
        if not self._to_people:
            raise ConfigError(f"a {self.play} writes to nobody singly, so nobody can be left out of it.")
        step = self.model_copy()
        step._excluded = people
        return step

    @property
    def missed(self) -> CatchUp:
        """What becomes of the step's dates that were missed."""
        return self.catch_up or (CATCH_UP_ONCE if self.at else CATCH_UP_OFTEN)

    @property
    def patience(self) -> timedelta:
        """How late the step may still be carried out."""
        return self.missed.within

    @property
    def relative_days(self) -> dict[str, RelativeDay]:
        """The days that are counted from another one, by the key that names them."""
        named = {"at": self.at.day if self.at else None, "from": self.from_, "until": self.until}
        return {key: day for key, day in named.items() if isinstance(day, RelativeDay)}


class Include(Strict):
    """A line among the steps that stands for the steps of another file, by its path from the file that has the line."""

    include: Annotated[str, Field(min_length=1, max_length=200)]


class _TitleBase(Strict):
    """What a playbook is called; the languages given here are those of all its texts."""

    @model_validator(mode="after")
    def _some_language(self) -> _TitleBase:
        if not self.languages:
            raise ValueError("name the playbook in at least one language, like {en: First steps}")
        return self

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages given."""
        return tuple(self.model_dump(exclude_none=True))

    def in_language(self, locale: str) -> str:
        """Return the title in a language, or in the first there is."""
        texts: dict[str, str] = self.model_dump(exclude_none=True)
        return texts.get(locale) or next(iter(texts.values()))


if TYPE_CHECKING:
    Title = _TitleBase
else:
    _Text = Annotated[str | None, Field(min_length=1)]
    Title = create_model(
        "Title", __base__=_TitleBase, __doc__=_TitleBase.__doc__, **dict.fromkeys(codes(), (_Text, None))
    )


class PlaybookFile(Strict):
    """The whole of `playbook.yml`; nothing is posted of one that is not `active`.

    `facts` names the facts about people that its rules read, with the kinds of their values.
    """

    playbook: Name
    title: Title
    version: Literal[1]
    active: bool = True
    facts: Annotated[dict[FactName, FactType], Field(default_factory=dict)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that every text of the playbook exists in."""
        return self.title.languages

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def vocabulary(self, *, of_person: bool) -> Vocabulary:
        """Return the words that its rules may use, about a cohort or about one person of it."""
        return Vocabulary(self.facts, tuple(step.id for step in self.steps), of_person=of_person)
