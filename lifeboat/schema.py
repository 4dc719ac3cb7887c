"""JSON Schema of a deployment's file, so that editors complete and check while one types."""

from __future__ import annotations

import copy
import json
from typing import Any

from deployments.model import Deployment
from deployments.stages import STAGES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PARTIAL = "Changes"

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema: a deployment, and stages that may change any part of it and must say nothing."""
    whole = Deployment.model_json_schema()
    definitions: Schema = whole.setdefault("$defs", {})
    changes = {name + PARTIAL: _partial(part) for name, part in definitions.items()}
    top = {key: value for key, value in whole.items() if key != "$defs"}
    definitions |= changes
    definitions["Deployment" + PARTIAL] = _partial(top)
    whole["properties"][STAGES] = {
        "type": "object",
        "description": "What differs in an environment: the suffix picks the stage by name, or by the longest pattern.",
        "additionalProperties": {"$ref": f"#/$defs/Deployment{PARTIAL}"},
    }
    return {"$schema": DIALECT, **whole}


def text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _partial(part: Schema) -> Schema:
    """Return a table's schema with nothing required, at any depth. A list is replaced whole, so its elements stay."""
    partial = copy.deepcopy(part)
    partial.pop("required", None)
    for schema_of in partial.get("properties", {}).values():
        schema_of.pop("default", None)
        _point_to_partial(schema_of)
    return partial


def _point_to_partial(schema_of: Schema) -> None:
    if "$ref" in schema_of:
        schema_of["$ref"] += PARTIAL
    for choice in schema_of.get("anyOf", []):
        _point_to_partial(choice)
    below = schema_of.get("additionalProperties")
    if isinstance(below, dict):
        _point_to_partial(below)
