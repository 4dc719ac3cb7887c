"""EC2: descriptions of security group rules, options of flow logs, tags of peering connections."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import copy

from moto.core.responses import ActionResult
from moto.ec2.models.flow_logs import FlowLogs, FlowLogsBackend
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPC, VPCBackend
from moto.ec2.responses.flow_logs import FlowLogs as FlowLogsResponse
from moto.ec2.responses.vpc_peering_connections import VPCPeeringConnections

from lifeboat.local.embedded.gap import Gap


def fill_rule_description() -> None:
    """Keep the description of a rule that refers to a group or a prefix list, not to an address range."""
    create = SecurityGroupRule.__init__

    def init(self: SecurityGroupRule, *arguments: object, **options: object) -> None:
        create(self, *arguments, **options)
        leading = ("ec2_backend", "ip_protocol", "group_id", "from_port", "to_port")
        peers = ("ip_range", "source_group", "prefix_list_id")
        given = dict(zip((*leading, *peers), arguments, strict=False)) | options
        self.peers = [given.get(peer) or {} for peer in peers]

    def description(self: SecurityGroupRule) -> str | None:
        described = (peer.get("Description") for peer in self.peers)
        return next((text for text in described if text), None)

    SecurityGroupRule.__init__ = init
    SecurityGroupRule.description = property(description)


def fill_flow_log_options() -> None:
    """Keep the file format and the partitions of a flow log in S3."""
    create = FlowLogsResponse.create_flow_logs

    def create_flow_logs(self: FlowLogsResponse) -> ActionResult:
        answer = create(self)
        options: Mapping[str, object] | None = self._get_param("DestinationOptions")
        if options:
            kept = {
                "FileFormat": options.get("FileFormat", "plain-text"),
                "HiveCompatiblePartitions": is_true(options.get("HiveCompatiblePartitions")),
                "PerHourPartition": is_true(options.get("PerHourPartition")),
            }
            for flow_log in answer.result["FlowLogIds"]:
                self.ec2_backend.flow_logs[flow_log].destination_options = kept
        return answer

    FlowLogs.destination_options = None
    FlowLogsResponse.create_flow_logs = create_flow_logs


def fill_flow_log_folder() -> None:
    """Accept a folder of a bucket as the destination, and keep it as it was given."""
    create = FlowLogsBackend.create_flow_logs
    places = list(inspect.signature(create).parameters)

    def create_flow_logs(self: FlowLogsBackend, *given: object, **named: object) -> tuple[list[FlowLogs], list[object]]:
        arguments = dict(zip(places[1:], given, strict=False)) | named
        destination = str(arguments.get("log_destination") or "")
        if arguments.get("log_destination_type") != "s3" or "/" not in destination:
            plain: tuple[list[FlowLogs], list[object]] = create(self, **arguments)
            return plain
        bucket = destination.partition("/")[0]
        created, refused = create(self, **(arguments | {"log_destination": bucket}))
        for flow_log in created:
            flow_log.log_destination = destination
        return created, refused

    FlowLogsBackend.create_flow_logs = create_flow_logs


def is_true(value: object) -> bool:
    """Read a flag that may come as text."""
    return str(value).lower() == "true"


def fill_peering_tags() -> None:
    """Show each side of a peering connection its own tags."""
    describe = VPCPeeringConnections.describe_vpc_peering_connections

    def describe_vpc_peering_connections(self: VPCPeeringConnections) -> ActionResult:
        answer = describe(self)
        connections = []
        for connection in answer.result["VpcPeeringConnections"]:
            mine = copy(connection)
            mine.ec2_backend = self.ec2_backend  # tags are looked up there
            connections.append(mine)
        answer.result["VpcPeeringConnections"] = connections
        return answer

    VPCPeeringConnections.describe_vpc_peering_connections = describe_vpc_peering_connections


def fill_vpc_acl() -> None:
    """Delete a VPC's default network ACL with it."""
    delete = VPCBackend.delete_vpc

    def delete_vpc(self: VPCBackend, vpc_id: str) -> VPC:
        vpc = delete(self, vpc_id)
        acls = [acl.id for acl in self.network_acls.values() if acl.vpc_id == vpc_id]
        for acl in acls:
            del self.network_acls[acl]
        return vpc

    VPCBackend.delete_vpc = delete_vpc


def fill_nat_interface() -> None:
    """Delete a NAT gateway's network interface with it."""
    delete = NatGatewayBackend.delete_nat_gateway

    def delete_nat_gateway(self: NatGatewayBackend, nat_gateway_id: str) -> NatGateway:
        gateway = delete(self, nat_gateway_id)
        self.enis.pop(gateway._eni.id, None)
        return gateway

    NatGatewayBackend.delete_nat_gateway = delete_nat_gateway


GAPS = (
    Gap(
        name="ec2.rule_description",
        missing="The description of a rule that refers to a group or prefix list is lost.",
        matters="Every plan would show it as a change.",
        fill=fill_rule_description,
    ),
    Gap(
        name="ec2.flow_log_options",
        missing="File format and partitions of a flow log in S3 are lost.",
        matters="Every plan would replace the flow log.",
        fill=fill_flow_log_options,
    ),
    Gap(
        name="ec2.flow_log_folder",
        missing="A folder of a bucket is taken for the name of a bucket that does not exist.",
        matters="Flow logs cannot share a bucket with other logs.",
        fill=fill_flow_log_folder,
    ),
    Gap(
        name="ec2.peering_tags",
        missing="The accepter of a peering connection sees the requester's tags.",
        matters="The two sides would overwrite each other's tags in every apply.",
        fill=fill_peering_tags,
    ),
    Gap(
        name="ec2.vpc_acl",
        missing="The default network ACL of a VPC outlives the VPC.",
        matters="A complete destroy would seem to leave something behind.",
        fill=fill_vpc_acl,
    ),
    Gap(
        name="ec2.nat_interface",
        missing="The network interface of a NAT gateway outlives the gateway.",
        matters="A complete destroy would seem to leave something behind.",
        fill=fill_nat_interface,
    ),
)
