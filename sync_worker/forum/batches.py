"""Adds and removes many members in batches that follow the server's own pace."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sync_worker.errors import ForumError
from sync_worker.forum.records import BulkResult

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
    """What one call answered: how many of the accounts the forum has, and the server's time in seconds."""

    known: int
    seconds: float


class MemberCalls(Protocol):
    """The calls that a bulk change needs."""

    def send(self, accounts: Sequence[int]) -> Sent:
        """Add (or remove) the accounts with these ids in one call."""

    def settled(self, accounts: Sequence[int]) -> frozenset[int]:
        """Look on the forum; return the ids of those that are already as they should be."""


def change_members(calls: MemberCalls, accounts: Sequence[int], size: BatchSize) -> BulkResult:
    """Send every account's id, batch by batch; after a doubtful or refused batch, look and go on with the difference.

    Accounts are named by their ids, never by their usernames: a username may be somebody else's by now.

    Raises:
        ForumError: the forum keeps failing, or refuses for a reason that looking does not clear up.

    """
    pending = list(dict.fromkeys(accounts))
    done: list[int] = []
    skipped: list[int] = []
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
            reached = [account for account in batch if account in settled]
            done += reached
            pending = [account for account in pending if account not in settled]
            setbacks = 0 if reached else setbacks + 1
            if setbacks >= SETBACKS or (error.refused_with(422) and not reached):
                raise
            if error.doubtful:
                size.failed()
            log.warning("a batch of %d failed; %d of it had been done", len(batch), len(reached))
            continue
        setbacks = 0
        size.measured(len(batch), sent.seconds)
        # The answer has names, which may have changed since: where it has fewer than were sent, a look shows whose.
        there = frozenset(batch) if sent.known == len(batch) else calls.settled(batch)
        done += [account for account in batch if account in there]
        skipped += [account for account in batch if account not in there]
        pending = pending[len(batch) :]
    return BulkResult(done=tuple(done), skipped=tuple(skipped))


def is_nobody_known(error: ForumError) -> bool:
    """Whether the forum refused because it knows none of the people named."""
    return error.refused_with(400) and error.error_type == "invalid_parameters"
