"""The shape of `playbook.yml`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr, create_model, model_validator

from sync_worker.config.strict import Strict
from sync_worker.languages.part import codes
from sync_worker.model import Approval, Lever
from sync_worker.timeline import (
    CatchUp,
    CatchUpField,
    DayField,
    EveryField,
    FollowUp,
    MomentField,
    OnHoliday,
    RelativeDay,
)

NAME = r"^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$"
START = RelativeDay("start", 0)
END = RelativeDay("end", 0)
CATCH_UP_ONCE = CatchUp("latest", timedelta(days=7))
CATCH_UP_OFTEN = CatchUp("latest", timedelta(days=3))  # what a weekend keeps from happening on Friday is done on Monday

Name = Annotated[str, Field(pattern=NAME)]


class Step(Strict):
    """One line of the journey: when, which play, with what."""

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
    _follow_ups: tuple[FollowUp, ...] = PrivateAttr(default=())

    @property
    def follow_ups(self) -> tuple[FollowUp, ...]:
        """What the step does again later, or earlier; its play says so, and no playbook writes it."""
        return self._follow_ups

    def with_follow_ups(self, follow_ups: tuple[FollowUp, ...]) -> Step:
        """Return the step with what its play does again."""
        step = self.model_copy()
        step._follow_ups = follow_ups
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
    """The whole of `playbook.yml`; nothing is posted of one that is not `active`."""

    playbook: Name
    title: Title
    version: Literal[1]
    active: bool = True
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that every text of the playbook exists in."""
        return self.title.languages

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)
