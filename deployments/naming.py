"""Physical names: one pure function with AWS's limits, so that two regions agree without asking each other.

A name is `<system>-<suffix>[-<part>...]`. Names that AWS keeps in one namespace for all regions (IAM, S3, dashboards)
carry the region as well. What exceeds a limit is shortened in its last part with a hash, never in the system or suffix.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from deployments.problems import Problem

Kind = Literal[
    "alarm",
    "backup plan",
    "backup vault",
    "bucket",
    "cache",
    "cache parameter group",
    "cache subnet group",
    "cache user",
    "cluster",
    "dashboard",
    "database cluster",
    "database instance",
    "database parameter group",
    "event rule",
    "edge function",
    "event bus",
    "function",
    "global cluster",
    "headers policy",
    "key alias",
    "load balancer",
    "log delivery",
    "log group",
    "metric filter",
    "origin access control",
    "parameter",
    "queue",
    "repository",
    "rest api",
    "role",
    "schedule",
    "secret",
    "security group",
    "service",
    "state machine",
    "subnet group",
    "table",
    "target group",
    "task definition",
    "topic",
    "trail",
    "web acl",
]

ACCOUNT_ID_LENGTH = 12
HASH_LENGTH = 6

LIMITS: dict[Kind, int] = {
    "alarm": 255,  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    "backup plan": 50,  # https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
    "backup vault": 50,  # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
    "bucket": 63,  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "cache parameter group": 255,  # .../APIReference/API_CreateCacheParameterGroup.html
    "cache subnet group": 255,  # .../APIReference/API_CreateCacheSubnetGroup.html
    "cache user": 40,  # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    "cache": 40,  # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    "cluster": 255,  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
    "dashboard": 255,  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    "database cluster": 63,  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
    "database instance": 63,  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    "database parameter group": 255,  # .../API_CreateDBClusterParameterGroup.html
    "event rule": 64,  # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    "edge function": 64,  # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html
    "event bus": 256,  # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
    "function": 64,  # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    "global cluster": 63,  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateGlobalCluster.html
    "headers policy": 128,  # .../cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html
    "key alias": 250,  # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    "load balancer": 32,  # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    "log delivery": 60,  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html
    "log group": 512,  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    "metric filter": 512,  # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
    "origin access control": 64,  # .../cloudfront/latest/APIReference/API_OriginAccessControlConfig.html
    "parameter": 1011,  # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    "queue": 80,  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    "repository": 256,  # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    "rest api": 255,  # https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html
    "role": 64,  # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    "schedule": 64,  # https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    "secret": 512,  # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    "security group": 255,  # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    "service": 255,  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    "state machine": 80,  # https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    "subnet group": 255,  # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
    "table": 255,  # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    "target group": 32,  # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
    "task definition": 255,  # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    "topic": 256,  # https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    "trail": 128,  # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    "web acl": 128,  # https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
}
"""Longest name of each kind, in characters."""


RESERVED: dict[str, Kind] = {
    "aws": "parameter",  # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    "ssm": "parameter",
    "internal-": "load balancer",  # .../elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    "xn--": "bucket",  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "sthree-": "bucket",
    "amzn-s3-demo-": "bucket",
}
"""What no name may start with, and which kind of name it is that AWS refuses."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of one system in one environment.

    Attributes:
        system: The system's name, such as `ecommerce`.
        suffix: The environment suffix, such as `dev`.
    """

    system: str
    suffix: str

    @property
    def prefix(self) -> str:
        """What every physical name starts with."""
        return f"{self.system}-{self.suffix}"

    def of(self, kind: Kind, *parts: str, region: str = "") -> str:
        """Name a resource of this system.

        Args:
            kind: Decides the limit.
            parts: What the resource is for, from general to special. None: the prefix alone.
            region: Given where AWS keeps names of this kind in one namespace for all regions.

        Returns:
            The name, at most `LIMITS[kind]` long; a longer one ends in a hash of the whole.
        """
        return _fit(self.prefix, "-".join((*parts, region) if region else parts), LIMITS[kind])

    def bucket(self, purpose: str, region: str, account: str, *, start: str = "") -> str:
        """Name a bucket. Bucket names are global in S3, hence the account, which may be a Terraform expression.

        Args:
            purpose: What the bucket is for.
            region: Where it is.
            account: Account id.
            start: What a service asks the names of its buckets to begin with. Absent: the name starts as all do.
        """
        room = LIMITS["bucket"] - ACCOUNT_ID_LENGTH - 1 - len(start)
        return f"{start}{_fit(self.prefix, f'{purpose}-{region}', room)}-{account}"

    def path(self, *parts: str) -> str:
        """Name a parameter or secret: the same words as a path, such as `/ecommerce-dev/active-region`."""
        return "/" + "/".join((self.prefix, *parts))

    def stack(self, place: str) -> str:
        """Name a stack after the region it builds, or `global`."""
        return f"{self.prefix}-{place}"

    def problems(self, where: str, key: str) -> list[Problem]:
        """List the kinds of resources that refuse this prefix, or whose limit leaves no room behind it."""
        return [
            Problem(
                where=where, key=key, what=f"AWS keeps names of a {kind} that start so for itself", found=self.prefix
            )
            for start, kind in RESERVED.items()
            if self.prefix.startswith(start)
        ] + [
            Problem(
                where=where,
                key=key,
                what=f"names of a {kind} would not fit into AWS's limit of {limit} characters",
                found=f"prefix {self.prefix!r} with {len(self.prefix)} characters",
                allowed=f"at most {room} characters for name and suffix together",
            )
            for kind, limit in LIMITS.items()
            if len(self.prefix) > (room := _room(kind, limit))
        ]


def _room(kind: Kind, limit: int) -> int:
    """Return how long a prefix may be so that a hashed remainder still fits behind it."""
    account = ACCOUNT_ID_LENGTH + 1 if kind == "bucket" else 0
    return limit - account - HASH_LENGTH - 1


def _fit(prefix: str, rest: str, limit: int) -> str:
    """Join the two, shortening only the rest, with a hash of all of it so that different names stay different."""
    whole = f"{prefix}-{rest}" if rest else prefix
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:HASH_LENGTH]
    kept = whole[: limit - HASH_LENGTH - 1].rstrip("-")
    return f"{kept}-{digest}"
