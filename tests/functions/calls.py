"""Calls to the function, as its entries make them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders import handler


@dataclass
class Context:
    aws_request_id: str = "request-1"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        return cast("dict[str, object]", json.loads(self.body))

    @property
    def error(self) -> dict[str, object]:
        return cast("dict[str, object]", self.json["error"])


def _as_text(body: object) -> str:
    if isinstance(body, bytes):
        return base64.b64encode(body).decode()
    return body if isinstance(body, str) else json.dumps(body)


@dataclass
class Caller:
    """Calls the function as a load balancer or a REST API does."""

    entry: str = "alb"
    multiple: bool = False

    def __call__(
        self,
        method: str,
        path: str,
        *,
        body: object = "",
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        event: dict[str, object] = {
            "httpMethod": method,
            "path": path,
            "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}},
            "body": _as_text(body),
            "isBase64Encoded": isinstance(body, bytes),
        }
        if self.entry == "rest-api":
            event["requestContext"] = {"stage": "live", "path": f"/live{path}", "requestId": "r"}
        sent = {"accept": "*/*", **(headers or {})}
        if self.multiple:
            event["multiValueHeaders"] = {name: [value] for name, value in sent.items()}
            event["multiValueQueryStringParameters"] = {
                name: ["ignored", value] for name, value in (query or {}).items()
            }
        else:
            event["headers"] = sent
            event["queryStringParameters"] = query or {}
        raw = handler.handle(event, cast("LambdaContext", Context()))
        return self._read(raw)

    def _read(self, raw: dict[str, object]) -> Answer:
        if "multiValueHeaders" in raw:
            many = cast("dict[str, list[str]]", raw["multiValueHeaders"])
            headers = {name: ", ".join(values) for name, values in many.items()}
        else:
            headers = cast("dict[str, str]", raw["headers"])
        body = str(raw["body"]).encode()
        content = base64.b64decode(body) if raw["isBase64Encoded"] else body
        return Answer(status=cast("int", raw["statusCode"]), headers=headers, body=content)
