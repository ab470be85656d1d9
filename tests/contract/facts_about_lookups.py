"""Facts about finding accounts, adding by address, a group's log, and invitations."""

from __future__ import annotations

from tests.contract.fact import INVALID, NOT_ALLOWED, NOT_FOUND, Fact

_LIST = "/admin/users/list/active.json"
_MEMBERS = "/groups/{group_id}/members.json"
_MANY = "/invites/create-multiple.json"


def _by_email(what: str, emails: str, status: int = 200, *errors: str, done: tuple[str, ...] | None = None) -> Fact:
    values = {} if done is None else {"usernames": list(done), "success": "OK", "emails": []}
    return Fact(what, "PUT", _MEMBERS, status, form={"user_emails": emails}, errors=errors, values=values)


ABOUT_LOOKUPS: tuple[Fact, ...] = (
    Fact("an address as the filter of accounts finds its owner", "GET",
         f"{_LIST}?filter={{one}}@example.org&show_emails=true&page=1",
         values={"0.username": "{one}", "0.email": "{one}@example.org"}, lacks=("1",)),
    Fact("an address that nobody has", "GET", f"{_LIST}?filter=none-{{suffix}}@example.org&show_emails=true&page=1",
         values={"": []}),
    Fact("an account by its id", "GET", "/admin/users/{one_id}.json", values={"username": "{one}", "staged": False},
         keys=("id", "active"), lacks=("email",)),
    Fact("an account whose id nobody has", "GET", "/admin/users/99999999.json", 404),
    Fact("an external id that nobody has", "GET", "/u/by-external/none-{suffix}.json", 404, errors=(NOT_FOUND,)),
    Fact("an external id of another log-in provider that nobody has", "GET", "/u/by-external/oidc/none-{suffix}.json",
         404, errors=(NOT_FOUND,)),
    Fact("an account's addresses", "GET", "/u/{one}/emails.json",
         values={"email": "{one}@example.org", "secondary_emails": []}),
    # by address
    _by_email("an address beside an unknown one is added", "{one}@example.org,none-{suffix}@example.org",
              done=("{one}",)),
    _by_email("addresses of members only", "{one}@example.org", 422, "'{one}' is already a member of this group."),
    _by_email("addresses that nobody has", "none-{suffix}@example.org", 400, f"{INVALID} user_emails"),
    _by_email("addresses are not lowered for us", "TWO_{suffix}@EXAMPLE.ORG", 400, f"{INVALID} user_emails"),
    Fact("members among some names", "GET", "/groups/{group}/members.json?limit=1000&filter={one},{two},{one}",
         values={"members.0.username": "{one}", "meta.total": 1}, lacks=("members.1",)),
    Fact("the newest entry of a group's log", "GET", "/groups/{group}/logs.json?offset=0",
         values={"logs.0.action": "add_user_to_group", "logs.0.target_user.username": "{one}"},
         keys=("logs.0.created_at", "logs.0.target_user.id", "logs.0.acting_user.username")),
    Fact("... and the member added by address is removed", "DELETE", _MEMBERS, form={"usernames": "{one}"},
         values={"usernames": ["{one}"]}),
    # invitations
    Fact("some are invited, others refused with the reason", "POST", _MANY,
         json={"email": ["new.{suffix}@example.net", "{one}@example.org", "no-address"], "group_ids": "{group_id}",
               "custom_message": "A place for you.", "skip_email": True},
         values={"num_successfully_created_invitations": 1, "num_failed_invitations": 2,
                 "failed_invitations.0.email": "{one}@example.org", "failed_invitations.1.email": "no-address",
                 "successful_invitations.0.invite.emailed": False,
                 "successful_invitations.0.invite.groups.0.name": "{group}"},
         keys=("failed_invitations.0.error", "successful_invitations.0.invite.id",
               "successful_invitations.0.invite.expires_at"),
         lacks=("successful_invitations.0.invite.email",)),
    Fact("invitations that wait are listed with their addresses", "GET", "/u/{admin}/invited.json?filter=pending",
         values={"invites.0.email": "new.{suffix}@example.net", "invites.0.custom_message": "A place for you."},
         keys=("invites.0.id", "invites.0.expires_at", "counts.pending")),
    Fact("invitations that were accepted", "GET", "/u/{admin}/invited.json?filter=redeemed",
         keys=("invites", "counts.redeemed")),
    Fact("blanks around an address are not cut off", "POST", _MANY, json={"email": [" blank.{suffix}@example.net"]},
         values={"num_successfully_created_invitations": 0, "num_failed_invitations": 1,
                 "failed_invitations.0.email": " blank.{suffix}@example.net"}),
    Fact("who may not invite sees nobody's invitations", "GET", "/u/{admin}/invited.json?filter=pending", 422,
         user="{one}", errors=(NOT_ALLOWED,)),
    Fact("an unknown invitation is changed", "PUT", "/invites/99999999.json", 400, json={"group_ids": "{group_id}"},
         error_type="invalid_parameters"),
    Fact("an unknown invitation is withdrawn", "DELETE", "/invites.json", 400, json={"id": 99999999},
         error_type="invalid_parameters"),
)  # fmt: skip
