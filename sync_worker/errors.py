"""One tree of errors; each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


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


class StoppedError(LcmError):
    """The service is being stopped; what was begun is settled by the next start."""

    exit_code = 4


class SourceError(LcmError):
    """A roster source could not be reached or did not answer in full."""

    exit_code = 5


class StoreError(LcmError):
    """The worker's own database failed while it was used."""

    exit_code = 5


class ForumError(LcmError):
    """The forum refused or failed.

    Args:
        what: what was tried, and Discourse's own words.
        status: HTTP status, or None where no answer came.
        url: address without secrets.
        error_type: Discourse's `error_type`, where it gave one.

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
    ) -> None:
        self.status = status
        self.url = url
        self.error_type = error_type
        super().__init__(what, where=url, do=do)


class RenderError(ConfigError):
    """A template could not be rendered."""
