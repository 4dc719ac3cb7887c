"""Who can reach what: open or wider address ranges, and subnets that lose addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison
from lifeboat.review.content import Block, Json
from lifeboat.review.rules.rule import Found, Rule, arrow

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESERVED = 5
"""Addresses of each subnet that AWS keeps: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""
WEB_PORTS = {80, 443}
RANGES = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks", "cidr_block", "ipv6_cidr_block")


def _ranges(block: Block | None) -> list[tuple[str, Network, str]]:
    """List what a block lets in or out: direction, address range, ports."""
    if block is None:
        return []
    match block.type:
        case "aws_vpc_security_group_ingress_rule":
            rules = [("ingress", block.content)]
        case "aws_vpc_security_group_egress_rule":
            rules = [("egress", block.content)]
        case "aws_security_group_rule":
            rules = [(str(block.get("type")), block.content)]
        case "aws_network_acl_rule" if block.get("rule_action") == "allow":
            rules = [("egress" if block.get("egress") else "ingress", block.content)]
        case "aws_security_group" | "aws_default_security_group":
            rules = [
                (way, each)
                for way in ("ingress", "egress")
                for each in (block.get(way) if isinstance(block.get(way), list) else [block.get(way)])
            ]
        case _:
            return []
    return [(way, found, _ports(rule)) for way, rule in rules if isinstance(rule, dict) for found in _networks(rule)]


def _networks(rule: dict[str, Json]) -> Iterator[Network]:
    for key in RANGES:
        value = rule.get(key)
        for text in value if isinstance(value, list) else [value]:
            found = _network(text)
            if found:
                yield found


def _network(text: Json) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False) if isinstance(text, str) else None
    except ValueError:  # an expression: nobody knows before the apply
        return None


def _ports(rule: dict[str, Json]) -> str:
    protocol = str(rule.get("ip_protocol", rule.get("protocol", "-1")))
    first, last = rule.get("from_port"), rule.get("to_port")
    if protocol in {"-1", "all"} or first is None:
        return "every port"
    return f"port {first}" if first == last else f"ports {first} to {last}"


def _reach(comparison: Comparison) -> Iterator[Found]:
    """Find ranges that were not let in or out before, over the same ports."""
    for stack, change in comparison.changes:
        before = _ranges(change.before)
        for way, network, ports in _ranges(change.after):
            known = [each for direction, each, were in before if direction == way and were in {ports, "every port"}]
            if any(_contains(each, network) for each in known):
                continue
            if network.prefixlen == 0:
                yield Found(
                    title=f"{ports} {'from' if way == 'ingress' else 'to'} the whole internet",
                    evidence=f"{way}: {arrow(_listed(known), str(network))}",
                    stack=stack,
                    change=change,
                    severity=_severity(way, ports),
                )
            elif any(_contains(network, each) for each in known):
                yield Found(
                    title=f"{ports} {'from' if way == 'ingress' else 'to'} more addresses",
                    evidence=f"{way}: {arrow(_listed(known), str(network))}",
                    stack=stack,
                    change=change,
                    severity=Severity.MEDIUM,
                )


def _severity(way: str, ports: str) -> Severity:
    """Weigh an open range: web ports of something that is meant for the public are common, all else is not."""
    if way == "egress":
        return Severity.MEDIUM
    return Severity.MEDIUM if ports in {f"port {port}" for port in WEB_PORTS} else Severity.HIGH


def _contains(outer: Network, inner: Network) -> bool:
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


def _listed(networks: list[Network]) -> str:
    return ", ".join(map(str, networks)) or "(none)"


def _subnets(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        sizes = _sizes(change)
        if sizes is None:
            continue
        old, new = sizes
        kind = "subnet" if change.block.type == "aws_subnet" else "VPC"
        reserved = RESERVED if kind == "subnet" else 0
        fewer = f"{new.num_addresses - reserved} usable addresses instead of {old.num_addresses - reserved}"
        if new.num_addresses < old.num_addresses:
            title = f"the {kind} shrinks to {fewer}" + ("" if _contains(old, new) else ", and moves")
        elif new.num_addresses > old.num_addresses:
            title = f"the {kind} gets another, larger range"
        else:
            title = f"the {kind} moves to other addresses"
        yield Found(title=title, evidence=f"cidr_block: {arrow(str(old), str(new))}", stack=stack, change=change)


def _sizes(change: BlockChange) -> tuple[Network, Network] | None:
    if change.before is None or change.after is None or change.block.type not in {"aws_subnet", "aws_vpc"}:
        return None
    old, new = (_network(block.get("cidr_block")) for block in (change.before, change.after))
    if old is None or new is None or old == new:
        return None
    return old, new


RULES = (
    Rule(
        id="network-opened",
        severity=Severity.HIGH,
        advice="Name the security group or the range that needs it; only a load balancer faces the internet",
        find=_reach,
    ),
    Rule(
        id="addresses-changed",
        severity=Severity.HIGH,
        advice="Its range is fixed, so everything in it is replaced; add another beside it, move over, then remove it",
        find=_subnets,
    ),
)
