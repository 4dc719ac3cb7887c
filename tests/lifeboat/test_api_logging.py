"""The role for API logs: a role that is too new is offered again, anything else is not."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lifeboat import api_logging

ARN = "arn:aws:iam::123456789012:role/lifeboat-api-logs"
PATCH = {"patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ARN}]}


@pytest.fixture
def apigateway(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(api_logging, "PAUSE_SECONDS", 0)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")  # noqa: S106 not a secret
    return session.client("apigateway")


def offered(apigateway: object, refusals: list[str]) -> Stubber:
    stub = Stubber(apigateway)  # type: ignore[arg-type] # any client
    for code in refusals:
        stub.add_client_error("update_account", code, "The role ARN does not have required permissions", 400)
    return stub


def test_a_role_that_is_too_new_is_offered_again(apigateway: object) -> None:
    stub = offered(apigateway, ["BadRequestException", "BadRequestException"])
    stub.add_response("update_account", {"cloudwatchRoleArn": ARN}, PATCH)
    with stub:
        api_logging.offer_role(apigateway, ARN)  # type: ignore[arg-type] # a stubbed client
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "refusals", [["AccessDeniedException"], ["BadRequestException"] * api_logging.ATTEMPTS], ids=["denied", "too often"]
)
def test_another_refusal_or_too_many_are_told(apigateway: object, refusals: list[str]) -> None:
    with offered(apigateway, refusals) as stub, pytest.raises(ClientError, match=refusals[-1]):
        api_logging.offer_role(apigateway, ARN)  # type: ignore[arg-type] # a stubbed client
    stub.assert_no_pending_responses()
