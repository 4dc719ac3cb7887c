"""CloudWatch Logs: saved queries."""

from __future__ import annotations

import json
import uuid

from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time_millis
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse

from lifeboat.local.embedded.gap import Gap

FIELDS = ("name", "queryString", "logGroupNames")


def queries(backend: LogsBackend) -> dict[str, dict[str, object]]:
    """Return the saved queries of one region, by id."""
    kept: dict[str, dict[str, object]] = backend.__dict__.setdefault("query_definitions", {})
    return kept


def fill_query_definitions() -> None:
    """Add the operations on saved queries."""

    def put(self: LogsResponse) -> str:
        identifier = self._get_param("queryDefinitionId") or str(uuid.uuid4())
        given = {field: self._get_param(field) for field in FIELDS}
        queries(self.logs_backend)[identifier] = {
            "queryDefinitionId": identifier,
            "lastModified": int(unix_time_millis()),
            "queryLanguage": self._get_param("queryLanguage") or "CWLI",
        } | {field: value for field, value in given.items() if value}
        return json.dumps({"queryDefinitionId": identifier})

    def describe(self: LogsResponse) -> str:
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        kept = queries(self.logs_backend).values()
        return json.dumps({"queryDefinitions": [q for q in kept if str(q["name"]).startswith(prefix)]})

    def delete(self: LogsResponse) -> str:
        found = queries(self.logs_backend).pop(self._get_param("queryDefinitionId"), None)
        if found is None:
            raise JsonRESTError("ResourceNotFoundException", "The specified query definition does not exist.")
        return json.dumps({"success": True})

    LogsResponse.put_query_definition = put
    LogsResponse.describe_query_definitions = describe
    LogsResponse.delete_query_definition = delete


GAPS = (
    Gap(
        name="logs.query_definitions",
        missing="The operations on saved queries do not exist.",
        matters="A stack that brings its operators' queries along could not be applied.",
        fill=fill_query_definitions,
    ),
)
