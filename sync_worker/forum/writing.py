"""What we change on a forum in more than one call: members in batches, invitations, a topic's state."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from sync_worker.errors import ForumError, Outcome
from sync_worker.forum.parse import Shape, is_deleted, is_pinned
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.records import BulkResult, EmailBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.transport import Transport


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
            usernames = _send_addresses(http, group_id, batch, size)
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


def _send_addresses(http: Transport, group_id: int, batch: Sequence[str], size: BatchSize) -> tuple[str, ...] | None:
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


# Inviting people who have no account yet: making, finding and withdrawing invitations.
# Source: Discourse's invites_controller.rb, invite.rb and users_controller.rb (`invited`), 3.5.


INVITES_A_CALL = 200
INVITES_A_PAGE = 40
GRANTS = ("grants_admin", "grants_moderator")


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits for its person; `emailed` is whether Discourse sends it by mail itself.

    `grants` says that it makes its person an administrator or a moderator of the forum, or that the forum does not say
    clearly that it does not: then it is none of ours.
    """

    id: int
    email: str
    expires_at: datetime
    emailed: bool
    grants: bool = False


@dataclass(frozen=True, slots=True)
class Redemption:
    """An invitation that was accepted, and by which account; `grants` as of `Invitation`."""

    invite_id: int
    user_id: int
    username: str
    grants: bool = False


@dataclass(frozen=True, slots=True)
class InviteResult:
    """What came of inviting: invitations by address as it was given, and refusals with the forum's reason."""

    made: Mapping[str, Invitation]
    refused: Mapping[str, str]


class InviteCalls:
    """The calls about invitations of our API user."""

    _http: Transport

    def invite(
        self, emails: Sequence[str], group_ids: Sequence[int], *, message: str, expires_at: datetime, mail: bool = True
    ) -> InviteResult:
        """Invite up to 200 addresses into groups, each for itself; an invitation that waits already is sent again.

        Calls: 1, never repeated where it may have been done.

        Raises:
            ForumError: nobody was invited, or (after a doubtful answer) some may have been.

        """
        if len(emails) > INVITES_A_CALL:
            raise ValueError(f"at most {INVITES_A_CALL} addresses a call")
        body: dict[str, object] = {
            "email": list(emails),
            "group_ids": ",".join(map(str, group_ids)),
            "custom_message": message,
            "expires_at": expires_at.isoformat(),
        }
        if not mail:
            body["skip_email"] = True
        answer = Shape(self._http.ask("POST", "/invites/create-multiple.json", json=body).json(), "answer")
        refused = {
            row.at("email").text(): row.get("error", "").text() for row in answer.at("failed_invitations").items()
        }
        # The answer names only those who were refused; the invitations have the order of the other addresses.
        invited = [email for email in emails if email not in refused]
        rows = [row.at("invite") for row in answer.at("successful_invitations").items()]
        if len(rows) != len(invited):
            what = f"the forum says that it made {len(rows)} invitations for {len(invited)} addresses."
            raise FailedCall(what, outcome=Outcome.DOUBTFUL, status=200, url="/invites/create-multiple.json")
        return InviteResult({email: _invitation(row, email) for email, row in zip(invited, rows, strict=True)}, refused)

    def pending_invitations(self) -> Iterator[Invitation]:
        """Yield our invitations that wait and have not expired, last changed first. Calls: 1 per 40."""
        for row in self._invited("pending"):
            email = row.at("email").text_or_none()
            if email:  # a link has none
                yield _invitation(row, email)

    def redemptions(self) -> Iterator[Redemption]:
        """Yield our invitations that were accepted, latest first. Calls: 1 per 40, as far as it is read."""
        for row in self._invited("redeemed"):
            user = row.at("user")
            yield Redemption(row.at("id").integer(), user.at("id").integer(), user.at("username").text(), _grants(row))

    def change_invitation_groups(self, invite_id: int, group_ids: Sequence[int]) -> None:
        """Let an invitation lead into these groups only; nothing is mailed. Calls: 1."""
        body = {"group_ids": ",".join(map(str, group_ids))}
        self._http.ask("PUT", f"/invites/{invite_id}.json", json=body, harmless=True, expects="id")

    def withdraw_invitation(self, invite_id: int) -> bool:
        """Withdraw an invitation; return False where it is not there any more. Calls: 1."""
        try:
            self._http.ask("DELETE", "/invites.json", json={"id": invite_id}, harmless=True, expects="success")
        except ForumError as error:
            if error.refused_with(400, 404):
                return False
            raise
        return True

    def _invited(self, kind: str) -> Iterator[Shape]:
        path = f"/u/{quote(self._http.api_username, safe='')}/invited.json"
        offset = 0
        while True:
            params = {"filter": kind, "offset": offset}
            rows = Shape(self._http.ask("GET", path, params=params).json(), "answer").at("invites").items()
            yield from rows
            if len(rows) < INVITES_A_PAGE:
                return
            offset += len(rows)


