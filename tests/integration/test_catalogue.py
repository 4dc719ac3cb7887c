"""The catalogue: written through the writer, read in every region, and health that knows when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

import pytest

from tests.integration.orders import ARTICLE, call, sell
from tests.integration.system import Region, System
from tests.integration.test_dark_region import _switch as switch


@pytest.fixture
def sku() -> str:
    """Make up an article that nobody else sells."""
    return f"integration-{uuid4().hex}"


def sold(region: Region, sku: str) -> object:
    """Return what a region says about an article; None while it has not arrived."""
    found = call(region, "GET", "/products", query={"after": f"{sku[:-1]}:EUR", "limit": "20"})
    assert found.status == 200, found.document
    return next((one for one in found.document["products"] if one["sku"] == sku), None)


@contextmanager
def away(system: System, region: Region) -> Iterator[None]:
    """Let the database of a region, and nothing else, answer nobody for a while."""
    path = f"away/{region}/{region.text('database_cluster_identifier')}"
    switch(system, "PUT", path)
    try:
        yield
    finally:
        switch(system, "DELETE", path)


@pytest.mark.writes
def test_an_article_that_is_sold_here_is_sold_in_every_region_soon(system: System, sku: str) -> None:
    assert sell(system.active, sku, ARTICLE).status == 200
    for region in system.regions:
        shown = system.eventually(partial(sold, region, sku), what=f"the article in {region}")
        assert shown == {"sku": sku, **ARTICLE}


@pytest.mark.writes
def test_a_region_that_is_not_active_sells_nothing_new(system: System, sku: str) -> None:
    for standby in system.fenced:
        assert sell(standby, sku, ARTICLE).status == 503
        assert sold(standby, sku) is None


@pytest.mark.writes
def test_an_order_that_does_not_cost_what_the_catalogue_says_is_refused(system: System, sku: str) -> None:
    sell(system.active, sku, {**ARTICLE, "unit_price": 99})
    body = f'{{"customer": "c", "currency": "EUR", "lines": [{{"sku": "{sku}", "quantity": 1, "unit_price": 1}}]}}'
    refused = call(system.active, "POST", "/orders", body=body.encode(), headers={"Idempotency-Key": sku})
    assert (refused.status, refused.document["error"]["code"]) == (422, "NOT_AS_SOLD")


@pytest.mark.writes
def test_health_knows_when_the_database_is_away_and_when_it_is_back(system: System, region: Region) -> None:
    with away(system, region):
        silent = call(region, "GET", "/health")
        assert (silent.status, silent.document["stores"]["catalogue"]["status"]) == (503, "no answer")
    back = call(region, "GET", "/health")
    assert (back.status, back.document["stores"]["catalogue"]["status"]) == (200, "ok")
