"""What comes in and what goes out, whatever stands in front of the function."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from .model import Attachment
from .refusals import Fault, Refusal, invalid
from .settings import Entry

NEUTRAL_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""On every answer: nothing between here and the client keeps it, and no browser guesses what it is."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request. Header names are in lower case; of a repeated header or parameter the last value counts."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def from_event(cls, event: Mapping[str, object], *, entry: Entry) -> Request:
        """Read an event of a load balancer or of a REST API, with single or multi-value headers.

        Raises:
            Refusal: 400 when a body that claims to be base64 is not.
        """
        headers = _values(event, "headers", "multiValueHeaders")
        query = _values(event, "queryStringParameters", "multiValueQueryStringParameters")
        if entry is Entry.ALB:  # it passes the query as it came; API Gateway has decoded it
            query = {unquote_plus(name): unquote_plus(value) for name, value in query.items()}
        return cls(
            headers={name.lower(): value for name, value in headers.items()},
            query=query,
            body=_body(event),
        )


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: a JSON document, or an attachment as it was put."""

    status: int
    document: Mapping[str, object] | Attachment
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str | bytes:
        """What travels: text for JSON, bytes (which the entry needs in base64) for an attachment."""
        return (
            self.document.content
            if isinstance(self.document, Attachment)
            else json.dumps(self.document, separators=(",", ":"))
        )

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers of this answer and those of every answer."""
        kind = {"Content-Type": "application/json"}
        if isinstance(self.document, Attachment):
            # To be saved, not shown: a page that somebody attached must not run as one of ours.
            kind = {"Content-Type": self.document.content_type, "Content-Disposition": "attachment"}
        return {**NEUTRAL_HEADERS, **kind, **self.headers}


def refuse(refusal: Refusal, *, request_id: str) -> Reply:
    """Tell a client why its request was refused."""
    error: dict[str, object] = {
        "code": refusal.code,
        "message": refusal.message,
        "request_id": request_id,
    }
    if refusal.faults:
        error["problems"] = [{"at": fault.at, "problem": fault.problem} for fault in refusal.faults]
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return Reply(status=refusal.status, document={"error": error}, headers=headers)


def _values(event: Mapping[str, object], single: str, multiple: str) -> dict[str, str]:
    """Take a map of an event: the multi-value form where there is one, because the other then lacks values."""
    many = event.get(multiple)
    if isinstance(many, Mapping) and many:
        return {str(name): str(values[-1]) for name, values in many.items() if _is_filled(values)}
    one = event.get(single)
    return {str(name): str(value) for name, value in one.items()} if isinstance(one, Mapping) else {}


def _is_filled(values: object) -> bool:
    return isinstance(values, Sequence) and bool(values)


def _body(event: Mapping[str, object]) -> bytes:
    text = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return text.encode("utf-8", errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid([Fault(at="body", problem="is not base64, though the event says so")]) from None
