"""Requests and answers on their way through the edge, in CloudFront's own form for headers."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import Any

Document = dict[str, Any]
Headers = dict[str, list[dict[str, str]]]
"""Values by the name in lower case: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html"""


def headers_of(**values: str) -> Headers:
    """Write headers, an underscore standing for a hyphen."""
    return {
        name.replace("_", "-"): [{"key": name.replace("_", "-").title(), "value": value}]
        for name, value in values.items()
    }


def value_of(headers: Headers, name: str) -> str:
    """Return the first value of a header; empty when there is none."""
    values = headers.get(name) or [{}]
    return values[0].get("value", "")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A viewer's request.

    Attributes:
        method: HTTP method.
        uri: Path, starting with a slash.
        query: Query string without its question mark.
        headers: Headers of the viewer.
        ip: Address of the viewer.
    """

    method: str
    uri: str
    query: str
    headers: Headers
    ip: str

    def rendered(self) -> Document:
        """Return the request as an event of Lambda@Edge holds it."""
        return {
            "clientIp": self.ip,
            "headers": self.headers,
            "method": self.method,
            "querystring": self.query,
            "uri": self.uri,
        }

    def changed(self, document: Document) -> Request:
        """Return the request that a function made of this one."""
        return replace(
            self,
            uri=document["uri"],
            query=document.get("querystring", ""),
            headers=document.get("headers", {}),
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent back.

    Attributes:
        status: HTTP status.
        headers: Headers.
        body: Content.
    """

    status: int
    headers: Headers = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, document: Document) -> Answer:
        """Read a response that a function made."""
        body = document.get("body", "")
        if isinstance(body, dict):  # CloudFront functions write encoding and data
            document, body = body | {"bodyEncoding": body.get("encoding", "text")}, body.get("data", "")
        encoded = document.get("bodyEncoding", "text") == "base64"
        return cls(
            status=int(document.get("status") or document["statusCode"]),
            headers=document.get("headers", {}),
            body=base64.b64decode(body) if encoded else body.encode(),
        )


class NoAnswerError(Exception):
    """An origin does not answer: its region is dark, or there is no such host."""


class EdgeError(Exception):
    """CloudFront itself refuses: the message says why. The viewer gets the status that it carries."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
