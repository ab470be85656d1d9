"""Adds people to a group by their addresses, in batches, and leaves it to the server to find their accounts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.batches import SETBACKS, BatchSize, is_nobody_known
from sync_worker.forum.parse import Shape
from sync_worker.forum.records import EmailBatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync_worker.forum.transport import Transport

log = logging.getLogger(__name__)


def add_by_email(http: Transport, group_id: int, emails: Sequence[str], size: BatchSize) -> Iterator[EmailBatch]:
    """Send the addresses batch by batch; a batch that may have been done is sent again, which does no harm.

    Raises:
        ForumError: the forum refuses, or fails several times in a row.

    """
    # Discourse lowers the addresses that it has, and not those that it is given.
    pending = list(dict.fromkeys(email.strip().lower() for email in emails))
    setbacks = 0
    while pending:
        batch = pending[: size.names]
        try:
            usernames = _send(http, group_id, batch, size)
        except ForumError as error:
            setbacks += 1
            if not error.doubtful or setbacks >= SETBACKS:
                raise
            size.failed()
            log.warning("a batch of %d addresses failed and is sent again in parts", len(batch))
            continue
        setbacks = 0
        pending = pending[len(batch) :]
        yield EmailBatch(tuple(batch), usernames)


def _send(http: Transport, group_id: int, batch: Sequence[str], size: BatchSize) -> tuple[str, ...] | None:
    try:
        answer = http.ask("PUT", f"/groups/{group_id}/members.json", data={"user_emails": ",".join(batch)})
    except ForumError as error:
        if is_nobody_known(error):
            return ()
        if error.refused_with(422):
            return None  # the only complaint about a batch of up to a thousand: they are all members
        raise
    size.measured(len(batch), answer.seconds)
    return Shape(answer.json(), "answer").at("usernames").texts()
