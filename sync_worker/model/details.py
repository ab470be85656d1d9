"""What a line of a membership plan needs besides its target and person, so that it can be done and taken back.

Each is kept in saved plans and in the journal as a JSON object; a part that is `ABSENT` is left out of it. `detail_of`
reads such objects, also those of earlier runs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Absent(Enum):
    """Says that a line has no such part."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
Nothing = Literal[Absent.ABSENT]


def _plain(value: Any) -> Any:
    if isinstance(value, _AsJson):
        return value.to_json()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, dict) else value


class _AsJson:
    """Data that is kept as a JSON object with the names of its fields."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        parts = ((field.name, getattr(self, field.name)) for field in fields(self))  # type: ignore[arg-type]
        return {name: _plain(value) for name, value in parts if value is not ABSENT}


@dataclass(frozen=True, slots=True)
class NoDetail(_AsJson):
    """The line says all."""


@dataclass(frozen=True, slots=True)
class Member(_AsJson):
    """A person by key, and digests of what recognises them again.

    `owner` says of somebody removed whether they owned the group, `told` why a line that was found out later is taken
    back.
    """

    key: str
    digests: str | Nothing = ABSENT
    owner: bool | Nothing = ABSENT
    told: str | Nothing = ABSENT


@dataclass(frozen=True, slots=True)
class Mark(_AsJson):
    """A member who waits for removal, or with `tie` for another end: since when, and found gone by how many runs."""

    key: str
    digests: str
    since: datetime
    clean_runs: int
    tie: str | Nothing = ABSENT


@dataclass(frozen=True, slots=True)
class Mailed(_AsJson):
    """A person without a known account: the address, the groups that an invitation leads into, and its id."""

    key: str
    email: str
    groups: tuple[str, ...] | Nothing = ABSENT
    invite: int | Nothing | None = ABSENT


@dataclass(frozen=True, slots=True)
class GroupSpec(_AsJson):
    """A group to be made; `notifications` is lcm.yaml's word for the level that new members start with."""

    full_name: str
    notifications: str | Nothing = ABSENT


@dataclass(frozen=True, slots=True)
class Namesake(_AsJson):
    """A group of somebody else's that has the name of one of ours, by its id."""

    group: int | None


@dataclass(frozen=True, slots=True)
class Adoption(_AsJson):
    """A group, or with `slug` a category, that becomes ours."""

    id: int | None
    slug: str | Nothing = ABSENT


@dataclass(frozen=True, slots=True)
class Level(_AsJson):
    """The number of the notification level that a group's new members start with."""

    level: int | None


@dataclass(frozen=True, slots=True)
class LevelChange(_AsJson):
    """Another notification level for a group's new members, and the one until now."""

    id: int | None
    level: int | None
    before: Level


@dataclass(frozen=True, slots=True)
class Furnishing(_AsJson):
    """What a new category needs: its own topic's text and title, and at which level which group hears of topics."""

    about: str
    about_title: str
    notifications: str
    group: str


