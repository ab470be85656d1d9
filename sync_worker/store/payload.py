"""A draft as JSON, as the ledger and the LCM's queue keep it."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_worker.model import Approval, Citation, Draft, DraftKind, Translation, Use

if TYPE_CHECKING:
    from collections.abc import Mapping


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as plain JSON data."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(draft).items()}
    values["not_after"] = draft.not_after.isoformat() if draft.not_after else None
    return values


def draft_from_json(data: Mapping[str, Any]) -> Draft:
    """Return the draft that `draft_to_json` wrote; other keys beside it are ignored."""
    values = {field.name: data[field.name] for field in fields(Draft) if field.name in data}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    values["citations"] = tuple(_citation(one) for one in values.get("citations", ()))
    values["translations"] = tuple(Translation(**one) for one in values.get("translations", ()))
    written = values.get("not_after")
    values["not_after"] = datetime.fromisoformat(written) if written else None
    values["kind"] = DraftKind(values["kind"])
    values["approval"] = Approval(values.get("approval", Approval.NONE))
    return Draft(**values)


def _citation(data: Mapping[str, Any]) -> Citation:
    return Citation(**{**data, "use": Use(data["use"]), "passages": tuple(data["passages"])})
