"""What a deployment needs beforehand: state buckets, hosted zone, and what an account has once. The same everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deployments.system import System
from lifeboat.api_logging import ROLE, give_logging_role, logging_role
from lifeboat.failure import Failure
from lifeboat.image_replication import is_replicated, replicate_images, rules_of

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

API_LOGGING = "API logging role"
IMAGES = "image replication"
NONCURRENT_DAYS = 90
"""How long an overwritten state can be brought back."""
SPECIAL_REGION = "us-east-1"
"""The one region that S3 wants unnamed when a bucket is made there:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""


@dataclass(frozen=True, kw_only=True)
class Clients:
    """How to reach AWS: a client per region where that matters."""

    s3: Callable[[str], S3Client]
    route53: Route53Client
    sts: STSClient
    iam: IAMClient
    apigateway: Callable[[str], APIGatewayClient]
    ecr: Callable[[str], ECRClient]


@dataclass(frozen=True, kw_only=True, order=True)
class Wanted:
    """What has to be there.

    Attributes:
        kind: `state bucket`, `hosted zone`, `API logging role` or `image replication`.
        name: Its name; for images, what the names of their repositories start with.
        region: Where. Empty: nowhere in particular.
        to: Regions that receive images, separated by commas. Empty: it is about something else.
    """

    kind: str
    name: str
    region: str = ""
    to: str = ""

    def __str__(self) -> str:
        place = f" in {self.region}" if self.region else ""
        return f"{self.kind} {self.name}{place}" + (f" to {self.to}" if self.to else "")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of something wanted.

    Attributes:
        wanted: What it was about.
        what: `made`, `found`, or `missing` after a dry run.
        id: What AWS knows it by. Empty: it is missing.
    """

    wanted: Wanted
    what: str
    id: str = ""


def connect() -> Clients:
    """Connect the way every AWS tool does: from the environment, `AWS_ENDPOINT_URL` included."""
    import boto3  # noqa: PLC0415 takes a quarter of a second, which no other command should pay

    return Clients(
        s3=lambda region: boto3.client("s3", region_name=region),
        route53=boto3.client("route53", region_name=SPECIAL_REGION),
        sts=boto3.client("sts", region_name=SPECIAL_REGION),
        iam=boto3.client("iam", region_name=SPECIAL_REGION),
        apigateway=lambda region: boto3.client("apigateway", region_name=region),
        ecr=lambda region: boto3.client("ecr", region_name=region),
    )


def wanted(systems: Sequence[System]) -> list[Wanted]:
    """List what the systems need, each once."""
    buckets = {
        Wanted(kind="state bucket", name=f"{system.spec.state.bucket_prefix}-{region.name}", region=region.name)
        for system in systems
        for region in system.regions
    }
    zones = {Wanted(kind="hosted zone", name=system.spec.domain.zone) for system in systems}
    roles = {
        Wanted(kind=API_LOGGING, name=ROLE, region=region.name)
        for system in systems
        for region in system.regions
        if region.capacity.service and system.spec.service and system.spec.service.entry == "rest-api"
    }
    images = {
        Wanted(
            kind=IMAGES,
            name=f"{system.spec.name}-",
            region=system.primary.name,
            to=",".join(region.name for region in system.standbys),
        )
        for system in systems
        if system.spec.registry and system.standbys
    }
    return [*sorted(buckets), *sorted(zones), *sorted(roles), *sorted(images)]


def account(clients: Clients) -> str:
    """Return the number of the account that the credentials belong to.

    Raises:
        Failure: There are no usable credentials.
    """
    try:
        return clients.sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"AWS does not say which account this is: {error}") from None


def bootstrap(clients: Clients, things: Sequence[Wanted], *, dry_run: bool) -> list[Done]:
    """Make what is missing; a second run finds everything. A found bucket's settings are put right as well.

    Raises:
        Failure: AWS refuses.
    """
    return [_one(clients, thing, dry_run=dry_run) for thing in things]


def _one(clients: Clients, thing: Wanted, *, dry_run: bool) -> Done:
    try:
        if thing.kind == "hosted zone":
            return _zone(clients.route53, thing, dry_run=dry_run)
        if thing.kind == API_LOGGING:
            return _api_logging(clients, thing, dry_run=dry_run)
        if thing.kind == IMAGES:
            return _images(clients, thing, dry_run=dry_run)
        return _bucket(clients.s3(thing.region), thing, dry_run=dry_run)
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"{thing}: {error}") from None


def _zone(route53: Route53Client, thing: Wanted, *, dry_run: bool) -> Done:
    answer = route53.list_hosted_zones_by_name(DNSName=thing.name)
    for zone in answer["HostedZones"]:
        if zone["Name"].rstrip(".") == thing.name and not zone.get("Config", {}).get("PrivateZone"):
            return Done(wanted=thing, what="found", id=_zone_id(zone["Id"]))
    if dry_run:
        return Done(wanted=thing, what="missing")
    made = route53.create_hosted_zone(
        Name=thing.name,
        CallerReference=f"lifeboat-bootstrap-{thing.name}",
        HostedZoneConfig={"Comment": "Made by lifeboat bootstrap"},
    )
    return Done(wanted=thing, what="made", id=_zone_id(made["HostedZone"]["Id"]))


def _zone_id(path: str) -> str:
    """Take the id out of `/hostedzone/<id>`, as Route 53 returns it."""
    return path.rsplit("/", 1)[-1]


def _api_logging(clients: Clients, thing: Wanted, *, dry_run: bool) -> Done:
    apigateway = clients.apigateway(thing.region)
    if arn := logging_role(apigateway):
        return Done(wanted=thing, what="found", id=arn)
    if dry_run:
        return Done(wanted=thing, what="missing")
    partition = clients.sts.get_caller_identity()["Arn"].split(":")[1]
    return Done(wanted=thing, what="made", id=give_logging_role(clients.iam, apigateway, partition))


def _images(clients: Clients, thing: Wanted, *, dry_run: bool) -> Done:
    ecr, regions = clients.ecr(thing.region), thing.to.split(",")
    if is_replicated(rules_of(ecr), thing.name, regions):
        return Done(wanted=thing, what="found", id=thing.name)
    if dry_run:
        return Done(wanted=thing, what="missing")
    replicate_images(ecr, thing.name, regions, account(clients))
    return Done(wanted=thing, what="made", id=thing.name)


def _bucket(s3: S3Client, thing: Wanted, *, dry_run: bool) -> Done:
    exists = _bucket_exists(s3, thing.name)
    if dry_run:
        return Done(wanted=thing, what="found", id=thing.name) if exists else Done(wanted=thing, what="missing")
    if not exists and thing.region == SPECIAL_REGION:
        s3.create_bucket(Bucket=thing.name)
    elif not exists:
        place: str = thing.region
        s3.create_bucket(
            Bucket=thing.name,
            CreateBucketConfiguration={"LocationConstraint": place},  # type: ignore[typeddict-item] # any region's name
        )
    _settle(s3, thing.name)
    return Done(wanted=thing, what="found" if exists else "made", id=thing.name)


def _bucket_exists(s3: S3Client, name: str) -> bool:
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        if error.response["Error"]["Code"] in {"403", "AccessDenied"}:
            raise Failure(
                f"state bucket {name} belongs to another account or is closed to you:"
                " choose another state.bucket_prefix"
            ) from None
        raise
    return True


def _settle(s3: S3Client, name: str) -> None:
    """Make a bucket fit for state: nothing lost, nothing public, nothing in the clear."""
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_tls_only(name)))
    s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "forget-old-states",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": NONCURRENT_DAYS},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                }
            ]
        },
    )


def _tls_only(name: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
