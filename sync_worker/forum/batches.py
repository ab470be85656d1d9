"""Adds and removes many members in batches that follow the server's own pace."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sync_worker.errors import ForumError
from sync_worker.forum.records import BulkResult
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)
SETBACKS = 6


class BatchSize:
    """How many names go into one call: follows the measured time towards `target` seconds a call.

    Discourse gives up after 30 s and takes at most 1,000 names, so the target leaves room for a server that slows down.
    """

    def __init__(self, start: int = 100, largest: int = 1000, target: float = 5.0) -> None:
        self.names = start
        self._largest = largest
        self._target = target

    def measured(self, names: int, seconds: float) -> None:
        """Take in that a batch of `names` took `seconds`; never more than doubles or halves."""
        if names * 2 < self.names:
            return  # a small last batch says little about large ones
        fitting = int(names * self._target / max(seconds, 0.001))
        self.names = max(1, self.names // 2, min(fitting, self.names * 2, self._largest))

    def failed(self) -> None:
        """Take in that a batch did not come through whole."""
        self.names = max(1, self.names // 2)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call answered: names it did, names it passed over, and the server's time in seconds."""

    done: tuple[str, ...]
    skipped: tuple[str, ...]
    seconds: float


class MemberCalls(Protocol):
    """The calls that a bulk change needs."""

    def send(self, names: Sequence[str]) -> Sent:
        """Add (or remove) these in one call."""

    def settled(self, names: Sequence[str]) -> frozenset[str]:
        """Look on the forum; return the folded names of those that are already as they should be."""


def change_members(calls: MemberCalls, usernames: Sequence[str], size: BatchSize) -> BulkResult:
    """Send every name, batch by batch; after a doubtful or refused batch, look and go on with the difference.

    Raises:
        ForumError: the forum keeps failing, or refuses for a reason that looking does not clear up.

    """
    pending = list({fold(name): name for name in usernames if name.strip()}.values())
    done: list[str] = []
    skipped: list[str] = []
    setbacks = 0
    while pending:
        batch = pending[: size.names]
        try:
            sent = calls.send(batch)
        except ForumError as error:
            if is_nobody_known(error):
                skipped += batch
                pending = pending[len(batch) :]
                continue
            if not (error.doubtful or error.refused_with(422)):
                raise
            settled = calls.settled(batch)
            reached = [name for name in batch if fold(name) in settled]
            done += reached
            pending = [name for name in pending if fold(name) not in settled]
            setbacks = 0 if reached else setbacks + 1
            if setbacks >= SETBACKS or (error.refused_with(422) and not reached):
                raise
            if error.doubtful:
                size.failed()
            log.warning("a batch of %d failed; %d of it had been done", len(batch), len(reached))
            continue
        setbacks = 0
        size.measured(len(batch), sent.seconds)
        answered = {fold(name) for name in sent.done}
        done += [name for name in batch if fold(name) in answered]
        skipped += [name for name in batch if fold(name) not in answered]
        pending = pending[len(batch) :]
    return BulkResult(done=tuple(done), skipped=tuple(skipped))


def is_nobody_known(error: ForumError) -> bool:
    """Whether the forum refused because it knows none of the people named."""
    return error.refused_with(400) and error.error_type == "invalid_parameters"
