"""A SCIM user -> what identifies and names a person (RFC 7643, 4.1 and 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_worker.rosters.row import RowError
from sync_worker.rosters.scim.client import Folded
from sync_worker.rosters.web.shapes import kind_of, text, yes_or_no

if TYPE_CHECKING:
    from sync_worker.config.http_rosters import ScimRosterSettings

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def cells_of_user(user: Folded, settings: ScimRosterSettings) -> dict[str, str]:
    """Return a user's external id, e-mail and name.

    Raises:
        RowError: an attribute is not what the standard says.

    """
    name = Folded(_object(user, "name"))
    return {
        "external_id": text(user, settings.external_id),
        "email": email_of(user) or (text(user, "userName") if settings.user_name_is_email else ""),
        "name": text(user, "displayName") or text(name, "formatted"),
        "first_name": text(name, "givenName"),
        "last_name": text(name, "familyName"),
    }


def email_of(user: Folded) -> str:
    """Return the address marked as primary; else the only one, or the first for work, or the first.

    Raises:
        RowError: two are marked as primary, or the list is none.

    """
    listed = user.get("emails")
    if listed is None:
        return ""
    if not isinstance(listed, list):
        raise RowError(f"emails is {kind_of(listed)}, not a list.", do="Correct it in the directory.")
    addresses = [Folded(item) if isinstance(item, dict) else Folded({"value": item}) for item in listed]
    addresses = [address for address in addresses if text(address, "value")]
    primary = {text(address, "value") for address in addresses if _yes(address.get("primary"))}
    if len(primary) > 1:
        raise RowError("two e-mail addresses are marked as primary.", do="Mark one in the directory.")
    work = [text(address, "value") for address in addresses if text(address, "type").lower() == "work"]
    return next(iter([*primary, *work, *(text(address, "value") for address in addresses)]), "")


def is_active(user: Folded) -> bool:
    """Whether the account is on; a user without the attribute is.

    Raises:
        RowError: the attribute says neither yes nor no.

    """
    return yes_or_no(user.get("active"), "active") is not False


def manager_of(user: Folded) -> str:
    """Return the id (or, where the directory writes that, the e-mail) of a user's manager; "" for none."""
    try:
        manager = Folded(_object(user, ENTERPRISE)).get("manager")
        if isinstance(manager, list):
            manager = manager[0] if manager else None
        return text(Folded(manager), "value") if isinstance(manager, dict) else text({"manager": manager}, "manager")
    except RowError:
        return ""


def department_of(user: Folded) -> str:
    """Return a user's department; "" for none.

    Raises:
        RowError: it is not text.

    """
    return text(Folded(_object(user, ENTERPRISE)), "department")


def _object(user: Folded, key: str) -> dict[str, Any]:
    value = user.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowError(f"{key} is {kind_of(value)}, not an object.", do="Correct it in the directory.")
    return value


def _yes(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
