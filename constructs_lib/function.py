"""A Lambda function in the VPC: its archive, role, logs, dead letters and alarms."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from cdktf import AssetType, TerraformAsset, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.foundation import Foundation
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.security_group import SecurityGroup
from deployments.model import Service
from functions.packaging import package

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
DEAD_LETTER_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""
APPLICATION = "function"
"""What the alarms of the application's own function start with."""
FAILS = {APPLICATION: "The application fails; clients see errors."}
ARCHIVES = Path(__file__).parent.parent / ".build" / "functions"


class Function(Construct):
    """The application's code, in private subnets, under a role that can do only what was granted."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: Service,
        concurrency: int,
        environment: Mapping[str, str],
        watched_as: str = APPLICATION,
        scaled_by_failover: bool = False,
    ) -> None:
        """Create the function.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The service's part of the description.
            concurrency: Reserved concurrency; 0 refuses every request.
            environment: Variables of the function; nothing secret.
            watched_as: What its alarms' names start with. Absent: it is the application itself.
            scaled_by_failover: Whether a failover raises the concurrency, which Terraform then leaves as it is.
        """
        super().__init__(scope, id_)
        self._watched_as = watched_as
        self._base = base
        self._spec = spec
        self.name = base.site.names.of("function", spec.function)
        self.security_group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose=spec.function
        )
        base.connect(self.security_group)
        self.role = Role(self, "role", site=base.site, purpose=spec.function, service="lambda.amazonaws.com")
        self.log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=f"/aws/lambda/{self.name}",
            retention_in_days=base.site.log_days,
            kms_key_id=base.key.arn,
        )
        self.dead_letters = SqsQueue(
            self,
            "dead-letters",
            name=base.site.names.of("queue", spec.function, "dead-letters"),
            kms_master_key_id=base.key.arn,
            message_retention_seconds=DEAD_LETTER_SECONDS,
        )
        self._grant_basics()
        self.resource = self._function(concurrency, environment)
        if scaled_by_failover:
            self.resource.lifecycle = TerraformResourceLifecycle(ignore_changes=["reserved_concurrent_executions"])
        self.arn = self.resource.arn
        watch(self, base.pager, self._alarms())

    def allow_invoke(self, id_: str, *, service: str, source_arn: str) -> LambdaPermission:
        """Let one resource of an AWS service invoke the function.

        Returns:
            The permission. What invokes must depend on it, or AWS refuses to attach it.
        """
        return LambdaPermission(
            self,
            id_,
            statement_id=id_,
            action="lambda:InvokeFunction",
            function_name=self.resource.function_name,
            principal=service,
            source_arn=source_arn,
        )

    def _function(self, concurrency: int, environment: Mapping[str, str]) -> LambdaFunction:
        archive = package(self._spec.function, cache=ARCHIVES)
        code = TerraformAsset(self, "code", path=str(archive.path), type=AssetType.FILE, asset_hash=archive.sha256)
        return LambdaFunction(
            self,
            "function",
            function_name=self.name,
            description=f"{self._base.site.names.prefix}: {self._spec.function}",
            filename=code.path,
            source_code_hash=base64.b64encode(bytes.fromhex(archive.sha256)).decode(),
            handler=archive.handler,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            memory_size=self._spec.memory_mb,
            timeout=self._spec.timeout_seconds,
            reserved_concurrent_executions=concurrency,
            role=self.role.arn,
            kms_key_arn=self._base.key.arn,
            environment=LambdaFunctionEnvironment(variables=dict(environment)),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=self.dead_letters.arn),
            logging_config=LambdaFunctionLoggingConfig(
                log_format="JSON", log_group=self.log_group.name, application_log_level="INFO", system_log_level="WARN"
            ),
            vpc_config=LambdaFunctionVpcConfig(
                subnet_ids=self._base.network.private,
                security_group_ids=[self.security_group.id],
            ),
            # Without its permissions the function cannot be created in a VPC, nor take a dead-letter queue.
            depends_on=self.role.grants,
        )

    def _grant_basics(self) -> None:
        """Allow what Lambda itself does in the function's name: log, trace, keep network interfaces, dead letters.

        Tracing and network interfaces have no ARN to name beforehand:
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
        """
        self.role.allow(
            "write-logs",
            Statement(
                sid="Write",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{self.log_group.arn}:*",),
            ),
        )
        self.role.attach("vpc", "service-role/AWSLambdaVPCAccessExecutionRole")
        self.role.attach("trace", "AWSXRayDaemonWriteAccess")
        self.role.allow(
            "send-dead-letters",
            Statement(sid="Send", actions=("sqs:SendMessage",), resources=(self.dead_letters.arn,)),
        )
        self._base.key.grant_use(self.role)

    def _alarms(self) -> list[Alarm]:
        here = {"FunctionName": self.name}
        return [
            Alarm(
                name=f"{self._watched_as}-errors",
                means=FAILS.get(self._watched_as, f"The {self._watched_as} function fails."),
                namespace="AWS/Lambda",
                metric="Errors",
                dimensions=here,
                threshold=0,
                statistic="Sum",
            ),
            Alarm(
                name=f"{self._watched_as}-throttles",
                means="Requests are refused because the reserved concurrency is used up.",
                namespace="AWS/Lambda",
                metric="Throttles",
                dimensions=here,
                threshold=0,
                statistic="Sum",
            ),
            Alarm(
                name=f"{self._watched_as}-duration",
                means=f"One request in a hundred takes more than 80% of the {self._spec.timeout_seconds} s limit.",
                namespace="AWS/Lambda",
                metric="Duration",
                dimensions=here,
                threshold=800 * self._spec.timeout_seconds,
                statistic="p99",
            ),
            Alarm(
                name=f"{self._watched_as}-dead-letters",
                means="Events could not be processed and wait in the dead-letter queue.",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": self._base.site.names.of("queue", self._spec.function, "dead-letters")},
                threshold=0,
                periods=1,
            ),
        ]
