"""Security groups that open by intent: `database.allow_from(function)`, one rule per direction, never a range."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.security_group import SecurityGroup as AwsSecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from constructs_lib.network import Network
from constructs_lib.site import Site

HTTPS = 443


class SecurityGroup(Construct):
    """A group that starts closed in both directions."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, network: Network, purpose: str) -> None:
        """Create the group.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the group lives.
            network: The VPC it belongs to.
            purpose: Part of the name, and what the rules call it.
        """
        super().__init__(scope, id_)
        self.purpose = purpose
        self.id = AwsSecurityGroup(
            self,
            "group",
            name=site.names.of("security group", purpose),
            description=f"{site.names.prefix} {purpose}",
            vpc_id=network.id,
        ).id

    def allow_from(self, client: SecurityGroup, port: int) -> None:
        """Open a TCP port to the members of another group, and let that group out to it."""
        VpcSecurityGroupIngressRule(
            self,
            f"from-{client.purpose}",
            security_group_id=self.id,
            referenced_security_group_id=client.id,
            description=f"{client.purpose} to {self.purpose}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
        )
        VpcSecurityGroupEgressRule(
            client,
            f"to-{self.purpose}",
            security_group_id=client.id,
            referenced_security_group_id=self.id,
            description=f"{client.purpose} to {self.purpose}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
        )

    def allow_from_internet(self, port: int) -> None:
        """Open a TCP port to everybody: for public load balancers only."""
        VpcSecurityGroupIngressRule(
            self,
            f"from-internet-{port}",
            security_group_id=self.id,
            cidr_ipv4="0.0.0.0/0",
            description=f"internet to {self.purpose}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
        )

    def allow_to_prefix_list(self, name: str, prefix_list: str) -> None:
        """Let members out over HTTPS to an AWS service that is reached through a gateway endpoint."""
        VpcSecurityGroupEgressRule(
            self,
            f"to-{name}",
            security_group_id=self.id,
            prefix_list_id=prefix_list,
            description=f"{self.purpose} to {name}",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
        )

    def allow_to_internet(self) -> None:
        """Let members out over HTTPS to anywhere: for code behind a NAT gateway only."""
        VpcSecurityGroupEgressRule(
            self,
            "to-internet",
            security_group_id=self.id,
            cidr_ipv4="0.0.0.0/0",
            description=f"{self.purpose} to internet",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
        )
