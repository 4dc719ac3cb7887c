"""The network: no way in or out that nobody asked for, addresses that never overlap, zones that the region has."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Stack, Synthesized
from tests.unit.variants import only

OPEN = "0.0.0.0/0"


def cidrs(stack: Stack) -> list[IPv4Network]:
    return [IPv4Network(subnet["cidr_block"]) for subnet in stack.all("aws_subnet")]


def internet_routes(stack: Stack) -> dict[str, str]:
    """Return what leads to the internet, by route table."""
    return {
        route["route_table_id"]: route.get("gateway_id") or route["nat_gateway_id"]
        for route in stack.all("aws_route")
        if route["destination_cidr_block"] == OPEN
    }


@pytest.mark.parametrize("name", ["dev", "three-regions"])
def test_the_regions_address_ranges_never_overlap(synthesized: Synthesize, name: str) -> None:
    ranges = [IPv4Network(stack.the("aws_vpc")["cidr_block"]) for stack in synthesized(name).regional]
    assert len(set(ranges)) == len(ranges) >= 2
    assert not any(one.overlaps(other) for one in ranges for other in ranges if one is not other)


def test_subnets_lie_inside_their_vpc_and_share_no_address(dev: Synthesized) -> None:
    for stack in dev.regional:
        vpc, subnets = IPv4Network(stack.the("aws_vpc")["cidr_block"]), cidrs(stack)
        assert len(subnets) == 9
        assert all(subnet.subnet_of(vpc) for subnet in subnets)
        assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)


def test_every_tier_is_spread_over_the_regions_own_zones(dev: Synthesized) -> None:
    for stack in dev.regional:
        for tier in ("public", "private", "data"):
            zones = [stack.by_path(f"network/{tier}-{zone}")["availability_zone"] for zone in range(3)]
            assert zones == [f"element(network/zones.names, {zone})" for zone in range(3)]
        assert stack.the("data.aws_availability_zones")["filter"] == [
            {"name": "opt-in-status", "values": ["opt-in-not-required"]}
        ]


def test_no_zone_letter_is_written_down(either: Synthesized) -> None:
    for stack in either.stacks.values():
        text = stack.file.read_text(encoding="utf-8")
        assert [
            f"{plan.name}{letter}"
            for plan in either.system.regions
            for letter in "abcdef"
            if f'"{plan.name}{letter}"' in text
        ] == []


def test_no_subnet_gives_its_members_public_addresses(either: Synthesized) -> None:
    assert {subnet["map_public_ip_on_launch"] for subnet in either.all("aws_subnet")} == {False}


def test_data_subnets_have_no_route_out_of_the_vpc(synthesized: Synthesize) -> None:
    for name in ("dev", "nat-per-zone"):
        for stack in synthesized(name).regional:
            tables = {
                each["route_table_id"]
                for each in stack.all("aws_route_table_association")
                if each["subnet_id"].startswith("network/data-")
            }
            assert tables == {"network/data-table.id"}
            assert tables & set(internet_routes(stack)) == set()


def test_without_nat_only_the_public_tier_reaches_the_internet(dev: Synthesized) -> None:
    for stack in dev.regional:
        assert internet_routes(stack) == {"network/public-table.id": "network/internet.id"}
        assert stack.all("aws_nat_gateway") == []


def test_a_nat_gateway_per_zone_serves_its_own_zone_alone(synthesized: Synthesize) -> None:
    for stack in synthesized("nat-per-zone").regional:
        private = {f"network/private-{zone}-table.id": f"network/nat-{zone}.id" for zone in range(3)}
        assert internet_routes(stack) == {"network/public-table.id": "network/internet.id", **private}
        assert [each["subnet_id"] for each in stack.all("aws_nat_gateway")] == [
            f"network/public-{zone}.id" for zone in range(3)
        ]


def test_a_single_nat_gateway_serves_every_zone(synthesized: Synthesize) -> None:
    for stack in synthesized("nat-single").regional:
        private = {f"network/private-{zone}-table.id": "network/nat-0.id" for zone in range(3)}
        assert internet_routes(stack) == {"network/public-table.id": "network/internet.id", **private}


def test_nat_addresses_use_the_argument_that_is_not_deprecated(synthesized: Synthesize) -> None:
    for address in synthesized("nat-per-zone").all("aws_eip"):
        assert address["domain"] == "vpc"
        assert "vpc" not in address


def test_names_resolve_inside_the_vpc(dev: Synthesized) -> None:
    for stack in dev.regional:
        vpc = stack.the("aws_vpc")
        assert (vpc["enable_dns_support"], vpc["enable_dns_hostnames"]) == (True, True)


def test_the_default_security_group_lets_nothing_through(either: Synthesized) -> None:
    for group in either.all("aws_default_security_group"):
        assert {"ingress", "egress"} & set(group) == set(), group


def test_the_internet_reaches_the_load_balancer_and_nothing_else(either: Synthesized) -> None:
    for stack in either.regional:
        opened = [rule for rule in stack.all("aws_vpc_security_group_ingress_rule") if "cidr_ipv4" in rule]
        assert {rule["security_group_id"] for rule in opened} == {"load-balancer/security-group/group.id"}
        assert sorted(rule["from_port"] for rule in opened) == [80, 443]


def test_without_nat_no_security_group_lets_anything_out_to_the_internet(either: Synthesized) -> None:
    for rule in either.all("aws_vpc_security_group_egress_rule"):
        assert "cidr_ipv4" not in rule, rule


def test_with_nat_the_application_gets_out_over_https_alone(synthesized: Synthesize) -> None:
    for stack in synthesized("nat-single").regional:
        out = only([rule for rule in stack.all("aws_vpc_security_group_egress_rule") if "cidr_ipv4" in rule])
        assert (out["security_group_id"], out["cidr_ipv4"]) == ("service/security-group/group.id", OPEN)
        assert (out["from_port"], out["to_port"], out["ip_protocol"]) == (443, 443, "tcp")


def test_private_code_reaches_aws_through_endpoints(dev: Synthesized) -> None:
    for stack in dev.regional:
        endpoints = {each["service_name"].rsplit(".", 1)[1]: each for each in stack.all("aws_vpc_endpoint")}
        assert set(endpoints) == {"s3", "dynamodb", "ssm", "secretsmanager"}
        for service in ("ssm", "secretsmanager"):
            assert endpoints[service]["private_dns_enabled"] is True
            assert endpoints[service]["subnet_ids"] == [f"network/private-{zone}.id" for zone in range(3)]
        for service in ("s3", "dynamodb"):
            assert endpoints[service]["route_table_ids"] == [f"network/private-{zone}-table.id" for zone in range(3)]


def test_endpoints_of_a_region_are_the_regions_own(dev: Synthesized) -> None:
    for stack in dev.regional:
        regions = {each["service_name"].split(".")[2] for each in stack.all("aws_vpc_endpoint")}
        assert regions == {stack.place}


def test_endpoints_carry_requests_of_this_account_only(either: Synthesized) -> None:
    for endpoint in either.all("aws_vpc_endpoint"):
        statement = only(list(endpoint.statements().values()))
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "account.account_id"}}, endpoint


def test_all_traffic_is_recorded_in_the_regions_own_log_bucket(either: Synthesized) -> None:
    for stack in either.regional:
        log = stack.the("aws_flow_log")
        assert (log["traffic_type"], log["vpc_id"]) == ("ALL", "network/vpc.id")
        assert log["log_destination"] == "${logs/bucket.arn}/vpc/"
        assert log.depends_on == ["logs/policy"]
