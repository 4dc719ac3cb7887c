"""The catalogue on a real PostgreSQL: read in every region, written where the writer is, over no stale connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from functions.orders import api, handler
from functions.orders.database import Database, UnavailableError
from functions.orders.settings import Settings, SettingsError
from lifeboat.local.embedded.postgres import cuts
from lifeboat.local.embedded.postgres.binaries import UnavailableError as NoPostgres
from lifeboat.local.embedded.postgres.binaries import find_binaries
from lifeboat.local.embedded.postgres.certificates import Authority
from lifeboat.local.embedded.postgres.database import Database as Member
from lifeboat.local.embedded.postgres.database import Owner
from lifeboat.local.embedded.postgres.fleet import Fleet
from lifeboat.local.embedded.postgres.moves import switch_over
from tests.lifeboat.embedded.databases import skip_without

from .calls import Answer, Caller
from .conftest import REGION

# The driver cannot close a connection that the server has cut: https://github.com/tlocke/pg8000
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

PATH = "/ecommerce/test/database"
USER = "shop_admin"
TEA = {"currency": "EUR", "title": "Tea", "unit_price": 450}
KEY = {"Idempotency-Key": "checkout-0001"}


@dataclass
class Servers:
    """A writer, and a standby that follows it."""

    fleet: Fleet
    writer: Member
    standby: Member
    password: str = "first password"  # noqa: S105 - of a server that lives as long as a test module


def host(member: Member) -> str:
    return member.doors["writer"].at.host


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    skip_without(NoPostgres, find_binaries)
    fleet = Fleet()
    fleet.switch_on()
    yield fleet
    fleet.end_all()


@pytest.fixture
def servers(fleet: Fleet) -> Iterator[Servers]:
    writer = fleet.create("writer", name="writer", region=REGION, port=5432, ssl_forced=True)
    fleet.fill_new(writer, Owner(user=USER, password=Servers.password, database="shop"))
    fleet.add(writer)
    standby = fleet.create("standby", name="standby", region="us-west-2", port=5432, ssl_forced=True)
    fleet.fill_behind(standby, writer)
    fleet.add(standby)
    yield Servers(fleet=fleet, writer=writer, standby=standby)
    for member in (standby, writer):
        fleet.remove(member.key)


def tell(servers: Servers, *, reader: Member, writer: Member) -> None:
    """Write the parameters and the secret that a region holds about its database."""
    ssm, secrets = boto3.client("ssm", region_name=REGION), boto3.client("secretsmanager", region_name=REGION)
    for name, member in (("reader-endpoint", reader), ("endpoint", reader), ("writer-endpoint", writer)):
        ssm.put_parameter(Name=f"{PATH}/{name}", Value=host(member), Type="String", Overwrite=True)
    content = json.dumps({"username": USER, "password": servers.password})
    try:
        secrets.create_secret(Name=f"{PATH}/credentials", SecretString=content)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=f"{PATH}/credentials", SecretString=content)


@pytest.fixture
def shop(servers: Servers, start: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Caller]:
    """The function in the writer's region."""
    made: list[Database] = []

    def remembered(name: str, *, path: str, region: str, authorities: Path) -> Database:
        made.append(Database(name, path=path, region=region, authorities=authorities))
        return made[-1]

    monkeypatch.setattr(api, "Database", remembered)
    tell(servers, reader=servers.writer, writer=servers.writer)
    start(DATABASE_NAME="shop", DATABASE_PATH=PATH, PGSSLROOTCERT=str(servers.fleet.certificate))
    yield Caller()
    for database in made:
        database.close()


def order(shop: Caller, price: int, sku: str = "tea") -> Answer:
    body = {"customer": "c-1", "currency": "EUR", "lines": [{"sku": sku, "quantity": 2, "unit_price": price}]}
    return shop("POST", "/orders", body=body, headers=KEY)


def health(shop: Caller) -> tuple[int, str]:
    answer = shop("GET", "/health")
    stores = answer.json["stores"]
    assert isinstance(stores, dict)
    return answer.status, stores["catalogue"]["status"]


def test_an_article_is_listed_once_it_was_put_however_often(shop: Caller) -> None:
    assert shop("GET", "/products").json == {"products": []}
    puts = [shop("PUT", "/products/tea", body=TEA) for _ in range(2)]
    assert [(put.status, put.json) for put in puts] == [(200, {"sku": "tea", **TEA})] * 2
    assert shop("GET", "/products").json == {"products": [{"sku": "tea", **TEA}]}


def test_articles_are_paged_by_name_and_currency(shop: Caller) -> None:
    for sku, currency in (("tea", "USD"), ("tea", "EUR"), ("salt", "EUR")):
        shop("PUT", f"/products/{sku}", body={**TEA, "currency": currency})
    first = shop("GET", "/products", query={"limit": "2"})
    assert first.json["after"] == "tea:EUR"
    rest = shop("GET", "/products", query={"limit": "2", "after": str(first.json["after"])})
    assert rest.json == {"products": [{"sku": "tea", **TEA, "currency": "USD"}]}


