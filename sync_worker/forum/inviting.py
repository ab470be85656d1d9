"""Inviting people who have no account yet: making, finding and withdrawing invitations.

Source: Discourse's invites_controller.rb, invite.rb and users_controller.rb (`invited`), 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.errors import ForumError, Outcome
from sync_worker.forum.failures import FailedCall
from sync_worker.forum.parse import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.transport import Transport

INVITES_A_CALL = 200
INVITES_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that waits for its person; `emailed` is whether Discourse sends it by mail itself."""

    id: int
    email: str
    expires_at: datetime
    emailed: bool


@dataclass(frozen=True, slots=True)
class Redemption:
    """An invitation that was accepted, and by which account."""

    invite_id: int
    user_id: int
    username: str


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
            email = row.get("email").text_or_none()
            if email:
                yield _invitation(row, email)

    def redemptions(self) -> Iterator[Redemption]:
        """Yield our invitations that were accepted, latest first. Calls: 1 per 40, as far as it is read."""
        for row in self._invited("redeemed"):
            user = row.at("user")
            yield Redemption(row.at("id").integer(), user.at("id").integer(), user.at("username").text())

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
        row.at("id").integer(), email, row.at("expires_at").time(), row.get("emailed", default=False).flag()
    )
