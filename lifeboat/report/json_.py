"""The report as JSON, and its published schema: `docs/report.schema.json`."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from lifeboat.report.model import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMAT = "1.0"
"""Version of what is written. The first number changes when something is taken away or means something else."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is written.

    Attributes:
        format: Version of the format.
        verdict: The whole report in one line.
        exit_code: How the command ended: 0 nothing, 1 a plan is incomplete, 2 changes, 3 guarded.
        report: The report.
    """

    format: str = FORMAT
    verdict: str
    exit_code: int
    report: Report


def render(report: Report) -> str:
    """Return the report as JSON."""
    document = Document(verdict=report.verdict, exit_code=int(report.exit_code), report=report)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def read(text: str | bytes) -> Report:
    """Read a report that was written as JSON.

    Raises:
        ValueError: It is not one, or of a newer format.
    """
    document = msgspec.json.decode(text, type=Document)
    if document.format.partition(".")[0] != FORMAT.partition(".")[0]:
        raise ValueError(f"format {document.format} is newer than {FORMAT}")
    return document.report


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what is written."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(msgspec.json.schema(Document)))
    return {"$schema": DIALECT, "title": "Lifeboat's report", **found}


def schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
