"""CloudFront's own event shapes, as its documentation writes them, for the tests of code at the edge.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

CONTENT = {"us-west-2": "west.s3.us-west-2.amazonaws.com", "us-east-1": "east.s3.us-east-1.amazonaws.com"}
"""The buckets of two regions."""


def header(name: str, value: str) -> dict[str, list[dict[str, str]]]:
    """Write one header the way CloudFront files it."""
    return {name.lower(): [{"key": name, "value": value}]}


def viewer_request(uri: str = "/", *, query: str = "", **headers: str) -> Event:
    """Return a viewer-request event; an underscore in a header's name stands for a hyphen."""
    given: dict[str, Any] = (
        header("Host", "d111111abcdef8.cloudfront.net")
        | header("User-Agent", "curl/7.66.0")
        | header("accept", "*/*")
        | header("Content-Length", "0")
        | header("Via", "1.1 proxy")
    )
    for name, value in headers.items():
        given |= header(name.replace("_", "-"), value)
    request = {"clientIp": "203.0.113.178", "headers": given, "method": "GET", "querystring": query, "uri": uri}
    return _event("viewer-request", request)


def origin_request(turn: int, uri: str = "/index.html", *, origins: dict[str, str] | None = None) -> Event:
    """Return the origin-request event of one member of an origin group."""
    listed = CONTENT if origins is None else origins
    domain = list(CONTENT.values())[turn - 1]
    request = {
        "clientIp": "203.0.113.178",
        "headers": header("X-Forwarded-For", "203.0.113.178")
        | header("User-Agent", "Amazon CloudFront")
        | header("Via", "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)")
        | header("Host", domain)
        | header("Accept-Encoding", "gzip"),
        "method": "GET",
        "origin": {
            "s3": {
                "authMethod": "none",
                "customHeaders": header("x-lifeboat-turn", str(turn))
                | header("x-lifeboat-origins", " ".join(f"{region}={name}" for region, name in listed.items())),
                "domainName": domain,
                "path": "",
                "region": list(CONTENT)[turn - 1],
            }
        },
        "querystring": "",
        "uri": uri,
    }
    return _event("origin-request", request)


def _event(kind: str, request: Event) -> Event:
    config = {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": kind,
        "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    }
    return {"Records": [{"cf": {"config": config, "request": request}}]}
