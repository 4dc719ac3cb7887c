"""The region's network: public, private and data subnets in every zone, and no way in or out that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
)
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.flow_log import FlowLog, FlowLogDestinationOptions
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs import Construct

from constructs_lib.log_bucket import LogBucket
from constructs_lib.site import Site
from deployments.addressing import Subnets
from deployments.model import NatMode

EVERYWHERE = "0.0.0.0/0"


class Network(Construct):
    """A VPC over the region's zones. The zones are the region's own, asked for at plan time: no letters here."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        vpc: IPv4Network,
        subnets: Subnets,
        nat: NatMode,
        logs: LogBucket,
    ) -> None:
        """Create the network.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the network lives.
            vpc: Its address range.
            subnets: The range cut into tiers and zones.
            nat: How private code reaches the internet; `none`: not at all.
            logs: Bucket for the flow logs.
        """
        super().__init__(scope, id_)
        self._prefix = site.names.prefix
        self.cidr = str(vpc)
        # Every reference that is read from a resource is a call into another process: read once, kept.
        self.id = Vpc(
            self,
            "vpc",
            cidr_block=self.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named("vpc"),
        ).id
        DefaultSecurityGroup(self, "default-security-group", vpc_id=self.id, tags=self._named("closed"))
        zones = DataAwsAvailabilityZones(
            self,
            "zones",
            state="available",
            # Local and wavelength zones are opted into, and run few of the services used here.
            filter=[DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"])],
        )
        self._zone_names = f"{zones.fqn}.names"
        self.public = self._tier("public", subnets.public)
        self.private = self._tier("private", subnets.private)
        self.data = self._tier("data", subnets.data)
        public_table = self._open_public_tier()
        self.private_route_tables = self._private_routes(nat, public_table)
        self._associate("data", self._route_table("data").id, self.data)
        _keep_flow_logs(self, self.id, logs)

    def _named(self, what: str) -> dict[str, str]:
        """EC2 has no names but this tag; the console shows it."""
        return {"Name": f"{self._prefix}-{what}"}

    def _tier(self, tier: str, cidrs: Sequence[IPv4Network]) -> list[str]:
        """Create a tier's subnets and return their ids, one per zone."""
        return [
            Subnet(
                self,
                f"{tier}-{zone}",
                vpc_id=self.id,
                availability_zone=f"${{element({self._zone_names}, {zone})}}",
                cidr_block=str(cidr),
                map_public_ip_on_launch=False,
                tags=self._named(f"{tier}-{zone}"),
            ).id
            for zone, cidr in enumerate(cidrs)
        ]

    def _open_public_tier(self) -> RouteTable:
        gateway = InternetGateway(self, "internet", vpc_id=self.id, tags=self._named("internet"))
        table = self._route_table("public")
        table_id = table.id
        Route(
            self,
            "public-internet",
            route_table_id=table_id,
            destination_cidr_block=EVERYWHERE,
            gateway_id=gateway.id,
        )
        self._associate("public", table_id, self.public)
        return table

    def _private_routes(self, nat: NatMode, public_table: RouteTable) -> list[str]:
        """Give each zone a table of its own, so that a zone's NAT gateway serves that zone alone."""
        gateways = (
            self._nat_gateways(len(self.private) if nat == "per-zone" else 1, public_table) if nat != "none" else []
        )
        tables = []
        for zone, subnet in enumerate(self.private):
            table = self._route_table(f"private-{zone}").id
            RouteTableAssociation(self, f"private-{zone}-routes", subnet_id=subnet, route_table_id=table)
            if gateways:
                Route(
                    self,
                    f"private-{zone}-internet",
                    route_table_id=table,
                    destination_cidr_block=EVERYWHERE,
                    nat_gateway_id=gateways[zone % len(gateways)].id,
                )
            tables.append(table)
        return tables

    def _nat_gateways(self, count: int, public_table: RouteTable) -> list[NatGateway]:
        gateways = []
        for zone in range(count):
            address = Eip(self, f"nat-{zone}-address", domain="vpc", tags=self._named(f"nat-{zone}"))
            gateways.append(
                NatGateway(
                    self,
                    f"nat-{zone}",
                    allocation_id=address.id,
                    subnet_id=self.public[zone],
                    tags=self._named(f"nat-{zone}"),
                    depends_on=[public_table],
                )
            )
        return gateways

    def _route_table(self, name: str) -> RouteTable:
        return RouteTable(self, f"{name}-table", vpc_id=self.id, tags=self._named(name))

    def _associate(self, tier: str, table: str, subnets: Sequence[str]) -> None:
        for zone, subnet in enumerate(subnets):
            RouteTableAssociation(self, f"{tier}-{zone}-routes", subnet_id=subnet, route_table_id=table)


def _keep_flow_logs(scope: Construct, vpc: str, logs: LogBucket) -> None:
    """Record all traffic in the form that Athena reads cheapest."""
    FlowLog(
        scope,
        "flow-log",
        vpc_id=vpc,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=f"{logs.arn}/vpc/",
        max_aggregation_interval=60,
        destination_options=FlowLogDestinationOptions(
            file_format="parquet", hive_compatible_partitions=True, per_hour_partition=True
        ),
        depends_on=[logs.policy],
    )
