"""Health is what this region's own stores say, within a budget."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event, Thread

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.orders.api import Api
from functions.orders.health import BUDGET_SECONDS, Finding, examine
from functions.orders.messages import Reply, Request
from functions.orders.parameters import RegionSwitch
from functions.orders.settings import Settings, code_version

from .conftest import REGION


@dataclass
class FakeStore:
    """A store that raises an error, or waits for something, before it answers."""

    name: str
    error: Exception | None = None
    until: Event | None = None

    def probe(self) -> None:
        if self.until:
            self.until.wait(timeout=10)
        if self.error:
            raise self.error


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Listen on a port that accepts whoever comes and says nothing."""
    with ExitStack() as open_sockets, socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    open_sockets.enter_context(server.accept()[0])
                except OSError:
                    return

        thread = Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def stores_of(reply: Reply) -> dict[str, str]:
    assert isinstance(reply.document, dict)
    return {name: found["status"] for name, found in reply.document["stores"].items()}


def test_a_healthy_region_says_who_it_is_and_how_its_stores_are(api: Api) -> None:
    reply = api.report_health()
    assert reply.status == 200
    assert isinstance(reply.document, dict)
    stores = reply.document["stores"]
    assert reply.document == {
        "status": "ok",
        "region": REGION,
        "role": "writer",
        "deployment": "ecommerce",
        "suffix": "test",
        "version": code_version(),
        "stores": stores,
    }
    assert stores_of(reply) == {"table": "ok", "bucket": "ok", "active-region": "ok"}
    assert all(0 <= found["milliseconds"] < BUDGET_SECONDS * 1000 for found in stores.values())


@pytest.mark.parametrize(
    ("value", "role"),
    [(REGION, "writer"), ("all", "writer"), ("us-east-1", "standby"), ("none", "standby")],
)
def test_a_region_that_is_not_open_for_writes_is_a_healthy_standby(api: Api, value: str, role: str) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name="/ecommerce/test/active-region", Value=value, Overwrite=True
    )
    reply = api.report_health()
    assert reply.status == 200
    assert isinstance(reply.document, dict)
    assert reply.document["role"] == role


@pytest.mark.parametrize(
    ("value", "status", "word"),
    [(REGION, 200, "ok"), ("all", 200, "ok"), ("none", 200, "ok"), ("us-east-1", 503, "elsewhere")],
)
def test_a_region_that_handed_over_sends_clients_away_and_only_when_asked_for_them(
    api: Api, value: str, status: int, word: str
) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name="/ecommerce/test/active-region", Value=value, Overwrite=True
    )
    asked = api.report_health(Request(query={"for": "clients"}))
    assert isinstance(asked.document, dict)
    assert (asked.status, asked.document["status"]) == (status, word)
    assert api.report_health(Request(query={"for": "robots"})).status == 200


@pytest.mark.parametrize(
    ("active", "unaware", "expected"),
    [
        (REGION, "us-east-1", (200, "writer", "us-east-1")),
        (REGION, "none", (200, "writer", None)),
        ("us-east-1", "us-east-1", (200, "standby", None)),
        ("none", "us-east-1", (200, "standby", None)),
        (REGION, None, (503, "writer", None)),
    ],
)
def test_a_successor_says_whom_it_replaced_without_an_answer_whatever_its_stores_do(
    api: Api, settings: Settings, active: str, unaware: str | None, expected: object
) -> None:
    ssm, parameter = boto3.client("ssm", region_name=REGION), "/ecommerce/test/failover/unaware"
    ssm.put_parameter(Name=str(settings.active_region_parameter), Value=active, Overwrite=True)
    if unaware:
        ssm.put_parameter(Name=parameter, Value=unaware, Type="String")
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName=str(settings.table))
    told = replace(api, unaware_region=RegionSwitch(parameter, region=REGION, name="unaware-region"))
    reply = told.report_health(Request(query={"for": "writes"}))
    assert isinstance(reply.document, dict)
    assert (reply.status, reply.document["role"], reply.document.get("unaware")) == expected
    # What health checks search for, as it is spelled on the way.
    assert ('"unaware":"' in str(reply.body)) is ("unaware" in reply.document)
    assert stores_of(reply) == {"active-region": "ok", "unaware-region": "ok" if unaware else "error"}
    assert "unaware" not in str(told.report_health().document)


def test_a_system_that_nothing_fences_is_a_writer_and_reports_only_what_it_has(settings: Settings) -> None:
    bare = replace(settings, table=None, bucket=None, active_region_parameter=None)
    reply = Api.from_settings(bare).report_health()
    assert reply.status == 200
    assert isinstance(reply.document, dict)
    assert (reply.document["role"], reply.document["stores"]) == ("writer", {})


@pytest.mark.parametrize("gone", ["table", "bucket", "active-region"])
def test_a_store_that_is_gone_makes_the_region_unhealthy_and_is_named(api: Api, settings: Settings, gone: str) -> None:
    match gone:
        case "table":
            boto3.client("dynamodb", region_name=REGION).delete_table(TableName=str(settings.table))
        case "bucket":
            boto3.client("s3", region_name=REGION).delete_bucket(Bucket=str(settings.bucket))
        case _:
            ssm = boto3.client("ssm", region_name=REGION)
            ssm.delete_parameter(Name=str(settings.active_region_parameter))
    reply = api.report_health()
    expected = dict.fromkeys(("table", "bucket", "active-region"), "ok") | {gone: "error"}
    assert reply.status == 503
    assert stores_of(reply) == expected
    assert isinstance(reply.document, dict)
    assert reply.document["role"] == ("unknown" if gone == "active-region" else "writer")


def test_a_store_that_accepts_and_says_nothing_costs_no_more_than_the_budget(
    api: Api, settings: Settings, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ("DYNAMODB", "SSM"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{silent_port}")
    silent = Api.from_settings(settings)
    half_silent = replace(api, table=silent.table, active_region=silent.active_region)
    started = time.perf_counter()
    reply = half_silent.report_health()
    assert time.perf_counter() - started < BUDGET_SECONDS + 0.5
    assert reply.status == 503
    assert stores_of(reply) == {"table": "no answer", "bucket": "ok", "active-region": "no answer"}
    assert isinstance(reply.document, dict)
    assert reply.document["role"] == "unknown"


def test_stores_are_asked_side_by_side() -> None:
    both = Event()
    waiting = [FakeStore("one", until=both), FakeStore("two", until=both)]

    @dataclass
    class Releasing:
        name: str = "three"

        def probe(self) -> None:
            both.set()

    findings = examine([*waiting, Releasing()], budget=5)
    assert [finding.status for finding in findings] == ["ok", "ok", "ok"]


def test_what_is_late_is_reported_as_such_and_does_not_hide_the_others() -> None:
    never = Event()
    findings = examine([FakeStore("late", until=never), FakeStore("quick")], budget=0.05)
    never.set()
    assert findings[0] == Finding(store="late", status="no answer", milliseconds=50)
    assert (findings[1].store, findings[1].is_ok) == ("quick", True)


def test_a_refusal_is_told_from_silence() -> None:
    refusing = FakeStore("refusing", error=ClientError({}, "GetItem"))
    absent = FakeStore("absent", error=EndpointConnectionError(endpoint_url="https://x"))
    assert [finding.status for finding in examine([refusing, absent])] == ["error", "no answer"]
