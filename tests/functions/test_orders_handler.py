"""The function from the outside: whole events in, whole answers out."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ConnectTimeoutError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from functions.orders import handler
from functions.orders.api import Api
from functions.orders.messages import Request
from functions.orders.parameters import RegionSwitch
from functions.orders.refusals import Refusal
from functions.orders.settings import Entry, Settings, SettingsError
from functions.orders.table import OrderTable

from .calls import Caller, Context
from .conftest import REGION

ORDER = {"customer": "c-1", "currency": "EUR", "lines": [{"sku": "tea", "quantity": 2, "unit_price": 450}]}
KEY = {"Idempotency-Key": "checkout-0001"}


@pytest.fixture
def numbers() -> Iterator[int]:
    """Count, so that each example of a property test has a key of its own."""
    return itertools.count(10_000)


def point_to(region: str) -> None:
    ssm = boto3.client("ssm", region_name=REGION)
    ssm.put_parameter(Name="/ecommerce/test/active-region", Value=region, Overwrite=True)
    handler.connect.cache_clear()


def test_an_order_is_placed_once_and_shown(call: Caller) -> None:
    first = call("POST", "/orders", body=ORDER, headers=KEY)
    again = call("POST", "/orders", body=json.dumps(ORDER, indent=2), headers=KEY)
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    assert first.json["total"] == 900
    assert first.json["placed_in"] == REGION
    assert first.headers["Location"] == f"/orders/{first.json['id']}"
    shown = call("GET", f"/orders/{first.json['id']}")
    assert (shown.status, shown.json) == (200, first.json)


def test_a_body_in_base64_is_read(call: Caller) -> None:
    answer = call("POST", "/orders", body=json.dumps(ORDER).encode(), headers=KEY)
    assert answer.status == 201


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_refused(alb: Caller) -> None:
    event: dict[str, object] = {
        "httpMethod": "POST",
        "path": "/orders",
        "headers": KEY,
        "body": "no base64!",
        "isBase64Encoded": True,
    }
    answer = alb._read(handler.handle(event, cast("LambdaContext", Context())))
    assert answer.status == 400
    assert answer.error["problems"] == [{"at": "body", "problem": "is not base64, though the event says so"}]


def test_a_key_used_for_another_order_is_refused(call: Caller) -> None:
    call("POST", "/orders", body=ORDER, headers=KEY)
    answer = call("POST", "/orders", body={**ORDER, "currency": "USD"}, headers=KEY)
    assert (answer.status, answer.error["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_all_problems_of_an_order_come_back_as_a_list(call: Caller) -> None:
    answer = call("POST", "/orders", body={"customer": "c-1", "lines": []}, headers=KEY)
    assert answer.status == 400
    assert answer.error == {
        "code": "INVALID_REQUEST",
        "message": "The request is not valid.",
        "request_id": "request-1",
        "problems": [
            {"at": "currency", "problem": "is missing"},
            {"at": "lines", "problem": "must be a list of 1 to 100 lines"},
        ],
    }


def test_a_customers_orders_are_paged_newest_first(call: Caller) -> None:
    placed = [call("POST", "/orders", body=ORDER, headers={"idempotency-key": f"key-{n:05}"}).json for n in range(3)]
    first = call("GET", "/orders", query={"customer": "c-1", "limit": "2"})
    assert first.json["orders"] == [placed[2], placed[1]]
    query = {"customer": "c-1", "limit": "2", "next": str(first.json["next"])}
    assert call("GET", "/orders", query=query).json == {"orders": [placed[0]]}


def test_a_load_balancers_query_is_decoded(alb: Caller) -> None:
    answer = alb("GET", "/orders", query={"customer": "c%2D1", "%6Cimit": "1"})
    assert (answer.status, answer.json) == (200, {"orders": []})


def test_an_attachment_is_kept_and_given_back(call: Caller) -> None:
    order = call("POST", "/orders", body=ORDER, headers=KEY).json["id"]
    content = bytes(range(256))
    path = f"/orders/{order}/attachments/photo.png"
    put = call("PUT", path, body=content, headers={"Content-Type": "image/png"})
    assert (put.status, put.json) == (
        200,
        {"order": order, "name": "photo.png", "size": 256, "content_type": "image/png"},
    )
    got = call("GET", path)
    assert (got.status, got.body) == (200, content)
    assert got.headers["Content-Type"] == "image/png"
    assert got.headers["Content-Disposition"] == "attachment"
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_an_attachment_that_is_json_comes_back_byte_for_byte(call: Caller) -> None:
    path = f"/orders/{call('POST', '/orders', body=ORDER, headers=KEY).json['id']}/attachments/a.json"
    call("PUT", path, body=b'{ "a": 1 }\n', headers={"Content-Type": "application/json"})
    got = call("GET", path)
    assert (got.headers["Content-Type"], got.body) == ("application/json", b'{ "a": 1 }\n')


def test_there_are_no_attachments_of_orders_that_do_not_exist(alb: Caller) -> None:
    unknown = f"/orders/ord_{'0' * 32}/attachments/a.txt"
    assert alb("PUT", unknown, body=b"x").error["code"] == "NO_SUCH_ORDER"
    assert alb("GET", unknown).error["code"] == "NO_SUCH_ATTACHMENT"
    assert alb("GET", f"/orders/ord_{'0' * 32}/attachments/..%2Fa").status == 400


def test_a_fenced_region_refuses_writes_and_serves_reads(alb: Caller) -> None:
    order = alb("POST", "/orders", body=ORDER, headers=KEY).json["id"]
    path = f"/orders/{order}/attachments/a.txt"
    alb("PUT", path, body=b"x")
    point_to("us-east-1")
    for refused in (alb("POST", "/orders", body=ORDER, headers=KEY), alb("PUT", path, body=b"y")):
        assert (refused.status, refused.error["code"]) == (503, "FENCED")
        assert refused.headers["Retry-After"] == "5"
        assert "us-east-1 is open" in str(refused.error["message"])
    assert alb("GET", f"/orders/{order}").status == 200
    assert alb("GET", "/orders", query={"customer": "c-1"}).status == 200
    assert alb("GET", path).body == b"x"
    point_to("all")
    assert alb("PUT", path, body=b"y").status == 200


def test_an_attachment_is_not_written_when_the_region_closes_while_its_order_is_looked_for(
    alb: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = alb("POST", "/orders", body=ORDER, headers=KEY).json["id"]
    answers = iter([REGION, "us-east-1"])
    monkeypatch.setattr(RegionSwitch, "get", lambda _self: next(answers))
    path = f"/orders/{order}/attachments/a.txt"
    assert alb("PUT", path, body=b"x").error["code"] == "FENCED"
    assert alb("GET", path).status == 404


def test_no_write_passes_while_nobody_can_say_which_region_is_open(
    alb: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1")
    answer = alb("POST", "/orders", body=ORDER, headers=KEY)
    assert (answer.status, answer.error["code"]) == (503, "STORE_UNAVAILABLE")


def test_a_system_without_a_switch_is_always_open(alb: Caller, start: Callable[..., None]) -> None:
    start(ACTIVE_REGION_PARAMETER=None)
    assert alb("POST", "/orders", body=ORDER, headers=KEY).status == 201


def test_what_the_system_does_not_have_is_said(alb: Caller, start: Callable[..., None]) -> None:
    start(TABLE_NAME=None, BUCKET_NAME=None)
    order = alb("POST", "/orders", body=ORDER, headers=KEY)
    attachment = alb("GET", "/orders/x/attachments/y")
    assert (order.status, order.error["code"]) == (501, "NO_ORDERS")
    assert (attachment.status, attachment.error["code"]) == (501, "NO_ATTACHMENTS")


def test_health_is_served(call: Caller) -> None:
    answer = call("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "ok")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("DELETE", "/orders"), ("GET", "/orders/a/b"), ("PUT", "/health")]
)
def test_what_is_no_route_is_answered_in_json(call: Caller, method: str, path: str) -> None:
    answer = call(method, path)
    assert (answer.status, answer.error["code"]) == (404, "NO_SUCH_ROUTE")
    assert answer.headers == {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
    }


def fail(error: Exception) -> Callable[..., None]:
    def raise_error(*_args: object, **_kwargs: object) -> None:
        raise error

    return raise_error


def test_a_store_that_is_away_is_a_503_that_may_be_repeated(alb: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderTable, "get", fail(ConnectTimeoutError(endpoint_url="https://inside")))
    answer = alb("GET", f"/orders/ord_{'0' * 32}")
    assert (answer.status, answer.error["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"
    assert b"inside" not in answer.body


def test_an_unexpected_error_tells_the_client_a_request_id_and_the_log_the_rest(
    alb: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(OrderTable, "get", fail(ValueError("from the inside")))
    monkeypatch.setattr(handler.logger.registered_handler, "stream", sys.stdout)
    monkeypatch.setenv("POWERTOOLS_DEV", "true")
    answer = alb("GET", f"/orders/ord_{'0' * 32}")
    assert answer.status == 500
    assert answer.error == {
        "code": "INTERNAL",
        "message": "Something went wrong on our side.",
        "request_id": "request-1",
    }
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["level"], line["request_id"], line["deployment"]) for line in logged] == [
        ("ERROR", "request-1", "ecommerce"),
        ("INFO", "request-1", "ecommerce"),
    ]
    assert "from the inside" in logged[0]["exception"]
    assert logged[1]["status"] == 500


def test_a_missing_variable_is_one_clear_message(alb: Caller, start: Callable[..., None]) -> None:
    start(DEPLOYMENT=None, ENTRY=None)
    with pytest.raises(SettingsError, match=r"function: DEPLOYMENT is missing; ENTRY is missing$"):
        alb("GET", "/health")


def test_clients_are_made_once_and_only_for_the_own_region(start: Callable[..., None]) -> None:
    start()
    assert handler.connect() is handler.connect()
    api = Api.from_settings(Settings.from_environment(os.environ))
    for store in (api.table, api.bucket, api.active_region):
        assert store is not None
        configuration = vars(store._client.meta.config)
        assert store._client.meta.region_name == REGION
        assert (configuration["connect_timeout"], configuration["read_timeout"]) == (1.0, 1.0)
        assert configuration["retries"] == {"total_max_attempts": 2, "mode": "standard"}


def test_an_event_without_headers_query_and_body_is_a_request() -> None:
    event: dict[str, object] = {
        "headers": None,
        "queryStringParameters": None,
        "multiValueHeaders": {"x": []},
        "body": None,
    }
    assert Request.from_event(event, entry=Entry.REST_API) == Request()


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantities=st.lists(st.integers(min_value=1, max_value=2), min_size=1, max_size=6))
def test_however_a_key_is_repeated_it_stands_for_its_first_order(
    api: Api, numbers: Iterator[int], quantities: list[int]
) -> None:
    headers = {"idempotency-key": f"checkout-{next(numbers)}"}
    statuses = []
    for quantity in quantities:
        line = {"sku": "tea", "quantity": quantity, "unit_price": 1}
        request = Request(headers=headers, body=json.dumps({**ORDER, "lines": [line]}).encode())
        try:
            statuses.append(api.place_order(request).status)
        except Refusal as refusal:
            statuses.append(refusal.status)
    repeated = [200 if quantity == quantities[0] else 422 for quantity in quantities[1:]]
    assert statuses == [201, *repeated]
