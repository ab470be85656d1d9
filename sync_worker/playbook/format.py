"""The shape of `playbook.yml`, its JSON Schema, and what the shape cannot say: days, plays and their options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator, PrivateAttr, WithJsonSchema, create_model, model_validator
from pydantic.json_schema import models_json_schema

from sync_worker.config.base import Strict
from sync_worker.config.located_yaml import LocatedYaml, validate
from sync_worker.errors import ConfigError
from sync_worker.languages.language import codes
from sync_worker.model import FACT_NAME, Approval, FactType, Lever
from sync_worker.rules.reading import RULE_SCHEMA, RuleField
from sync_worker.rules.terms import RESERVED
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
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

    from sync_worker.config.located_yaml import KeyPath
    from sync_worker.plays import Play


NAME = r"^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$"
START = RelativeDay("start", 0)
END = RelativeDay("end", 0)
CATCH_UP_ONCE = CatchUp("latest", timedelta(days=7))
CATCH_UP_OFTEN = CatchUp("latest", timedelta(days=3))  # what a weekend keeps from happening on Friday is done on Monday

A_DAY = timedelta(days=1)
ALLOWANCE = re.compile(r"(?P<times>[1-9]\d{0,2}) per (?P<count>[1-9]\d{0,2})(?P<unit>[dw])")

Name = Annotated[str, Field(pattern=NAME)]
Remake = Callable[[LocatedYaml], tuple[Strict, tuple[FollowUp, ...]]]
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

    def changed_by(self, options: LocatedYaml) -> Step:
        """Return the step with other options, where they are given; those left out stay.

        Raises:
            ConfigError: the play has no such options; names where they are written.

        """
        step = self.model_copy(update={"with_": {**self.with_, **options.data}})
        if self._remake is not None:
            step._own_options, step._follow_ups = self._remake(replace(options, data=dict(step.with_)))
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


# The JSON Schema of `playbook.yml`, made from the models, for editors and other tools.


def playbook_schema(plays: Mapping[str, Play]) -> dict[str, Any]:
    """Return the schema; each step's `with` follows from its `play`."""
    models: list[type[BaseModel]] = [PlaybookFile, Include, *(play.options for play in plays.values())]
    places, schema = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions = schema["$defs"]
    step = definitions["Step"]
    step["properties"]["play"]["enum"] = sorted(plays)
    step["allOf"] = [
        {
            "if": {"properties": {"play": {"const": name}}},
            "then": {"properties": {"with": places[play.options, "validation"]}},
        }
        for name, play in sorted(plays.items())
    ]
    definitions["Rule"] = RULE_SCHEMA
    root = definitions.pop("PlaybookFile")
    steps = root["properties"]["steps"]
    steps["items"] = {"anyOf": [steps["items"], places[Include, "validation"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}


# What the shape of a playbook cannot say: days that exist, plays and their options, texts in every language.


ANCHORS = ("start", "end")
DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}")


def timeline_problems(document: LocatedYaml, playbook: PlaybookFile) -> Iterator[str]:
    """Yield what is wrong with ids and days, each with its place."""
    seen: set[str] = set()
    for position, step in enumerate(playbook.steps):
        here = document.where(("steps", position, "id"))
        if step.id in seen:
            yield f"{here}: two steps are called '{step.id}'. Give each an id of its own."
        if step.id in ANCHORS:
            yield f"{here}: a step cannot be called '{step.id}': it names the cohort's first or last day."
        if DATE_LIKE.fullmatch(step.id):
            yield f"{here}: a step cannot be called '{step.id}': that is a date."
        seen.add(step.id)
        if (step.at is None) == (step.every is None):
            yield f"{here}: step '{step.id}' needs either `at` or `every`."
        if step.at and (step.from_ or step.until):
            yield f"{here}: step '{step.id}' happens once; `from` and `until` belong to `every`."
        for key, problem in relation_problems(step, playbook):
            yield f"{document.where(('steps', position, key))}: {problem}"


def relation_problems(step: Step, playbook: PlaybookFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the days that a step counts from other steps: the key, and the problem."""
    for key, day in step.relative_days.items():
        problem = _anchor_problem(day.anchor, step, playbook)
        if problem:
            yield key, problem


def _anchor_problem(anchor: str, step: Step, playbook: PlaybookFile) -> str | None:
    if anchor in ANCHORS:
        return None
    passed = {step.id}
    current = anchor
    while current not in ANCHORS:
        target = playbook.step(current)
        if target is None:
            return f"no step is called '{current}'.{nearest(current, [*ANCHORS, *(s.id for s in playbook.steps)])}"
        if current in passed:
            return f"step '{step.id}' counts from '{anchor}', which counts from '{step.id}' again."
        if target.at is None:
            return f"'{current}' happens again and again; count from `start`, `end` or a step with `at`."
        passed.add(current)
        if not isinstance(target.at.day, RelativeDay):
            return None
        current = target.at.day.anchor
    return None


def rule_problems(document: LocatedYaml, playbook: PlaybookFile, plays: Mapping[str, Play]) -> Iterator[str]:
    """Yield what is wrong with facts, rules and limits, each with its place."""
    for name in playbook.facts:
        if name in RESERVED:
            yield f"{document.where(('facts', name))}: '{name}' is a word of the rules itself; call the fact otherwise."
    for position, step in enumerate(playbook.steps):
        here: KeyPath = ("steps", position)
        rules = (("when", step.when, False), ("for", step.for_, True))
        for key, rule, of_person in rules:
            if rule is not None:
                for path, problem in playbook.vocabulary(of_person=of_person).problems(rule):
                    yield f"{document.where((*here, key, *path))}: {problem}"
        play = plays.get(step.play)
        if play is None or play.addresses_people:
            continue
        if step.for_ is not None:
            yield (
                f"{document.where((*here, 'for'))}: a {step.play} writes to nobody singly, so there is nobody to "
                "choose; take `for` out, or say with `when` under which condition it happens."
            )
        if step.limit is not None and step.limit.per_learner is not None:
            yield (
                f"{document.where((*here, 'limit', 'per_learner'))}: a {step.play} writes to nobody singly; "
                "write `per_cohort`."
            )


def read_options(
    document: LocatedYaml, playbook: PlaybookFile, plays: Mapping[str, Play]
) -> tuple[dict[str, Strict], list[str]]:
    """Return each step's options as its play's own model, and what is wrong with them."""
    options: dict[str, Strict] = {}
    problems: list[str] = []
    for position, step in enumerate(playbook.steps):
        play = plays.get(step.play)
        if play is None:
            where = document.where(("steps", position, "play"))
            problems.append(f"{where}: unknown play '{step.play}'.{nearest(step.play, plays)}")
            continue
        if play.counts_days and step.on_holiday == "before":
            where = document.where(("steps", position, "on_holiday"))
            problems.append(f"{where}: a {step.play} counts the days before its own; write `after` or `skip`.")
        document.data["steps"][position].setdefault("with", {})
        try:
            options[step.id] = validate(play.options, document, ("steps", position, "with"))
        except ConfigError as error:
            problems.append(str(error))
            continue
        problems += _reference_problems(document, playbook, position, play, options[step.id])
        if play.acts and step.approval is Approval.LCM:
            where = document.where(("steps", position, "approval"))
            problems.append(f"{where}: a {step.play} posts nothing that could be approved; take `approval` out.")
    return options, problems


def _reference_problems(
    document: LocatedYaml, playbook: PlaybookFile, position: int, play: Play, options: Strict
) -> Iterator[str]:
    """Yield the steps that options name and that are not there, or are the step itself."""
    for option, problem in unknown_steps(playbook, playbook.steps[position].id, play, options):
        yield f"{document.where(('steps', position, 'with', option))}: {problem}"


def unknown_steps(playbook: PlaybookFile, step: str, play: Play, options: Strict) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the other steps that a step's options name: the option, and the problem."""
    others = [one.id for one in playbook.steps if one.id != step]
    for option in play.names_steps:
        value = getattr(options, option)
        for name in (value,) if isinstance(value, str) else value or ():
            if name not in others:
                yield option, f"no other step is called '{name}'.{nearest(name, others)}"


def text_problems(
    document: LocatedYaml,
    playbook: PlaybookFile,
    options: Mapping[str, Strict],
    plays: Mapping[str, Play],
    folders: tuple[Path, Path],
) -> Iterator[str]:
    """Yield the templates and decks that a step names and a language lacks.

    Args:
        document: the playbook as it was written.
        playbook: the same, read.
        options: each step's options.
        plays: says which options name templates.
        folders: the playbook's own, and that of the playbook whose templates stand in for those which the own folder
            has in no language; only where the step leaves the option at its default.

    """
    for position, step in enumerate(playbook.steps):
        if step.id in options:
            for field, problem in missing_texts(playbook, step.id, plays[step.play], options[step.id], folders):
                yield f"{document.where(('steps', position, 'with', field))}: {problem}"


def missing_texts(
    playbook: PlaybookFile, step: str, play: Play, options: Strict, folders: tuple[Path, Path]
) -> Iterator[tuple[str, str]]:
    """Yield what a step's options name and a language lacks: the option, and the problem; `folders` as above."""
    own, shipped = folders
    chosen = options.model_fields_set
    for field, relative in _texts(options, play):
        files = [relative.format(language=language) for language in playbook.languages]
        missing = [file for file in files if not (own / file).is_file()]
        if field not in chosen and not any(own.glob(relative.format(language="*"))):
            missing = [file for file in files if not (shipped / file).is_file()]
        if missing:
            yield field, f"step '{step}' needs {' and '.join(missing)}, which is not there."


def _texts(options: Strict, play: Play) -> Iterator[tuple[str, str]]:
    """Yield the option and the file, for options that name templates, and decks by our convention of names."""
    for field in type(options).model_fields:
        value = getattr(options, field)
        names = (value,) if isinstance(value, str) else value or ()
        if field in play.texts:
            yield from ((field, f"templates/{name}.{{language}}.md") for name in names)
        elif field == "deck" or field.endswith("_deck"):
            yield from ((field, f"decks/{name}.{{language}}.yml") for name in names)
        elif field == "resources":
            yield from ((field, f"resources/{name}.{{language}}.yml") for name in names)
