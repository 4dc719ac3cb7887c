"""The cart: what it answers, when it refuses to write, and whether clients belong to its region."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from functions.cart import handler
from functions.cart.api import Api
from functions.cart.region import Region, SilentError
from functions.cart.settings import Settings, SettingsError
from functions.cart.store import Order, StoreError

HOME, AWAY = "us-west-1", "us-west-2"
SWITCH, UNAWARE = "/globecart-dev/active-region", "/globecart-dev/failover/unaware"
KEY = {"idempotency-key": "request-1"}
BODY = {"customer": "ada", "lines": [{"sku": "tea", "quantity": 1}]}
ENVIRONMENT = {
    "DEPLOYMENT": "globecart",
    "ENVIRONMENT_SUFFIX": "dev",
    "AWS_REGION": HOME,
    "PARAMETER_PREFIX": "/globecart-dev",
    "ACTIVE_REGION_PARAMETER": SWITCH,
    "DATABASE_NAME": "cart",
    "DATABASE_USERNAME": "master",
    "DATABASE_PASSWORD": "secret",
    "PORT": "8443",
}
Document = Mapping[str, object]


@dataclass
class Shelf:
    """Orders in memory; trouble is raised instead of every answer."""

    kept: dict[str, Order] = field(default_factory=dict)
    trouble: Exception | None = None

    def put_new(self, order: Order, check: Callable[[], None]) -> tuple[Order, bool]:
        self.probe()
        check()
        is_new = order.id not in self.kept
        return self.kept.setdefault(order.id, order), is_new

    def get(self, order_id: str) -> Order | None:
        self.probe()
        return self.kept.get(order_id)

    def probe(self) -> None:
        if self.trouble:
            raise self.trouble


@dataclass
class Switch:
    """The parameter that a failover moves; None: nobody tells."""

    active: str | None = HOME

    def parameter(self, name: str) -> str:
        assert name == SWITCH
        if self.active is None:
            raise SilentError(name)
        return self.active


@dataclass
class Switches:
    """Both parameters that failovers move; None: nobody tells."""

    values: Mapping[str, str | None]

    def parameter(self, name: str) -> str:
        value = self.values[name]
        if value is None:
            raise SilentError(name)
        return value


def cart(active: str | None = HOME, trouble: Exception | None = None) -> tuple[Api, Shelf]:
    shelf = Shelf(trouble=trouble)
    settings = Settings.from_environment(ENVIRONMENT)
    return Api(settings=settings, orders=shelf, parameters=Switch(active)), shelf


def asked(
    api: Api, method: str, path: str, *, headers: Mapping[str, str] = KEY, body: object = BODY
) -> tuple[int, Document]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = api.answer(method, path, headers=headers, query={}, body=content)
    return reply.status, reply.document


def code(document: Document) -> object:
    error = document["error"]
    assert isinstance(error, Mapping)
    return error["code"]


def test_an_order_is_placed_once_and_shown_as_it_was_placed() -> None:
    api, shelf = cart()
    status, placed = asked(api, "POST", "/orders")
    assert (status, placed["placed_in"], placed["customer"]) == (201, HOME, "ada")
    assert asked(api, "POST", "/orders") == (200, placed)
    assert asked(api, "GET", f"/orders/{placed['id']}") == (200, placed)
    assert list(shelf.kept) == [placed["id"]]


def test_a_key_that_was_used_for_another_order_is_refused() -> None:
    api, shelf = cart()
    asked(api, "POST", "/orders")
    status, document = asked(api, "POST", "/orders", body={**BODY, "customer": "eve"})
    assert (status, code(document), len(shelf.kept)) == (422, "IDEMPOTENCY_KEY_REUSED", 1)


def test_a_region_that_is_closed_while_it_connects_writes_nothing() -> None:
    api, shelf = cart()

    class Turning(Switch):
        def parameter(self, name: str) -> str:
            before, self.active = super().parameter(name), "none"
            return before

    status, document = asked(replace(api, parameters=Turning()), "POST", "/orders")
    assert (status, code(document), shelf.kept) == (503, "FENCED", {})


@pytest.mark.parametrize("active", [AWAY, "none"])
def test_a_closed_region_writes_nothing(active: str) -> None:
    api, shelf = cart(active)
    status, document = asked(api, "POST", "/orders")
    assert (status, code(document), shelf.kept) == (503, "FENCED", {})


def test_a_region_that_does_not_know_who_is_open_writes_nothing() -> None:
    api, shelf = cart(None)
    status, document = asked(api, "POST", "/orders")
    assert (status, code(document), shelf.kept) == (503, "REGION_UNAVAILABLE", {})


def test_where_every_region_is_open_each_takes_orders() -> None:
    api, _ = cart("all")
    assert asked(api, "POST", "/orders")[0] == 201


@pytest.mark.parametrize(
    "body", [b"{", b"[]", {"lines": []}, {"customer": "ada"}, b'{"lines": [' + b" " * 65536 + b"1]}"]
)
def test_what_is_no_order_is_refused(body: object) -> None:
    api, shelf = cart()
    status, document = asked(api, "POST", "/orders", body=body)
    assert (status, code(document), shelf.kept) == (400, "INVALID_REQUEST", {})


def test_an_order_without_a_key_is_refused() -> None:
    assert asked(cart()[0], "POST", "/orders", headers={})[0] == 400


def test_a_database_that_is_away_is_told_and_can_be_asked_again() -> None:
    api, _ = cart(trouble=StoreError("25006"))
    reply = api.answer("POST", "/orders", headers=KEY, query={}, body=json.dumps(BODY).encode())
    assert (reply.status, code(reply.document), reply.headers) == (503, "STORE_UNAVAILABLE", {"Retry-After": "1"})


def test_what_is_not_there_is_not_found() -> None:
    api, _ = cart()
    assert code(asked(api, "GET", f"/orders/ord_{'0' * 32}")[1]) == "NO_SUCH_ORDER"
    assert asked(api, "GET", "/orders/1")[0] == asked(api, "DELETE", "/orders")[0] == 404


@pytest.mark.parametrize(
    ("active", "trouble", "plain", "for_clients"),
    [
        (HOME, None, (200, "ok", "writer"), (200, "ok", "writer")),
        (AWAY, None, (200, "ok", "standby"), (503, "elsewhere", "standby")),
        ("none", None, (200, "ok", "standby"), (200, "ok", "standby")),
        (None, None, (503, "failing", "unknown"), (503, "failing", "unknown")),
        (HOME, StoreError("away"), (503, "failing", "writer"), (503, "failing", "writer")),
        (HOME, SilentError("endpoint"), (503, "failing", "writer"), (503, "failing", "writer")),
    ],
)
def test_health_tells_whether_the_region_serves_and_whether_clients_belong_here(
    active: str | None, trouble: Exception | None, plain: object, for_clients: object
) -> None:
    api, _ = cart(active, trouble)
    queries: list[tuple[object, dict[str, str]]] = [(plain, {}), (for_clients, {"for": "clients"})]
    for expected, query in queries:
        reply = api.answer("GET", "/health", headers={}, query=query, body=b"")
        status, document = reply.status, reply.document
        assert (status, document["status"], document["role"]) == expected


@pytest.mark.parametrize(
    ("active", "unaware", "expected"),
    [
        (HOME, AWAY, (200, "writer", AWAY)),
        (HOME, "none", (200, "writer", None)),
        (AWAY, AWAY, (200, "standby", None)),
        ("none", AWAY, (200, "standby", None)),
        (HOME, None, (503, "writer", None)),
        (None, AWAY, (503, "unknown", None)),
    ],
)
def test_a_successor_says_whom_it_replaced_without_an_answer_whatever_its_database_does(
    active: str | None, unaware: str | None, expected: object
) -> None:
    api, _ = cart(active, StoreError("away"))
    both = Switches({SWITCH: active, UNAWARE: unaware})
    settings = replace(api.settings, unaware_region_parameter=UNAWARE)
    told = replace(api, parameters=both, settings=settings)
    reply = told.answer("GET", "/health", headers={}, query={"for": "writes"}, body=b"")
    assert (reply.status, reply.document["role"], reply.document.get("unaware")) == expected


def test_every_variable_that_is_missing_is_named_and_no_secret_is_shown() -> None:
    with pytest.raises(SettingsError, match="DATABASE_USERNAME is missing or empty; DATABASE_PASSWORD is"):
        Settings.from_environment({**ENVIRONMENT, "DATABASE_USERNAME": "", "DATABASE_PASSWORD": ""})
    settings = Settings.from_environment({**ENVIRONMENT, "PGSSLROOTCERT": "/somewhere.pem"})
    assert settings.authorities == Path("/somewhere.pem")
    assert settings.unaware_region_parameter == ""
    assert Settings.from_environment({**ENVIRONMENT, "UNAWARE_REGION_PARAMETER": UNAWARE}) != settings
    assert "secret" not in repr(settings)


class TestTheHandler:
    @pytest.fixture(autouse=True)
    def api(self, monkeypatch: pytest.MonkeyPatch) -> Api:
        api, _ = cart()
        monkeypatch.setattr(handler, "connect", lambda: api)
        return api

    def handled(self, **event: object) -> tuple[object, dict[str, object]]:
        answer = handler.handle({"httpMethod": "POST", "path": "/orders", **event}, None)
        return answer["statusCode"], json.loads(str(answer["body"]))

    def test_a_load_balancers_event_becomes_a_request(self, capsys: pytest.CaptureFixture[str]) -> None:
        body = base64.b64encode(json.dumps(BODY).encode()).decode()
        status, placed = self.handled(headers={"Idempotency-Key": "request-1"}, body=body, isBase64Encoded=True)
        assert (status, placed["customer"]) == (201, "ada")
        assert json.loads(capsys.readouterr().out)["path"] == "/orders"

    def test_the_query_is_read_as_it_came(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        elsewhere = replace(api, parameters=Switch(AWAY))
        monkeypatch.setattr(handler, "connect", lambda: elsewhere)
        event = {"httpMethod": "GET", "path": "/health", "queryStringParameters": {"f%6Fr": "clients"}}
        assert self.handled(**event)[0] == 503

    def test_health_checks_find_the_word_that_they_search_for(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = replace(api.settings, unaware_region_parameter=UNAWARE)
        successor = replace(api, settings=settings, parameters=Switches({SWITCH: HOME, UNAWARE: AWAY}))
        monkeypatch.setattr(handler, "connect", lambda: successor)
        event: dict[str, object] = {"httpMethod": "GET", "path": "/health", "queryStringParameters": {"for": "writes"}}
        assert f'"unaware":"{AWAY}"' in str(handler.handle(event, None)["body"])

    def test_a_body_that_is_not_base64_is_refused(self) -> None:
        assert self.handled(headers=KEY, body="!", isBase64Encoded=True)[0] == 400


class TestTheRegion:
    @pytest.fixture(autouse=True)
    def aws(self, credentials: None) -> Iterator[None]:  # noqa: ARG002 - the order of set-up
        with mock_aws():
            yield

    def test_a_parameter_is_read_anew_each_time(self) -> None:
        ssm, region = boto3.client("ssm", region_name=HOME), Region(HOME)
        for value in (HOME, AWAY):
            ssm.put_parameter(Name=SWITCH, Value=value, Type="String", Overwrite=True)
            assert region.parameter(SWITCH) == value

    def test_a_parameter_that_is_not_there_assumes_nothing(self) -> None:
        with pytest.raises(SilentError):
            Region(HOME).parameter(SWITCH)

    def test_the_writer_is_found_by_the_regions_own_parameters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name = "/globecart-dev/database/writer-endpoint"
        boto3.client("ssm", region_name=HOME).put_parameter(Name=name, Value="127.0.0.2", Type="String")
        assert handler.endpoint(Region(HOME), Settings.from_environment(ENVIRONMENT), "writer") == "127.0.0.2"
        handler.connect.cache_clear()
        monkeypatch.setattr("ssl.create_default_context", lambda **_options: None)
        for variable, value in ENVIRONMENT.items():
            monkeypatch.setenv(variable, value)
        assert handler.connect().settings.parameters == "/globecart-dev"
        handler.connect.cache_clear()
