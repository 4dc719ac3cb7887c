"""The stores' adapters, against AWS in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)
from moto.dynamodb.models import DynamoDBBackend

from functions.orders import logic
from functions.orders.api import Api
from functions.orders.bucket import AttachmentBucket
from functions.orders.clients import is_passing
from functions.orders.messages import Request
from functions.orders.model import Attachment, Draft, Line, Order
from functions.orders.parameters import CACHE_SECONDS, FENCE_SETTLES_SECONDS, RegionSwitch
from functions.orders.refusals import Refusal
from functions.orders.settings import Settings
from functions.orders.table import OrderTable

from .conftest import REGION

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DRAFT = Draft(
    customer="c-1",
    currency="JPY",
    lines=(Line(sku="tea", quantity=2, unit_price=450), Line(sku="gift", quantity=1, unit_price=0)),
)
BODY = b'{"customer":"c-1","currency":"EUR","lines":[{"sku":"tea","quantity":1,"unit_price":450}]}'


def order(number: int, *, draft: Draft = DRAFT) -> Order:
    moment = NOON + timedelta(seconds=number)
    return logic.place(draft, order_id=logic.order_id(f"key-{number:05}"), region=REGION, now=moment)


@pytest.fixture
def table(settings: Settings, aws: None) -> OrderTable:  # noqa: ARG001 - the order of set-up
    return OrderTable(str(settings.table), region=REGION)


@pytest.fixture
def bucket(settings: Settings, aws: None) -> AttachmentBucket:  # noqa: ARG001 - the order of set-up
    return AttachmentBucket(str(settings.bucket), region=REGION)


def test_an_order_comes_back_from_the_table_as_it_went_in(table: OrderTable) -> None:
    assert table.get(order(1).order_id) is None
    assert table.put_new(order(1)) is None
    assert table.get(order(1).order_id) == order(1)


def test_an_id_that_is_taken_is_never_written_again(table: OrderTable) -> None:
    table.put_new(order(1))
    later = logic.place(DRAFT, order_id=order(1).order_id, region="us-east-1", now=NOON + timedelta(days=1))
    assert table.put_new(later) == order(1)
    assert table.get(order(1).order_id) == order(1)


def test_a_client_reads_in_this_region_what_it_wrote(table: OrderTable) -> None:
    asked: list[dict[str, object]] = []
    table._client.meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params)
    )
    table.get(order(1).order_id)
    assert [parameters["ConsistentRead"] for parameters in asked] == [True]


def test_the_table_keeps_the_keys_that_its_index_needs(table: OrderTable, settings: Settings) -> None:
    table.put_new(order(1))
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName=str(settings.table))["Items"]
    assert len(items) == 1
    assert items[0]["pk"] == {"S": f"ORDER#{order(1).order_id}"}
    assert items[0]["sk"] == {"S": "ORDER"}
    assert items[0]["customer"] == {"S": "c-1"}
    assert items[0]["placed_at"] == {"S": "2026-11-20T12:00:01.000000Z"}
    assert items[0]["lines"]["L"][0]["M"]["unit_price"] == {"N": "450"}


def test_a_customers_orders_are_paged_newest_first_and_nobody_elses_are_among_them(table: OrderTable) -> None:
    for number in range(5):
        table.put_new(order(number))
    table.put_new(order(9, draft=Draft(customer="c-2", currency="EUR", lines=DRAFT.lines)))
    seen, after = [], None
    for _ in range(3):
        page = table.of_customer("c-1", limit=2, after=after)
        seen.append([found.placed_at[17:19] for found in page.orders])
        after = page.after
    assert seen == [["04", "03"], ["02", "01"], ["00"]]
    assert after is None


def test_a_table_that_is_not_there_raises(settings: Settings, aws: None) -> None:  # noqa: ARG001 - set-up
    table = OrderTable("another", region=REGION)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        table.put_new(order(1))
    with pytest.raises(ClientError, match="ResourceNotFound"):
        table.probe()


def test_an_attachment_comes_back_as_it_went_in_encrypted_by_the_buckets_key(
    bucket: AttachmentBucket, settings: Settings
) -> None:
    attachment = Attachment(content=bytes(range(256)), content_type="image/png")
    bucket.put("ord_1", "photo.png", attachment)
    assert bucket.get("ord_1", "photo.png") == attachment
    assert bucket.get("ord_1", "other.png") is None
    head = boto3.client("s3", region_name=REGION).head_object(Bucket=str(settings.bucket), Key="orders/ord_1/photo.png")
    assert head["ServerSideEncryption"] == "aws:kms"


def test_an_object_that_the_entry_could_not_carry_is_refused(bucket: AttachmentBucket, settings: Settings) -> None:
    boto3.client("s3", region_name=REGION).put_object(
        Bucket=str(settings.bucket),
        Key="orders/ord_1/big",
        Body=b"x" * (logic.ATTACHMENT_LIMIT + 1),
    )
    with pytest.raises(Refusal) as caught:
        bucket.get("ord_1", "big")
    assert (caught.value.status, caught.value.code) == (413, "ATTACHMENT_TOO_LARGE")


def test_a_bucket_that_is_not_there_raises(aws: None) -> None:  # noqa: ARG001 - set-up
    bucket = AttachmentBucket("another", region=REGION)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        bucket.get("ord_1", "x")
    with pytest.raises(ClientError, match="404"):
        bucket.probe()


def test_the_open_region_is_believed_for_a_few_seconds_and_no_longer(
    settings: Settings,
    aws: None,  # noqa: ARG001 - set-up
) -> None:
    clock = [100.0]
    name = str(settings.active_region_parameter)
    active = RegionSwitch(name, region=REGION, clock=lambda: clock[0])
    ssm = boto3.client("ssm", region_name=REGION)
    assert active.get() == REGION
    ssm.put_parameter(Name=name, Value="none", Overwrite=True)
    clock[0] += CACHE_SECONDS - 0.01
    assert active.get() == REGION
    clock[0] += 0.02
    assert active.get() == "none"
    ssm.put_parameter(Name=name, Value="us-east-1", Overwrite=True)
    active.probe()
    assert active.get() == "us-east-1"
    ssm.put_parameter(Name=name, Value="all", Overwrite=True)
    clock[0] -= 3600  # the clock was put right
    assert active.get() == "all"
    ssm.delete_parameter(Name=name)
    clock[0] += CACHE_SECONDS
    with pytest.raises(ClientError, match="ParameterNotFound"):
        active.get()


def test_a_fenced_client_that_comes_back_meets_the_value_of_then() -> None:
    assert logic.FENCED_RETRY_SECONDS > CACHE_SECONDS


def test_a_failover_knows_how_long_a_fence_takes_to_settle() -> None:
    assert FENCE_SETTLES_SECONDS == 10.0


def failure(status: int, code: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest of the metadata is not looked at
        "GetItem",
    )


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (failure(500, "InternalServerError"), True),
        (failure(400, "ThrottlingException"), True),
        (failure(400, "AccessDeniedException"), False),
        (ClientError({}, "GetItem"), False),
        (EndpointConnectionError(endpoint_url="https://x"), True),
        (ConnectTimeoutError(endpoint_url="https://x"), True),
        (ReadTimeoutError(endpoint_url="https://x"), True),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), True),
        (NoCredentialsError(), False),
        (ValueError(), False),
    ],
)
def test_a_store_that_is_away_is_told_from_a_fault_of_ours(error: Exception, passing: bool) -> None:
    assert is_passing(error) is passing


def test_two_requests_at_the_same_time_make_one_order(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_item: Callable[..., object] = DynamoDBBackend.put_item
    one_by_one = threading.Lock()

    def put_item_atomically(*args: object, **kwargs: object) -> object:
        with one_by_one:  # DynamoDB checks and writes an item in one step; moto takes two
            return put_item(*args, **kwargs)

    monkeypatch.setattr(DynamoDBBackend, "put_item", put_item_atomically)
    request = Request(headers={"idempotency-key": "checkout-0001"}, body=BODY)
    together = threading.Barrier(2)
    statuses: list[int] = []

    def place() -> None:
        together.wait(timeout=10)
        statuses.append(api.place_order(request).status)

    threads = [threading.Thread(target=place) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(statuses) == [200, 201]
    assert boto3.client("dynamodb", region_name=REGION).scan(TableName=str(settings.table))["Count"] == 1
