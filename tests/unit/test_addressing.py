"""The address plan: ranges that never overlap, subnets that stay where they are when zones are added."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.addressing import SMALLEST_SUBNET, Subnets, plan_subnets, plan_vpcs
from deployments.model import Network, Region

NAMES = ["us-east-1", "us-west-2", "eu-west-1", "eu-north-1", "ap-south-1"]


def every(subnets: Subnets) -> list[IPv4Network]:
    return [*subnets.public, *subnets.private, *subnets.data]


def regions(*cidrs: str | None) -> list[Region]:
    return [
        Region(name=name, cidr=IPv4Network(cidr) if cidr else None) for name, cidr in zip(NAMES, cidrs, strict=False)
    ]


@st.composite
def vpcs(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(16, 22))
    block = draw(st.integers(0, 2 ** (prefix - 8) - 1))
    return IPv4Network((int(IPv4Network("10.0.0.0/8").network_address) + (block << (32 - prefix)), prefix))


@given(vpc=vpcs(), zones=st.integers(2, 6))
def test_subnets_lie_inside_never_overlap_and_hold_a_load_balancer(vpc: IPv4Network, zones: int) -> None:
    subnets = every(plan_subnets(vpc, zones))
    assert len(subnets) == 3 * zones
    assert all(subnet.subnet_of(vpc) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
    assert all(subnet.prefixlen <= SMALLEST_SUBNET for subnet in subnets)


@given(vpc=vpcs(), zones=st.sampled_from([2, 3]))
def test_adding_a_zone_moves_no_subnet(vpc: IPv4Network, zones: int) -> None:
    before, after = plan_subnets(vpc, zones), plan_subnets(vpc, zones + 1)
    for tier in ("public", "private", "data"):
        assert getattr(after, tier)[:zones] == getattr(before, tier)


@given(given_cidrs=st.lists(st.none() | vpcs(), min_size=1, max_size=5))
def test_planned_ranges_never_overlap_given_ones_or_each_other(given_cidrs: list[IPv4Network | None]) -> None:
    asked = [Region(name=name, cidr=cidr) for name, cidr in zip(NAMES, given_cidrs, strict=False)]
    planned, problems = plan_vpcs(asked, Network(zones=3))
    assert len(planned) == len(asked)
    for (one, first), (other, second) in combinations(zip(asked, planned, strict=True), 2):
        both_given = one.cidr is not None and other.cidr is not None
        assert not first.overlaps(second) or (both_given and problems)


def test_planned_ranges_are_the_next_free_ones_of_the_pool() -> None:
    planned, problems = plan_vpcs(regions(None, "10.1.0.0/16", None), Network())
    assert [str(vpc) for vpc in planned] == ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"]
    assert problems == []


def test_a_standby_that_is_added_later_moves_no_other_range() -> None:
    two, _ = plan_vpcs(regions(None, None), Network())
    three, _ = plan_vpcs(regions(None, None, None), Network())
    assert three[:2] == two


def test_a_pool_smaller_than_a_planned_range_has_no_room() -> None:
    _, problems = plan_vpcs(regions(None), Network(pool=IPv4Network("10.0.0.0/20")))
    assert [problem.key for problem in problems] == ["network.pool"]
    assert "no free /16 is left for us-east-1" in problems[0].what


@pytest.mark.parametrize(
    ("cidr", "zones", "is_refused"),
    [
        ("10.0.0.0/16", 6, False),
        ("10.0.0.0/22", 6, False),
        ("10.0.0.0/23", 6, True),
        ("10.0.0.0/23", 4, False),
        ("10.0.0.0/24", 2, True),
        ("10.0.0.0/15", 2, True),
        ("10.0.0.0/29", 2, True),
    ],
)
def test_the_smallest_range_depends_on_the_zones(cidr: str, zones: int, *, is_refused: bool) -> None:
    _, problems = plan_vpcs(regions(cidr), Network(zones=zones))
    assert [problem.key for problem in problems] == (["regions.0.cidr"] if is_refused else [])
