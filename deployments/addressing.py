"""Address plan: a VPC per region without overlap, and three tiers of subnets that stay put when zones are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

from deployments.model import Network, Region
from deployments.problems import Problem

PLANNED_PREFIX = 16
LARGEST_VPC, SMALLEST_VPC = 16, 28
"""Prefix lengths that a VPC may have: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
SMALLEST_SUBNET = 27
"""A load balancer asks for at least a /27:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer"""
TIERS = ("public", "private", "data")
TIER_BITS = 2  # three tiers and one block kept free for growth


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """The subnets of one VPC, one per zone in each tier.

    Attributes:
        public: Reached from the internet: load balancers, NAT gateways.
        private: Code. Leaves through NAT gateways or endpoints only.
        data: Stores. No route out of the VPC.
    """

    public: tuple[IPv4Network, ...]
    private: tuple[IPv4Network, ...]
    data: tuple[IPv4Network, ...]


def plan_vpcs(regions: Sequence[Region], network: Network) -> tuple[list[IPv4Network], list[Problem]]:
    """Give every region an address range: its own where the file names one, else the next free /16 of the pool.

    Returns:
        The ranges in the order of the regions, and what is wrong with them (keys only; the caller knows the file).
    """
    # What is too large for a VPC is told as such, and must not use up the pool as well.
    given = [region.cidr for region in regions if region.cidr and region.cidr.prefixlen >= LARGEST_VPC]
    free = (
        candidate for candidate in _candidates(network.pool) if not any(candidate.overlaps(taken) for taken in given)
    )
    vpcs: list[IPv4Network] = []
    problems: list[Problem] = []
    for index, region in enumerate(regions):
        vpc = region.cidr or next(free, None)
        if vpc is None:
            problems.append(
                Problem(
                    where="",
                    key="network.pool",
                    what=f"no free /{PLANNED_PREFIX} is left for {region.name}",
                    found=str(network.pool),
                    allowed="a larger pool, or a cidr for the region",
                )
            )
            vpc = network.pool
        problems += _size_problems(f"regions.{index}.cidr", vpc, network.zones)
        vpcs.append(vpc)
    return vpcs, problems + _overlaps(regions)


def plan_subnets(vpc: IPv4Network, zones: int) -> Subnets:
    """Cut a VPC into a block per tier, and each block into a slot per zone.

    A tier has four slots for up to four zones and eight for more, so that going from two to four zones moves nothing.
    """
    tiers = list(vpc.subnets(prefixlen_diff=TIER_BITS))
    public, private, data = (
        tuple(list(tier.subnets(prefixlen_diff=_slot_bits(zones)))[:zones]) for tier in tiers[: len(TIERS)]
    )
    return Subnets(public=public, private=private, data=data)


def _slot_bits(zones: int) -> int:
    return 2 if zones <= 4 else 3


def _candidates(pool: IPv4Network) -> list[IPv4Network]:
    if pool.prefixlen > PLANNED_PREFIX:
        return []
    return list(pool.subnets(new_prefix=PLANNED_PREFIX))


def _size_problems(key: str, vpc: IPv4Network, zones: int) -> list[Problem]:
    smallest = SMALLEST_SUBNET - TIER_BITS - _slot_bits(zones)
    if LARGEST_VPC <= vpc.prefixlen <= smallest:
        return []
    if vpc.prefixlen < LARGEST_VPC:
        what = f"a VPC is at most a /{LARGEST_VPC}"
    elif vpc.prefixlen > SMALLEST_VPC:
        what = f"a VPC is at least a /{SMALLEST_VPC}"
    else:
        what = f"too small for {zones} zones in three tiers of at least /{SMALLEST_SUBNET} subnets"
    return [Problem(where="", key=key, what=what, found=str(vpc), allowed=f"/{LARGEST_VPC} to /{smallest}")]


def _overlaps(regions: Sequence[Region]) -> list[Problem]:
    given = [(index, region.cidr) for index, region in enumerate(regions) if region.cidr]
    return [
        Problem(
            where="",
            key=f"regions.{later}.cidr",
            what=f"overlaps regions.{earlier}.cidr",
            found=f"{second} and {first}",
            allowed="ranges that share no address, so that the regions can be connected",
        )
        for (earlier, first), (later, second) in combinations(given, 2)
        if first.overlaps(second)
    ]
