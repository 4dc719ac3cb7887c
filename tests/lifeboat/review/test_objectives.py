from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lifeboat.report.model import Severity
from lifeboat.review.build import findings
from lifeboat.review.comparison import compare
from tests.lifeboat.conftest import DESCRIPTION

SHOP = Path(__file__).parents[3] / "deployments" / "ecommerce.toml"


def told(base: str, head: str) -> list[tuple[str, str, str, str]]:
    comparison = replace(compare({}, {}), descriptions=({"shop.toml": base}, {"shop.toml": head}))
    return [(each.rule, each.title, each.evidence, each.file) for each in findings(comparison)]


@pytest.fixture(scope="module")
def shop() -> str:
    """The description that the project ships, with one stage."""
    return SHOP.read_text(encoding="utf-8").partition("[stages")[0]


def test_the_same_description_promises_the_same(shop: str) -> None:
    assert told(shop, shop) == []
    assert told(shop, shop + "\n# a remark\n") == []


def test_a_looser_promise_is_told_with_its_numbers(shop: str) -> None:
    looser = shop.replace("rto_seconds = 900", "rto_seconds = 3600")
    assert told(shop, looser) == [
        ("objective-lowered", "dev: a looser RTO is promised", "900 s → 3600 s", "deployments/shop.toml")
    ]
    assert told(looser, shop) == []


def test_a_weaker_strategy_breaks_the_promise_and_says_by_how_much(shop: str) -> None:
    weaker = shop.replace('strategy = "warm-standby"', 'strategy = "pilot-light"')
    found = told(shop, weaker)
    assert [rule for rule, *_ in found] == ["objective-broken", "objective-lowered"]
    assert found[0][1] == "dev: an objective can no longer be kept"
    assert found[0][2].startswith("RTO 900 s, but recovery takes ")
    assert found[1][2].startswith("warm-standby → pilot-light; recovery ")
    assert told(weaker, shop) == []


def test_a_tier_that_may_lose_more_is_told(shop: str) -> None:
    looser = shop.replace("rpo_seconds = 900 #", "rpo_seconds = 1800 #")
    assert told(shop, looser) == [
        ("objective-lowered", "dev: buckets.assets may lose more", "900 s → 1800 s", "deployments/shop.toml")
    ]


def test_an_objective_that_was_broken_before_is_not_this_changes_fault(shop: str) -> None:
    broken = shop.replace("rto_seconds = 900", "rto_seconds = 10")
    assert "objective-broken" in [rule for rule, *_ in told(shop, broken)]
    assert told(broken, broken.replace("rto_seconds = 10", "rto_seconds = 11"))[0][0] == "objective-lowered"


def test_a_region_that_leaves_is_told() -> None:
    two = DESCRIPTION.replace('[{ name = "us-east-1" }]', '[{ name = "us-east-1" }, { name = "us-west-2" }]')
    assert ("objective-lowered", "dev: us-west-2 no longer takes part") in [each[:2] for each in told(two, DESCRIPTION)]


def test_every_stage_keeps_its_own_promises(shop: str) -> None:
    base = shop + "\n[stages.dev]\n[stages.prod]\n"
    head = shop + "\n[stages.dev]\n[stages.prod]\nobjectives.rto_seconds = 1200\n"
    assert [each[1] for each in told(base, head)] == ["prod: a looser RTO is promised"]


@pytest.mark.parametrize("text", ["not toml [", 'name = "Bad"', ""])
def test_a_description_that_cannot_be_read_promises_nothing(shop: str, text: str) -> None:
    assert told(shop, text) == []
    assert told(text, shop) == []


def test_how_much_it_matters(shop: str) -> None:
    weaker = shop.replace('strategy = "warm-standby"', 'strategy = "pilot-light"')
    comparison = replace(compare({}, {}), descriptions=({"shop.toml": shop}, {"shop.toml": weaker}))
    assert [each.severity for each in findings(comparison)] == [Severity.HIGH, Severity.MEDIUM]
