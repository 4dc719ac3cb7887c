"""Which headers code at the edge may not touch; CloudFront answers 502 where it does.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lifeboat.local.embedded.viewer.exchange import Headers

DISALLOWED = (
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amz-cf-*",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-edge-*",
    "x-forwarded-proto",
    "x-real-ip",
)
"""Neither shown to code nor taken from it."""

READ_ONLY = {
    "viewer-request": ("content-length", "host", "transfer-encoding", "via"),
    "origin-request": (
        "accept-encoding",
        "content-length",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "transfer-encoding",
        "via",
    ),
    "origin-response": ("transfer-encoding", "via"),
    "viewer-response": ("content-encoding", "content-length", "transfer-encoding", "warning", "via"),
}
"""Shown to code, and not to be added, changed or removed."""


def is_disallowed(name: str) -> bool:
    """Tell whether code at the edge never sees a header."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in DISALLOWED)


def violations(event: str, before: Headers, after: Headers) -> Iterator[str]:
    """Yield what CloudFront would refuse about the headers that code returned."""
    for name, values in after.items():
        if is_disallowed(name):
            yield f"the header {name} is disallowed"
        if any(value.get("key", name).lower() != name for value in values):
            yield f"the header {name} is filed under another name"
    for name in READ_ONLY[event]:
        if _values(before, name) != _values(after, name):
            yield f"the header {name} is read-only at a {event}"


def _values(headers: Headers, name: str) -> list[str]:
    return [each.get("value", "") for each in headers.get(name, [])]
