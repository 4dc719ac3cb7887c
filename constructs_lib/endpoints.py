"""VPC endpoints: private code reaches AWS's services without leaving AWS's network."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs import Construct

from constructs_lib.network import Network
from constructs_lib.policy import Statement, document
from constructs_lib.security_group import HTTPS, SecurityGroup
from constructs_lib.site import Site

GATEWAYS = ("s3", "dynamodb")
"""Cost nothing and are always there:
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""


class Endpoints(Construct):
    """Gateway endpoints for S3 and DynamoDB, and an interface endpoint in every zone for each service named."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, network: Network, services: Sequence[str]) -> None:
        """Create the endpoints.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the endpoints live.
            network: The VPC they belong to.
            services: Services with an interface endpoint, such as `ssm`. Each costs per zone and hour.
        """
        super().__init__(scope, id_)
        self._gateways = {
            service: VpcEndpoint(
                self,
                service,
                vpc_id=network.id,
                service_name=f"com.amazonaws.{site.region}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=network.private_route_tables,
                policy=document(_own_account_only(site), *_image_layers(site, service, services)),
                tags={"Name": f"{site.names.prefix}-{service}"},
            )
            for service in GATEWAYS
        }
        self._group = SecurityGroup(self, "security-group", site=site, network=network, purpose="endpoints")
        for service in services:
            VpcEndpoint(
                self,
                service,
                vpc_id=network.id,
                service_name=f"com.amazonaws.{site.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=network.private,
                security_group_ids=[self._group.id],
                policy=document(_own_account_only(site)),
                tags={"Name": f"{site.names.prefix}-{service}"},
            )

    def allow_from(self, client: SecurityGroup) -> None:
        """Let the members of a group reach every endpoint."""
        self._group.allow_from(client, HTTPS)
        for service, endpoint in self._gateways.items():
            client.allow_to_prefix_list(service, endpoint.prefix_list_id)


def _own_account_only(site: Site) -> Statement:
    """Carry requests of this account's identities only, so that stolen outside credentials do not work from inside.

    What they may do is said by the role and the resource, hence the wildcards: an endpoint policy only narrows.
    """
    return Statement(
        sid="OwnAccount",
        principals=("*",),
        actions=("*",),
        resources=("*",),
        conditions={"StringEquals": {"aws:PrincipalAccount": site.account}},
    )


def _image_layers(site: Site, gateway: str, services: Sequence[str]) -> list[Statement]:
    """Let image layers through, where images are pulled: ECR keeps them in a bucket of its own and signs the requests.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
    """
    if gateway != "s3" or "ecr.dkr" not in services:
        return []
    bucket = f"arn:{site.partition}:s3:::prod-{site.region}-starport-layer-bucket/*"
    return [Statement(sid="ImageLayers", principals=("*",), actions=("s3:GetObject",), resources=(bucket,))]
