"""What is read of a topic's JSON when it is imported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

LIKE = 2


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
Identifier = Annotated[int, Field(ge=1, le=2**53)]


class Action(BaseModel):
    """How many people did one kind of thing with a post."""

    id: int
    count: int = 0


class ImportedPost(BaseModel):
    """What is read of a post; everything else in the JSON is left where it is."""

    id: Identifier
    username: Annotated[str, Field(min_length=1, max_length=60)]
    name: str | None = None
    user_id: int
    created_at: Moment
    updated_at: Moment | None = None
    cooked: str
    post_number: Annotated[int, Field(ge=1)]
    post_type: int = 1
    action_code: str | None = None
    reply_to_post_number: int | None = None
    reply_count: int = 0
    quote_count: int = 0
    incoming_link_count: int = 0
    reads: int = 0
    score: float = 0.0
    version: int = 1
    hidden: bool = False
    wiki: bool = False
    user_deleted: bool = False
    deleted_at: Moment | None = None
    trust_level: int | None = 1
    moderator: bool = False
    accepted_answer: bool = False
    actions_summary: list[Action] = Field(default_factory=list)

    @property
    def likes(self) -> int:
        """How many people liked it."""
        return sum(action.count for action in self.actions_summary if action.id == LIKE)


class Stream(BaseModel):
    """The topic's posts."""

    posts: Annotated[list[ImportedPost], Field(min_length=1)]


class AcceptedAnswer(BaseModel):
    """The post that a topic names as its accepted answer; also where the posts do not say so themselves."""

    post_number: int


class ImportedTopic(BaseModel):
    """What is read of a topic."""

    id: Identifier
    title: Annotated[str, Field(min_length=1)]
    slug: str | None = None
    category_id: int | None = None
    created_at: Moment
    archetype: str = "regular"
    posts_count: int = 0
    views: int = 0
    like_count: int = 0
    reply_count: int = 0
    closed: bool = False
    archived: bool = False
    visible: bool = True
    pinned_at: Moment | None = None
    pinned_until: Moment | None = None
    pinned_globally: bool = False
    participant_count: int = 1
    deleted_at: Moment | None = None
    external_id: str | None = None
    accepted_answer: AcceptedAnswer | None = None
    tags: list[str | dict[str, Any]] = Field(default_factory=list)
    post_stream: Stream

    @property
    def tag_names(self) -> list[str]:
        """The tags' names, however Discourse's version writes them."""
        names = (tag if isinstance(tag, str) else str(tag.get("name", "")) for tag in self.tags)
        return [name for name in names if name]


def explain(error: ValidationError) -> str:
    """Say in one line what is wrong with a line of the file."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return "not JSON."
    return f"{place or 'the line'}: {first['msg'][:1].lower()}{first['msg'][1:]}."
