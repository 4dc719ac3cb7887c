"""Where acknowledged orders are looked for: in the real PostgreSQL of each region, or in the table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from deployments.load import FOLDER, load
from deployments.system import System
from lifeboat.drill import stage as stages
from lifeboat.drill.embedded import EmbeddedSurroundings
from lifeboat.drill.orders import DatabaseOrders, NoOrders, TableOrders, orders_of
from lifeboat.drill.postgres import writer_access
from lifeboat.drill.record import Story
from lifeboat.drill.recovery import Recovery
from lifeboat.drill.stage import Stage
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure
from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aurora import ENGINE, USER, VERSION
from tests.lifeboat.embedded.aws import Aws, eventually

HOME, AWAY = "us-west-1", "us-west-2"
NAMES = ("ord_1", "ord_2")


@pytest.fixture(scope="module")
def cart() -> System:
    return load(FOLDER / "globecart.toml", "pr900")


@pytest.fixture(scope="module")
def databases_aws() -> Iterator[Aws]:
    """One of its own: database servers that went on beside the drills of other tests would slow them down."""
    with launch.running() as url:
        yield Aws(url)


@pytest.fixture(scope="module")
def databases(databases_aws: Aws, cart: System) -> str:
    """A Global Database with a table of two orders; return the file with its authorities."""
    if not databases_aws.admin("GET", "health")["databases"]["available"]:
        pytest.skip("there is no PostgreSQL on this machine")
    names = cart.names
    engine = {"Engine": ENGINE, "EngineVersion": VERSION}
    group = {"GlobalClusterIdentifier": names.of("global cluster")}
    databases_aws("rds", HOME).create_global_cluster(**group, **engine, DatabaseName="cart")
    for region, more in ((HOME, {"DatabaseName": "cart", **USER}), (AWAY, {})):
        rds, cluster = databases_aws("rds", region), names.of("database cluster")
        rds.create_db_cluster(DBClusterIdentifier=cluster, **group, **engine, **more)
        rds.create_db_instance(
            DBInstanceIdentifier=names.of("database instance", "0"),
            DBClusterIdentifier=cluster,
            DBInstanceClass="db.serverless",
            Engine=ENGINE,
        )
        text = json.dumps({"username": USER["MasterUsername"], "password": USER["MasterUserPassword"]})
        databases_aws("secretsmanager", region).create_secret(
            Name=names.path("database", "credentials"), SecretString=text
        )
    return str(databases_aws.admin("GET", "health")["databases"]["certificate"])


@pytest.fixture
def around(databases_aws: Aws, databases: str) -> EmbeddedSurroundings:
    made = EmbeddedSurroundings(databases_aws.url, speed=1, containers=True)
    made.databases, made.certificate = True, databases
    return made


@pytest.fixture
def clients(databases_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Clients:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", databases_aws.url)
    return Clients(key="drill", read_seconds=30)


@pytest.fixture
def orders(clients: Clients, cart: System, around: EmbeddedSurroundings) -> DatabaseOrders:
    found = orders_of(cart, clients, around)
    assert isinstance(found, DatabaseOrders)
    connection = writer_access(clients, cart, HOME, found.certificate).connect()
    try:
        connection.run("DROP TABLE IF EXISTS orders")
        connection.run("CREATE TABLE orders (id text PRIMARY KEY)")
        for name in NAMES:
            connection.run("INSERT INTO orders VALUES (:name)", name=name)
    finally:
        connection.close()
    assert eventually(lambda: not _missing(found, AWAY))
    return found


def _missing(orders: DatabaseOrders, region: str) -> tuple[str, ...]:
    try:
        return orders.missing(region, NAMES)
    except Failure:  # the table has not arrived
        return NAMES


def test_what_a_regions_own_database_lacks_is_missing_there_alone(databases_aws: Aws, orders: DatabaseOrders) -> None:
    assert orders.missing(HOME, (*NAMES, "ord_3", "ord_3")) == ("ord_3",)
    databases_aws.admin("PUT", f"replication/{HOME}?paused=yes")
    try:
        connection = writer_access(orders.clients, orders.system, HOME, orders.certificate).connect()
        connection.run("INSERT INTO orders VALUES ('ord_3')")
        connection.close()
        assert orders.missing(HOME, (*NAMES, "ord_3")) == ()
        assert orders.missing(AWAY, (*NAMES, "ord_3")) == ("ord_3",)
    finally:
        databases_aws.admin("PUT", f"replication/{HOME}?paused=no")
    assert eventually(lambda: orders.missing(AWAY, ("ord_3",)) == ())


def test_the_orders_of_a_drill_are_taken_out_again_and_others_stay(orders: DatabaseOrders) -> None:
    orders.remove(HOME, ["ord_1", "ord_9"])
    assert orders.missing(HOME, NAMES) == ("ord_1",)


def test_a_database_that_does_not_answer_is_no_proof(databases_aws: Aws, orders: DatabaseOrders) -> None:
    assert orders.missing(HOME, ()) == ()
    databases_aws.admin("PUT", f"away/{HOME}/{orders.system.names.of('database cluster')}")
    try:
        with pytest.raises(Failure, match=f"database of {HOME} cannot be asked"):
            orders.missing(HOME, NAMES)
    finally:
        databases_aws.admin("DELETE", f"away/{HOME}/{orders.system.names.of('database cluster')}")


def test_each_system_is_looked_into_where_it_keeps_orders(clients: Clients, cart: System) -> None:
    nowhere = EmbeddedSurroundings("http://127.0.0.1:1", speed=1)
    shop = orders_of(load(FOLDER / "ecommerce.toml", "dev"), clients, nowhere)
    assert isinstance(shop, TableOrders)
    unreachable = orders_of(cart, clients, nowhere)
    assert isinstance(unreachable, NoOrders)
    assert (shop.come_back, unreachable.missing(HOME, NAMES)) == (True, ())


@dataclass
class Slow:
    """Orders of which a region has some only when it was asked a few times."""

    late: dict[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    trouble: bool = False
    come_back: bool = False

    def missing(self, region: str, orders: Iterable[str], /) -> tuple[str, ...]:
        if self.trouble:
            raise Failure("nobody answers")
        self.late[region] = self.late.get(region, 0) - 1
        return tuple(orders) if self.late[region] > 0 else self.lost

    def remove(self, _region: str, _orders: Iterable[str], /) -> None:
        pass


def in_the_end(cart: System, clients: Clients, orders: Slow) -> tuple[str, ...]:
    around = EmbeddedSurroundings("http://127.0.0.1:1", speed=1)
    stage = Stage(
        system=cart,
        surroundings=around,
        clients=clients,
        recovery=Recovery(clients, cart),
        terraform=None,
        patience_seconds=1,
        say=print,
        orders=orders,
    )
    story = Story(began=time.time(), primary=HOME, standby=AWAY)
    return stage._missing_in_the_end(story, HOME, list(NAMES))


def test_a_replica_may_catch_up_before_it_is_judged(cart: System, clients: Clients) -> None:
    assert in_the_end(cart, clients, Slow(late={AWAY: 3})) == ()


def test_what_never_arrives_is_missing(cart: System, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "CATCH_UP_SECONDS", 0.3)
    assert in_the_end(cart, clients, Slow(late={AWAY: 1000})) == NAMES
    assert in_the_end(cart, clients, Slow(lost=("ord_2",))) == ("ord_2",)


def test_where_nobody_answers_everything_is_missing(cart: System, clients: Clients) -> None:
    assert in_the_end(cart, clients, Slow(trouble=True)) == NAMES
