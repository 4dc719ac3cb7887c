"""The rule of the integration tests: what a system does not describe may be skipped, what it describes counts."""

from __future__ import annotations

import pytest

from deployments.load import load, path_of
from tests.integration.tiers import DESCRIBED, described, is_in_order

REASON = "Skipped: output {} is missing in x-dev-eu-west-1: the system has no such thing"


@pytest.mark.parametrize(
    ("deployment", "output", "in_order"),
    [
        ("edge", "cache_nodes", True),
        ("healthcare", "cache_nodes", False),
        ("edge", "load_balancer_arn", True),
        ("ecommerce", "load_balancer_arn", False),
        ("globecart", "load_balancer_arn", False),
        ("globecart", "rest_api_id", True),
        ("multi_region", "rest_api_id", False),
        ("healthcare", "global_cluster_identifier", True),
        ("ecommerce", "vpc_id", False),
        ("ecommerce", "surprise", False),
    ],
)
def test_a_skip_is_in_order_for_what_is_not_described(deployment: str, output: str, *, in_order: bool) -> None:
    spec = load(path_of(deployment), "dev").spec
    assert is_in_order(REASON.format(output), spec) is in_order


def test_a_skip_for_another_reason_counts() -> None:
    spec = load(path_of("edge"), "dev").spec
    assert not is_in_order("Skipped: --allow-writes not given", spec)


def test_no_skip_is_in_order_where_nobody_says_which_system_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPLOYMENT", raising=False)
    assert described() is None
    assert not is_in_order(REASON.format("cache_nodes"), None)
    monkeypatch.setenv("DEPLOYMENT", "healthcare")
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "dev")
    spec = described()
    assert spec is not None
    assert spec.cache is not None


def test_every_tier_is_described_by_some_system_and_left_out_by_another() -> None:
    specs = [load(path_of(name), "dev").spec for name in ("ecommerce", "edge", "globecart", "healthcare")]
    for word, ask in DESCRIBED.items():
        assert any(ask(spec) for spec in specs) or word == "rest", word
        assert not all(ask(spec) for spec in specs) or word == "backup", word
