"""Clients of one region. The only place that knows whether AWS is the real one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_efs import EFSClient
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_wafv2 import WAFV2Client


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the system was deployed.

    Attributes:
        name: `local` for the embedded AWS, `aws` for the real one.
        endpoint: URL of the embedded AWS. None on AWS.
        allow_writes: Whether tests may place orders, objects and items.
    """

    name: Literal["local", "aws"]
    endpoint: str | None
    allow_writes: bool

    @property
    def patience(self) -> float:
        """Seconds that a replica may take: S3 promises fifteen minutes, the embedded AWS is done in no time."""
        return 20 if self.name == "local" else 900

    def session(self, region: str) -> boto3.Session:
        """Open a session: with test credentials locally, else with those of the environment."""
        if self.name == "local":
            # Not a secret: the embedded AWS asks for credentials and takes any.
            return boto3.Session(region_name=region, aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 see above
        return boto3.Session(region_name=region)


class Aws:
    """One region's services; a client is made when it is first asked for."""

    def __init__(self, region: str, target: Target) -> None:
        self._session = target.session(region)
        self._endpoint = target.endpoint
        self._config = Config(
            retries={"max_attempts": 4 if target.name == "aws" else 1, "mode": "standard"},
            connect_timeout=5,
            read_timeout=40,
            s3={"addressing_style": "path" if target.name == "local" else "auto"},
        )

    @cached_property
    def acm(self) -> ACMClient:
        return self._session.client("acm", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def apigateway(self) -> APIGatewayClient:
        return self._session.client("apigateway", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def backup(self) -> BackupClient:
        return self._session.client("backup", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def caches(self) -> ElastiCacheClient:
        return self._session.client("elasticache", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def cloudtrail(self) -> CloudTrailClient:
        return self._session.client("cloudtrail", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def cloudfront(self) -> CloudFrontClient:
        return self._session.client("cloudfront", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self._session.client("dynamodb", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def ec2(self) -> EC2Client:
        return self._session.client("ec2", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def elb(self) -> ElasticLoadBalancingv2Client:
        return self._session.client("elbv2", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def functions(self) -> LambdaClient:
        return self._session.client("lambda", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def iam(self) -> IAMClient:
        return self._session.client("iam", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def kms(self) -> KMSClient:
        return self._session.client("kms", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self._session.client("logs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def rds(self) -> RDSClient:
        return self._session.client("rds", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def route53(self) -> Route53Client:
        return self._session.client("route53", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return self._session.client("secretsmanager", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def sqs(self) -> SQSClient:
        return self._session.client("sqs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def events(self) -> EventBridgeClient:
        return self._session.client("events", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def states(self) -> SFNClient:
        return self._session.client("stepfunctions", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def ssm(self) -> SSMClient:
        return self._session.client("ssm", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def ecr(self) -> ECRClient:
        return self._session.client("ecr", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def ecs(self) -> ECSClient:
        return self._session.client("ecs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def efs(self) -> EFSClient:
        return self._session.client("efs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def scaling(self) -> ApplicationAutoScalingClient:
        return self._session.client("application-autoscaling", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def waf(self) -> WAFV2Client:
        return self._session.client("wafv2", endpoint_url=self._endpoint, config=self._config)