@dataclass(frozen=True, slots=True)
class CategorySpec(_AsJson):
    """A category to be made. `parent` is the slug of the one above it; a parent category itself is not furnished."""

    slug: str
    permissions: Mapping[str, int]
    moderators: tuple[str, ...]
    furnishing: Furnishing | Nothing = ABSENT
    parent: str | Nothing = ABSENT
    parent_id: int | Nothing | None = ABSENT
    tags: tuple[str, ...] | Nothing = ABSENT

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it: its furnishing stands beside the other parts."""
        kept = _AsJson.to_json(self)
        furnishing: dict[str, Any] = kept.pop("furnishing", {})
        return kept | furnishing


@dataclass(frozen=True, slots=True)
class CategoryBefore(_AsJson):
    """A category until now, in those parts that a line changes; `parent` is None where none was above it."""

    permissions: Mapping[str, int]
    moderators: tuple[str, ...]
    tags: tuple[str, ...] | Nothing = ABSENT
    free_tags: bool | Nothing = ABSENT
    parent: str | Nothing | None = ABSENT


@dataclass(frozen=True, slots=True)
class CategoryChange(_AsJson):
    """A category as it will be, in those parts that change; `closes` says that the public will not read it any more."""

    id: int | None
    slug: str
    permissions: Mapping[str, int]
    moderators: tuple[str, ...]
    closes: Literal[True] | Nothing = ABSENT
    tags: tuple[str, ...] | Nothing = ABSENT
    free_tags: bool | Nothing = ABSENT
    parent: str | Nothing | None = ABSENT
    parent_id: int | Nothing | None = ABSENT
    before: CategoryBefore | Nothing = ABSENT


@dataclass(frozen=True, slots=True)
class ParentOpening(_AsJson):
    """A parent category that lets more groups in, and its permissions until now."""

    id: int | None
    slug: str
    open_to: Mapping[str, int]
    before: Mapping[str, int]


Detail = (
    NoDetail
    | Member
    | Mark
    | Mailed
    | GroupSpec
    | Namesake
    | Adoption
    | LevelChange
    | CategorySpec
    | CategoryChange
    | ParentOpening
)
NO_DETAIL: Final = NoDetail()


def detail_of(kind: str, kept: Mapping[str, Any]) -> Detail:  # noqa: PLR0911
    """Return the detail of a line of this kind from the JSON object that was kept of it.

    Raises:
        KeyError: a part that such a line has is not in it.
        TypeError, ValueError: a part is not of its form.

    """
    if not kept:
        return NO_DETAIL
    match kind:
        case "create_group":
            return GroupSpec(kept["full_name"], kept.get("notifications", ABSENT))
        case "adopt_group" | "adopt_category":
            return Adoption(kept.get("id"), kept.get("slug", ABSENT))
        case "update_group":
            return LevelChange(kept.get("id"), kept["level"], Level(kept["before"]["level"]))
        case "create_category":
            return _category_spec(kept)
        case "update_category" | "archive_category":
            return _category_change(kept)
        case "open_category":
            return ParentOpening(kept.get("id"), kept["slug"], dict(kept["open_to"]), dict(kept.get("before", {})))
        case _:
            return _of_person(kept)


def _of_person(kept: Mapping[str, Any]) -> Detail:
    if "group" in kept:
        return Namesake(kept["group"])
    if "since" in kept:
        since = datetime.fromisoformat(kept["since"])
        return Mark(kept["key"], kept["digests"], since, kept["clean_runs"], kept.get("tie", ABSENT))
    if "email" in kept:
        return Mailed(kept["key"], kept["email"], _names(kept, "groups"), kept.get("invite", ABSENT))
    return Member(kept.get("key", ""), kept.get("digests", ABSENT), kept.get("owner", ABSENT), kept.get("told", ABSENT))


def _category_spec(kept: Mapping[str, Any]) -> CategorySpec:
    furnished = "about" in kept
    return CategorySpec(
        kept["slug"],
        dict(kept["permissions"]),
        tuple(kept.get("moderators", ())),
        Furnishing(**{field.name: kept[field.name] for field in fields(Furnishing)}) if furnished else ABSENT,
        kept.get("parent", ABSENT),
        kept.get("parent_id", ABSENT),
        _names(kept, "tags"),
    )


def _category_change(kept: Mapping[str, Any]) -> CategoryChange:
    before = kept.get("before")
    return CategoryChange(
        kept.get("id"),
        kept["slug"],
        dict(kept["permissions"]),
        tuple(kept.get("moderators", ())),
        True if kept.get("closes") else ABSENT,
        _names(kept, "tags"),
        kept.get("free_tags", ABSENT),
        kept.get("parent", ABSENT),
        kept.get("parent_id", ABSENT),
        ABSENT if before is None else _category_before(before),
    )


def _category_before(kept: Mapping[str, Any]) -> CategoryBefore:
    return CategoryBefore(
        dict(kept["permissions"]),
        tuple(kept.get("moderators", ())),
        _names(kept, "tags"),
        kept.get("free_tags", ABSENT),
        kept.get("parent", ABSENT),
    )


def _names(kept: Mapping[str, Any], part: str) -> tuple[str, ...] | Nothing:
    return tuple(kept[part]) if part in kept else ABSENT
