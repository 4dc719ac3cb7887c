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


def call(
    region: Region,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> Answer:
    """Invoke a region's function with the event of a load balancer that sends multi-value headers."""
    event = {
        "requestContext": {"elb": {"targetGroupArn": region.text("target_group_arn")}},
        "httpMethod": method,
        "path": path,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
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


ARTICLE: dict[str, object] = {"currency": "EUR", "title": "Lifeboat", "unit_price": 1250}


def place(region: Region, *, key: str, quantity: int = 2) -> Answer:
    """Order something under an idempotency key; it is put into the catalogue first where it is not sold yet."""
    order = {
        "customer": "integration",
        "currency": ARTICLE["currency"],
        "lines": [{"sku": "lifeboat", "quantity": quantity, "unit_price": ARTICLE["unit_price"]}],
    }
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    body = json.dumps(order).encode()
    answer = call(region, "POST", "/orders", body=body, headers=headers)
    if answer.status == 422 and answer.document["error"]["code"] == "NOT_AS_SOLD":
        assert sell(region, "lifeboat", ARTICLE).status == 200
        answer = call(region, "POST", "/orders", body=body, headers=headers)
    return answer


def sell(region: Region, sku: str, article: dict[str, object]) -> Answer:
    """Put an article into the catalogue."""
    return call(region, "PUT", f"/products/{sku}", body=json.dumps(article).encode())


def _headers(payload: Json) -> dict[str, str]:
    many = payload.get("multiValueHeaders") or {name: [value] for name, value in payload.get("headers", {}).items()}
    return {name.lower(): str(values[-1]) for name, values in many.items()}