def test_an_order_costs_what_the_catalogue_says(shop: Caller) -> None:
    assert order(shop, 450).error["problems"] == [{"at": "lines[0].sku", "problem": "is not sold in EUR"}]
    shop("PUT", "/products/tea", body=TEA)
    refused = order(shop, 1)
    assert (refused.status, refused.error["code"]) == (422, "NOT_AS_SOLD")
    assert refused.error["problems"] == [{"at": "lines[0].unit_price", "problem": "is 450 by now"}]
    assert order(shop, 450).status == 201


def test_an_order_that_was_placed_stays_placed_when_its_price_changes(shop: Caller) -> None:
    shop("PUT", "/products/tea", body=TEA)
    placed = order(shop, 450)
    shop("PUT", "/products/tea", body={**TEA, "unit_price": 500})
    again = order(shop, 450)
    assert (placed.status, again.status, again.json) == (201, 200, placed.json)


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"currency": "EUR", "title": "Tea"}, "unit_price"),
        ({**TEA, "unit_price": -1}, "unit_price"),
        ({**TEA, "title": ""}, "title"),
        ({**TEA, "currency": "XXX"}, "currency"),
        ({**TEA, "colour": "green"}, "colour"),
        ("no json", "body"),
    ],
)
def test_an_article_that_makes_no_sense_is_told_why(shop: Caller, body: object, at: str) -> None:
    refused = shop("PUT", "/products/tea", body=body)
    assert refused.status == 400
    problems = refused.error["problems"]
    assert isinstance(problems, list)
    assert [problem["at"] for problem in problems] == [at]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"after": "tea"}, {"after": "te a:EUR"}])
def test_a_listing_that_makes_no_sense_is_refused(shop: Caller, query: dict[str, str]) -> None:
    assert shop("GET", "/products", query=query).status == 400


def test_a_standby_reads_and_does_not_even_try_to_write(servers: Servers, shop: Caller) -> None:
    shop("PUT", "/products/tea", body=TEA)
    servers.standby.server.catch_up_with(servers.writer.server)
    tell(servers, reader=servers.standby, writer=servers.writer)
    point_to("us-east-1")
    assert shop("GET", "/products").json == {"products": [{"sku": "tea", **TEA}]}
    refused = shop("PUT", "/products/tea", body={**TEA, "unit_price": 1})
    assert (refused.status, refused.error["code"]) == (503, "FENCED")
    assert health(shop) == (200, "ok")


def point_to(region: str) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name="/ecommerce/test/active-region", Value=region, Overwrite=True
    )
    handler.connect.cache_clear()


def test_health_says_when_the_database_does_not_answer_and_when_it_does_again(servers: Servers, shop: Caller) -> None:
    assert health(shop) == (200, "ok")
    cuts.darken(servers.fleet, REGION)
    try:
        assert health(shop) == (503, "no answer")
        assert shop("GET", "/products").error["code"] == "STORE_UNAVAILABLE"
    finally:
        cuts.lighten(servers.fleet, REGION)
    assert health(shop) == (200, "ok")


def test_a_connection_from_before_a_failover_is_not_used_again(servers: Servers, shop: Caller) -> None:
    shop("PUT", "/products/tea", body=TEA)
    switch_over(servers.fleet, servers.writer, servers.standby, ())
    tell(servers, reader=servers.writer, writer=servers.standby)
    put = shop("PUT", "/products/tea", body={**TEA, "unit_price": 500})
    assert (put.status, put.json["unit_price"]) == (200, 500)


def test_a_rotated_password_is_fetched_again(servers: Servers, shop: Caller) -> None:
    shop("PUT", "/products/tea", body=TEA)
    servers.writer.server.change_password(USER, "second password")
    servers.password = "second password"  # noqa: S105 - of a server that lives as long as a test module
    tell(servers, reader=servers.writer, writer=servers.writer)
    servers.fleet.shut(servers.writer)  # open connections would go on
    servers.fleet.settle()
    assert shop("GET", "/products").status == 200


def test_a_server_that_no_known_authority_vouches_for_is_not_told_the_password(
    servers: Servers, shop: Caller, start: Callable[..., None], tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority().certificate)
    start(DATABASE_NAME="shop", DATABASE_PATH=PATH, PGSSLROOTCERT=str(stranger))
    assert health(shop) == (503, "no answer")
    database = Database("shop", path=PATH, region=REGION, authorities=stranger)
    with pytest.raises(UnavailableError) as caught:
        database.read("SELECT 1")
    assert not caught.value.answered
    assert servers.password not in str(caught.value)


def test_a_system_without_a_database_sells_nothing_and_asks_no_prices(alb: Caller) -> None:
    assert (alb("GET", "/products").status, alb("GET", "/products").error["code"]) == (501, "NO_PRODUCTS")
    assert order(alb, 1).status == 201


def test_name_and_path_of_the_database_go_together(settings: Settings) -> None:
    environment = {"DEPLOYMENT": "d", "ENVIRONMENT_SUFFIX": "s", "ENTRY": "alb", "AWS_REGION": REGION}
    with pytest.raises(SettingsError, match="DATABASE_NAME and DATABASE_PATH go together"):
        Settings.from_environment({**environment, "DATABASE_NAME": "shop"})
    assert api.Api.from_settings(settings).catalogue is None
