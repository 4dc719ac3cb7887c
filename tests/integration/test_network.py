"""The network: three tiers over several zones, and no way in or out that nobody asked for."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from tests.integration.system import Region, System

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import RouteTableTypeDef, SubnetTypeDef, VpcEndpointTypeDef

TIERS = ("public_subnet_ids", "private_subnet_ids", "data_subnet_ids")


def subnets(region: Region, tier: str) -> list[SubnetTypeDef]:
    found = region.aws.ec2.describe_subnets(SubnetIds=region.texts(tier))["Subnets"]
    assert len(found) == len(region.texts(tier)) > 0
    return found


def route_tables(region: Region, tier: str) -> list[RouteTableTypeDef]:
    """Return the tables that a tier's subnets name themselves; the VPC's main table serves none of them."""
    ids = region.texts(tier)
    found = region.aws.ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": ids}])
    named = {link.get("SubnetId") for table in found["RouteTables"] for link in table["Associations"]}
    assert set(ids) <= named, "a subnet has no route table of its own"
    return found["RouteTables"]


def ways_out(tables: list[RouteTableTypeDef]) -> set[str]:
    """Name what the routes lead to, other than the VPC itself and gateway endpoints."""
    return {
        route.get("GatewayId") or route.get("NatGatewayId") or "other"
        for table in tables
        for route in table["Routes"]
        if route.get("GatewayId") != "local" and "DestinationPrefixListId" not in route
    }


def endpoints(region: Region, kind: str) -> dict[str, VpcEndpointTypeDef]:
    """Return the VPC's endpoints of a kind by the last word of the service."""
    found = region.aws.ec2.describe_vpc_endpoints(
        Filters=[
            {"Name": "vpc-id", "Values": [region.text("vpc_id")]},
            {"Name": "vpc-endpoint-type", "Values": [kind]},
        ]
    )
    return {endpoint["ServiceName"].rsplit(".", 1)[-1]: endpoint for endpoint in found["VpcEndpoints"]}


@pytest.mark.parametrize("attribute", ["enableDnsSupport", "enableDnsHostnames"])
def test_the_vpc_resolves_names_so_that_private_endpoints_are_found(region: Region, attribute: str) -> None:
    vpc = region.text("vpc_id")
    if attribute == "enableDnsSupport":
        value = region.aws.ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]
    else:
        value = region.aws.ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    assert value.get("Value") is True


def test_address_ranges_of_two_regions_do_not_overlap(system: System) -> None:
    ranges = [
        ip_network(region.aws.ec2.describe_vpcs(VpcIds=[region.text("vpc_id")])["Vpcs"][0]["CidrBlock"])
        for region in system.regions
    ]
    assert [(one, other) for one, other in combinations(ranges, 2) if one.overlaps(other)] == []


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_lies_in_the_systems_vpc_over_two_zones_or_more(region: Region, tier: str) -> None:
    found = subnets(region, tier)
    assert {subnet["VpcId"] for subnet in found} == {region.text("vpc_id")}
    zones = [subnet["AvailabilityZone"] for subnet in found]
    assert len(set(zones)) == len(zones) >= 2


def test_the_tiers_share_no_subnet(region: Region) -> None:
    ids = [subnet for tier in TIERS for subnet in region.texts(tier)]
    assert len(ids) == len(set(ids)) >= 6


@pytest.mark.parametrize("tier", TIERS)
def test_nothing_gets_a_public_address_unasked(region: Region, tier: str) -> None:
    assert [subnet["SubnetId"] for subnet in subnets(region, tier) if subnet["MapPublicIpOnLaunch"]] == []


def test_the_public_tier_reaches_the_internet_through_the_vpcs_gateway(region: Region) -> None:
    (gateway,) = region.aws.ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [region.text("vpc_id")]}]
    )["InternetGateways"]
    assert ways_out(route_tables(region, "public_subnet_ids")) == {gateway["InternetGatewayId"]}


def test_the_private_tier_is_behind_nat_gateways_or_has_no_way_out(region: Region) -> None:
    out = ways_out(route_tables(region, "private_subnet_ids"))
    assert {way for way in out if not way.startswith("nat-")} == set()


def test_the_data_tier_has_no_way_out_at_all(region: Region) -> None:
    assert ways_out(route_tables(region, "data_subnet_ids")) == set()


def test_the_default_security_group_lets_nothing_in_or_out(region: Region) -> None:
    (group,) = region.aws.ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [region.text("vpc_id")]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


def test_flow_logs_record_all_traffic_in_the_log_bucket(region: Region) -> None:
    (log,) = region.aws.ec2.describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [region.text("vpc_id")]}],
    )["FlowLogs"]
    assert (log["FlowLogStatus"], log["TrafficType"], log["LogDestinationType"]) == ("ACTIVE", "ALL", "s3")
    assert log["LogDestination"].startswith(f"arn:aws:s3:::{region.text('log_bucket_name')}")


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_private_code_reaches_the_stores_without_the_internet(region: Region, service: str) -> None:
    endpoint = endpoints(region, "Gateway")[service]
    tables = {table["RouteTableId"] for table in route_tables(region, "private_subnet_ids")}
    assert endpoint["State"].lower() == "available"
    assert set(endpoint["RouteTableIds"]) >= tables


@pytest.mark.parametrize(
    ("service", "needed_by"), [("ssm", "function_name"), ("secretsmanager", "database_master_secret_arn")]
)
def test_private_code_reaches_the_services_it_calls_in_every_zone(
    system: System, region: Region, service: str, needed_by: str
) -> None:
    system.primary.text(needed_by)
    region.text("function_name")
    endpoint = endpoints(region, "Interface")[service]
    assert endpoint["State"].lower() == "available"
    assert endpoint["PrivateDnsEnabled"] is True
    assert set(endpoint["SubnetIds"]) == set(region.texts("private_subnet_ids"))


def test_interface_endpoints_are_reached_by_named_groups_only(region: Region) -> None:
    region.text("function_name")
    groups = {group["GroupId"] for found in endpoints(region, "Interface").values() for group in found["Groups"]}
    found = region.aws.ec2.describe_security_groups(GroupIds=sorted(groups))["SecurityGroups"]
    permissions = [permission for group in found for permission in group["IpPermissions"]]
    assert {(permission["FromPort"], permission["ToPort"]) for permission in permissions} == {(443, 443)}
    assert [permission for permission in permissions if permission.get("IpRanges")] == []
