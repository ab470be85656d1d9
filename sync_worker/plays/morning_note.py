"""The LCM's morning note: what waits for them, the oldest first, each with the word that answers it.

It is written only when something waits. What can be settled by a reply has the number that it has in every message to
the LCMs; the note's refs say what its numbers stand for, so that a reply to the note ("yes 1, no 2: too early") counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, model_validator

from sync_worker.config.base import Strict
from sync_worker.config.mail import PlainAddress
from sync_worker.content.markdown import Markdown
from sync_worker.languages.parts import NOTE
from sync_worker.model import Approval, Draft, DraftKind, behind_mark
from sync_worker.plays.context import Drafted, Name
from sync_worker.plays.frame import cohort_words

if TYPE_CHECKING:
    from sync_worker.plays.context import PlayContext, Waiting

MORNING_NOTE = "morning-note"
ITEM = "item:"
"""Before a line's number, `=` and what it is about (`draft:KEY`, `answer:KEY`, ...), among the refs of a note."""
OF_USE = timedelta(hours=10)


class Options(Strict):
    """`with:` of a `morning_note` step: as a message on the forum or as a mail `to` an address, and how long it is."""

    by: Literal["message", "mail"] = "message"
    to: PlainAddress | None = None
    most: Annotated[int, Field(ge=1, le=50)] = 15
    template: Name = MORNING_NOTE

    @model_validator(mode="after")
    def _to_whom(self) -> Options:
        if (self.by == "mail") != (self.to is not None):
            raise ValueError("`to` is the address of a note `by: mail`; as a message it goes to the LCMs of the cohort")
        return self


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One thing that waits: its number (0 for none), what it is, since when, and how it is settled, in words."""

    number: int
    what: Markdown
    since: str
    how: Markdown


def draft(context: PlayContext) -> Drafted:
    """Return the note, or none where nothing waits."""
    options, words = cast("Options", context.options), NOTE.of(context.texts.locale)
    if not context.waiting:
        return Drafted((), words.nothing)
    shown = context.waiting[: options.most]
    left = len(context.waiting) - len(shown)
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        lines=tuple(_line(context, one) for one in shown),
        numbered=any(one.number for one in shown),
        more=words.more[left == 1].format(count=left) if left else "",
        by_mail=options.by == "mail",
    )
    by_mail = options.by == "mail"
    note = Draft(
        kind=DraftKind.MAIL if by_mail else DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=words.waiting[len(context.waiting) == 1].format(count=len(context.waiting)),
        part="desk",
        recipients=(options.to,) if options.to is not None else (context.occurrence.cohort.lcm_group,),
        approval=Approval.NONE,
        refs=(MORNING_NOTE, *(f"{ITEM}{one.number}={one.ref}" for one in shown if one.number)),
        locale=context.texts.locale if by_mail else "",
        not_after=context.occurrence.at + OF_USE,
    )
    return Drafted((note,), note.reason)


def items_of(refs: tuple[str, ...] | list[str]) -> dict[int, str]:
    """Return what the numbers of a note stand for, by the refs of its draft."""
    pairs = (item.partition("=") for item in behind_mark(refs, ITEM))
    return {int(number): about for number, _, about in pairs}


def _line(context: PlayContext, one: Waiting) -> NoteLine:
    words, zone = NOTE.of(context.texts.locale), context.occurrence.cohort.zone
    days = (context.now.astimezone(zone).date() - one.since.astimezone(zone).date()).days
    since = words.since[days == 1].format(days=days) if days > 0 else words.today
    how = words.how["decide" if one.kind == "draft" else "done"] if one.number else words.otherwise.get(one.kind, "")
    what = Markdown(words.kinds[one.kind].format(what=one.what))
    return NoteLine(one.number, what, since, Markdown(how.format(number=one.number)))