def _invitation(row: Shape, email: str) -> Invitation:
    return Invitation(
        row.at("id").integer(),
        email,
        row.at("expires_at").time(),
        row.get("emailed", default=False).flag(),
        _grants(row),
    )


def _grants(row: Shape) -> bool:
    """Whether an invitation gives rights over the forum; what is there and no clear "no" counts as a "yes".

    Forums before July 2026 know no such invitations, and say nothing about it.
    """
    return any(row.has(name) and row.at(name).value is not False for name in GRANTS)


# What a topic is: pinned, open or closed; looked at before it is changed.
# Discourse adds a small action to a topic with every effective change, so nothing is changed that is as it should be.
# Source: Discourse's topics_controller.rb (`status`), 3.5.


PIN_TOLERANCE = 1.0  # seconds; Discourse keeps milliseconds


@dataclass(frozen=True, slots=True)
class TopicState:
    """What a topic is at a moment; `last_posted_at` is None where the forum does not say."""

    category_id: int | None
    external_id: str | None
    deleted: bool
    closed: bool
    pinned: bool
    pinned_until: datetime | None
    last_posted_at: datetime | None

    def is_pinned_until(self, until: datetime) -> bool:
        """Whether it is pinned, and until then."""
        if not self.pinned or self.pinned_until is None:
            return False
        return abs((self.pinned_until - until).total_seconds()) <= PIN_TOLERANCE


def _nothing_against(_: TopicState) -> str:
    return ""


class StatusCalls:
    """The calls about what topics are."""

    _http: Transport

    def topic_state(self, topic_id: int) -> TopicState:
        """Return what a topic is, deleted or not. Calls: 1."""
        return _parse(Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer"))

    def pin(self, topic_id: int, until: datetime, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Pin a topic in its category until then; does nothing where it is so already. Calls: 2, or 1.

        Args:
            topic_id: which.
            until: an aware time.
            unless: gives the reason to leave a topic as it is, "" for none.

        Returns:
            That reason, "" where the topic is pinned until then.

        """
        if until.tzinfo is None:
            raise ValueError("a pin needs an aware time")
        change = {"status": "pinned", "enabled": "true", "until": until.isoformat()}
        return self._change(topic_id, change, lambda state: state.is_pinned_until(until), unless)

    def unpin(self, topic_id: int, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Take a topic's pin away; does nothing where there is none. Calls, arguments, answer: as `pin`."""
        change = {"status": "pinned", "enabled": "false"}
        return self._change(topic_id, change, lambda state: not state.pinned, unless)

    def close_topic(self, topic_id: int, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Close a topic: nobody but moderators can reply. Calls, arguments, answer: as `pin`."""
        return self._change(topic_id, {"status": "closed", "enabled": "true"}, lambda state: state.closed, unless)

    def _change(
        self,
        topic_id: int,
        change: Mapping[str, str],
        is_so: Callable[[TopicState], bool],
        unless: Callable[[TopicState], str],
    ) -> str:
        for attempt in count(1):
            state = self.topic_state(topic_id)
            objection = unless(state)
            if objection or is_so(state):
                return objection
            try:
                self._http.ask("PUT", f"/t/{topic_id}/status.json", data=dict(change), expects="success")
            except FailedCall as error:
                self._pause_or_raise(error, attempt)
            else:
                return ""
        raise AssertionError("unreachable")

    def _pause_or_raise(self, error: ForumError, attempt: int) -> None:
        patience = self._http.patience
        pause = patience.pause_after(error, attempt, harmless=True) if error.doubtful else None
        if pause is None:
            raise error
        patience.sleep(pause)


def _parse(shape: Shape) -> TopicState:
    return TopicState(
        category_id=shape.get("category_id").integer_or_none(),
        external_id=shape.get("external_id").text_or_none(),
        deleted=is_deleted(shape),
        closed=shape.get("closed", default=False).flag(),
        pinned=is_pinned(shape),
        pinned_until=shape.get("pinned_until").time_or_none(),
        last_posted_at=shape.get("last_posted_at").time_or_none(),
    )
