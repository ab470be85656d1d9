"""One tree of errors; each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class LcmError(Exception):
    """Base of every error a person is meant to read.

    Args:
        what: one sentence, what is wrong.
        where: file:line[:column], URL or name of the thing, if there is one.
        do: what the reader can do about it.

    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None) -> None:
        self.what = what
        self.where = where
        self.do = do
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} {self.do}" if self.do else text


class UsageError(LcmError):
    """The command was called wrongly, or names something that does not exist."""

    exit_code = 2


class ConfigError(LcmError):
    """`lcm.yaml`, a playbook, a template or an environment variable is wrong."""

    exit_code = 2


class RosterError(LcmError):
    """A roster cannot be trusted as a whole (missing column, unreadable, empty)."""

    exit_code = 2


class RefusedError(LcmError):
    """A guard refused: going on could do damage."""

    exit_code = 3


class BusyError(RefusedError):
    """Another process is at the same work; it does no harm to try again later."""


class UnsafePlanError(RefusedError):
    """A roster or a membership plan breaks a limit; `numbers` holds what was counted and what is allowed."""

    def __init__(
        self, what: str, *, numbers: Mapping[str, float], where: str | None = None, do: str | None = None
    ) -> None:
        self.numbers = dict(numbers)
        super().__init__(what, where=where, do=do)


class PartialError(LcmError):
    """Some of the work was done, some was not; the message says which."""

    exit_code = 4


class SourceError(LcmError):
    """A roster source could not be reached or did not answer in full."""

    exit_code = 5


class StoreError(LcmError):
    """The worker's own database failed while it was used."""

    exit_code = 5


class OtherTablesError(StoreError):
    """Another version of lcm has changed the store's tables since this process opened it: it can only end."""


class Outcome(Enum):
    """What is known about the effect of a failed call."""

    REFUSED = "refused"
    """The forum said no in its own words; nothing was done, and a repeat would be refused as well."""
    POSTPONED = "postponed"
    """Nothing was done (rate limit, or the call never left); a repeat is harmless."""
    DOUBTFUL = "doubtful"
    """No whole answer of the forum came: it may have been done. Look before repeating anything that writes."""


class ForumError(LcmError):
    """The forum refused or failed; `outcome` alone says what that means, never the status.

    Args:
        what: what was tried, and Discourse's own words.
        status: HTTP status, or None where no answer came.
        url: address without secrets.
        error_type: Discourse's `error_type`, where it gave one.
        do: what the reader can do about it.
        outcome: whether it may have been carried out.
        unreachable: whether no answer of the forum itself came (no connection, a page of something before it): the
            failure says nothing about what was asked.

    """

    exit_code = 5

    def __init__(
        self,
        what: str,
        *,
        status: int | None = None,
        url: str | None = None,
        error_type: str | None = None,
        do: str | None = None,
        outcome: Outcome = Outcome.DOUBTFUL,
        unreachable: bool = False,
    ) -> None:
        self.status = status
        self.url = url
        self.error_type = error_type
        self.outcome = outcome
        self.unreachable = unreachable
        super().__init__(what, where=url, do=do)

    @property
    def refused(self) -> bool:
        """Whether the forum said no, so that nothing was done and a repeat is of no use."""
        return self.outcome is Outcome.REFUSED

    @property
    def doubtful(self) -> bool:
        """Whether the call may have been carried out although it failed."""
        return self.outcome is Outcome.DOUBTFUL

    @property
    def denied(self) -> bool:
        """Whether the forum's no is about our key, its user or what they may see: an admin can turn it into a yes."""
        return self.refused and self.status in (401, 403, 404)

    def refused_with(self, *statuses: int) -> bool:
        """Whether the forum itself refused with one of these statuses; a proxy's 404 is no "not found"."""
        return self.refused and self.status in statuses


class MailError(LcmError):
    """A mail was not taken by the mail server; `outcome` alone says what that means.

    Args:
        what: what was tried, and the server's own words.
        where: the server.
        do: what the reader can do about it.
        outcome: whether it may have been sent.
        of_recipient: whether the server's no is about the address that the mail is for, and about nothing else.
        unreachable: whether the failure says nothing about this mail: all others would fail as well.

    """

    exit_code = 5

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        do: str | None = None,
        outcome: Outcome = Outcome.DOUBTFUL,
        of_recipient: bool = False,
        unreachable: bool = False,
    ) -> None:
        self.outcome = outcome
        self.of_recipient = of_recipient
        self.unreachable = unreachable
        super().__init__(what, where=where, do=do)


class NoMailServerError(MailError):
    """No conversation with the mail server came about, so that nothing was said of any mail."""


class LanguageModelError(LcmError):
    """A language model did not answer in time, or not in a way that can be read; texts are written without it.

    Args:
        what: what happened, without anything of what was asked.
        where: its address.
        do: what the reader can do about it.
        status: HTTP status, None where no answer came or it is not the matter.

    """

    exit_code = 5

    def __init__(
        self, what: str, *, where: str | None = None, do: str | None = None, status: int | None = None
    ) -> None:
        self.status = status
        super().__init__(what, where=where, do=do)


class StoppedWaiting(BaseException):
    """The process was asked to stop while it waited for a forum or a source."""


class RenderError(ConfigError):
    """A template could not be rendered."""


T = TypeVar("T")


def each_apart(items: Iterable[T], do: Callable[[T], object]) -> None:
    """Do something for each; what the forum refuses about one keeps none of the others, and is raised at the end.

    Raises:
        ForumError: the forum does not answer, which ends it at once; else the last refusal.

    """
    refused: ForumError | None = None
    for item in items:
        try:
            do(item)
        except ForumError as error:
            if error.unreachable:
                raise
            refused = error
    if refused is not None:
        raise refused


UNEXPECTED = "unexpected "


def in_words(error: Exception) -> str:
    """Return what went wrong as a report tells it; of what is no error of ours, the log tells more."""
    return str(error) if isinstance(error, LcmError) else f"{UNEXPECTED}{type(error).__name__}; the log says where"
