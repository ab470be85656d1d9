"""The JSON Schema of `playbook.yml`, made from the models, for editors and other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from sync_worker.playbook.format import Include, PlaybookFile
from sync_worker.rules.reading import RULE_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from sync_worker.plays import Play


def playbook_schema(plays: Mapping[str, Play]) -> dict[str, Any]:
    """Return the schema; each step's `with` follows from its `play`."""
    models: list[type[BaseModel]] = [PlaybookFile, Include, *(play.options for play in plays.values())]
    places, schema = models_json_schema([(model, "validation") for model in models], by_alias=True)
    definitions = schema["$defs"]
    step = definitions["Step"]
    step["properties"]["play"]["enum"] = sorted(plays)
    step["allOf"] = [
        {
            "if": {"properties": {"play": {"const": name}}},
            "then": {"properties": {"with": places[play.options, "validation"]}},
        }
        for name, play in sorted(plays.items())
    ]
    definitions["Rule"] = RULE_SCHEMA
    root = definitions.pop("PlaybookFile")
    steps = root["properties"]["steps"]
    steps["items"] = {"anyOf": [steps["items"], places[Include, "validation"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}
