"""One region of AWS in memory, with the stores that the order API is deployed with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader
from moto import mock_aws

from functions.orders import handler
from functions.orders.api import Api
from functions.orders.settings import Entry, Settings

from .calls import Caller

REGION: Final = "eu-west-1"

MODELS = create_loader()
"""What the services look like: read from disk once, not by every test's clients."""


@pytest.fixture
def settings() -> Settings:
    return Settings(
        deployment="ecommerce",
        suffix="test",
        entry=Entry.ALB,
        region=REGION,
        table="orders-test",
        bucket="attachments-test",
        active_region_parameter="/ecommerce/test/active-region",
    )


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_MAX_ATTEMPTS", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", REGION)


@pytest.fixture
def aws(
    settings: Settings,
    credentials: None,  # noqa: ARG001 - the order of set-up
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    with mock_aws():
        core = botocore.session.get_session()
        core.register_component("data_loader", MODELS)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=core))
        _make_table(str(settings.table))
        _make_bucket(str(settings.bucket))
        boto3.client("ssm", region_name=REGION).put_parameter(
            Name=str(settings.active_region_parameter),
            Value=REGION,
            Type="String",
        )
        yield


@pytest.fixture
def api(settings: Settings, aws: None) -> Api:  # noqa: ARG001 - the order of set-up
    return Api.from_settings(settings)


@pytest.fixture
def start(settings: Settings, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:  # noqa: ARG001 - set-up
    """Start the function anew with some variables changed, or taken away by None."""

    def start_with(**changed: str | None) -> None:
        environment = {
            "DEPLOYMENT": settings.deployment,
            "ENVIRONMENT_SUFFIX": settings.suffix,
            "ENTRY": str(settings.entry),
            "AWS_REGION": REGION,
            "TABLE_NAME": settings.table,
            "BUCKET_NAME": settings.bucket,
            "ACTIVE_REGION_PARAMETER": settings.active_region_parameter,
            **changed,
        }
        for name, value in environment.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        handler.connect.cache_clear()

    start_with()
    yield start_with
    handler.connect.cache_clear()


@pytest.fixture(params=["single", "multiple", "rest-api"])
def call(request: pytest.FixtureRequest, start: Callable[..., None]) -> Caller:
    """Call the function in each of the shapes that its entries give to events."""
    entry = "rest-api" if request.param == "rest-api" else "alb"
    start(ENTRY=entry)
    return Caller(entry=entry, multiple=request.param != "single")


@pytest.fixture
def alb(start: Callable[..., None]) -> Caller:  # noqa: ARG001 - set-up
    return Caller()


def _make_table(name: str) -> None:
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk", "customer", "placed_at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-customer",
                "KeySchema": [
                    {"AttributeName": "customer", "KeyType": "HASH"},
                    {"AttributeName": "placed_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
        ],
    )


def _make_bucket(name: str) -> None:
    key = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"]
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}},
            ],
        },
    )
