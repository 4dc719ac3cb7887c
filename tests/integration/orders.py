"""The deployed function, asked as its load balancer asks it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from tests.integration.system import Region

Json = Any
"""JSON as the API sent it. Tests index into it; a wrong guess about its form fails the test."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def document(self) -> Json:
        """The JSON in the body."""
        return json.loads(self.content)


def call(region: Region, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """Invoke a region's function with the event of a load balancer that sends multi-value headers."""
    event = {
        "requestContext": {"elb": {"targetGroupArn": region.text("target_group_arn")}},
        "httpMethod": method,
        "path": path,
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": {name.lower(): [value] for name, value in (headers or {}).items()},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    answer = region.aws.functions.invoke(FunctionName=region.text("function_name"), Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read())
    assert not answer.get("FunctionError"), payload
    text = payload.get("body", "")
    return Answer(
        status=payload["statusCode"],
        headers=_headers(payload),
        content=base64.b64decode(text) if payload.get("isBase64Encoded") else text.encode(),
    )


def place(region: Region, *, key: str, quantity: int = 2) -> Answer:
    """Order something under an idempotency key."""
    order = {
        "customer": "integration",
        "currency": "EUR",
        "lines": [{"sku": "lifeboat", "quantity": quantity, "unit_price": 1250}],
    }
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return call(region, "POST", "/orders", body=json.dumps(order).encode(), headers=headers)


def _headers(payload: Json) -> dict[str, str]:
    many = payload.get("multiValueHeaders") or {name: [value] for name, value in payload.get("headers", {}).items()}
    return {name.lower(): str(values[-1]) for name, values in many.items()}
