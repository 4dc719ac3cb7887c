"""The events that entries send to functions.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from lifeboat.local.embedded.front import Request
    from lifeboat.local.embedded.front_rest import Route

TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml")
"""Content types whose body a load balancer passes on as text."""


def of_load_balancer(request: Request, target_group_arn: str, *, multiple: bool) -> dict[str, Any]:
    """Return the event of a load balancer, which passes the query on as it came."""
    pairs = [pair.partition("=")[::2] for pair in request.query.split("&") if pair]
    body, is_base64 = _body(request)
    return {
        "requestContext": {"elb": {"targetGroupArn": target_group_arn}},
        "httpMethod": request.method,
        "path": request.path,
        **_values(request.headers, pairs, multiple=multiple),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def of_rest_api(request: Request, route: Route) -> dict[str, Any]:
    """Return the event of a REST API."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    body, is_base64 = _body(request)
    return {
        "resource": route.resource,
        "path": request.path,
        "httpMethod": request.method,
        **_values(request.headers, pairs, multiple=False),
        **_values(request.headers, pairs, multiple=True),
        "pathParameters": dict(route.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": request.account,
            "apiId": route.api,
            "domainName": request.host,
            "httpMethod": request.method,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": request.headers.get("user-agent", "")},
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "resourcePath": route.resource,
            "stage": route.stage,
        },
        "body": body or None,
        "isBase64Encoded": is_base64,
    }


def _values(headers: Mapping[str, str], pairs: list[tuple[str, str]], *, multiple: bool) -> dict[str, Any]:
    if not multiple:
        return {"headers": dict(headers), "queryStringParameters": dict(pairs)}
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    return {
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": query,
    }


def _body(request: Request) -> tuple[str, bool]:
    kind = request.headers.get("content-type", "")
    if not request.body or kind.startswith(TEXTUAL):
        return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True
