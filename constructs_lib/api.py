"""The public way in without a load balancer: a regional REST API, described by the function's own OpenAPI document."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.api_gateway_base_path_mapping import ApiGatewayBasePathMapping
from cdktf_cdktf_provider_aws.api_gateway_deployment import ApiGatewayDeployment
from cdktf_cdktf_provider_aws.api_gateway_domain_name import (
    ApiGatewayDomainName,
    ApiGatewayDomainNameEndpointConfiguration,
)
from cdktf_cdktf_provider_aws.api_gateway_method_settings import (
    ApiGatewayMethodSettings,
    ApiGatewayMethodSettingsSettings,
)
from cdktf_cdktf_provider_aws.api_gateway_rest_api import ApiGatewayRestApi, ApiGatewayRestApiEndpointConfiguration
from cdktf_cdktf_provider_aws.api_gateway_stage import ApiGatewayStage, ApiGatewayStageAccessLogSettings
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.entry import EntryMetrics, Target, publish_own_name
from constructs_lib.foundation import Foundation
from constructs_lib.function import Function
from constructs_lib.zone import Certificate, Zone
from deployments.model import Service

FUNCTIONS = Path(__file__).parent.parent / "functions"
STAGE = "live"
NAMESPACE = "AWS/ApiGateway"
REQUESTS_PER_SECOND = 1000
LONGEST_MILLISECONDS = 29_000
"""The longest that API Gateway waits for a function:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
BINARY_TYPES = ("application/octet-stream", "application/pdf", "image/jpeg", "image/png", "image/webp")
"""Passed on as bytes. With `*/*` JSON would count as binary, too, and no longer be validated:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html"""
LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "integrationStatus": "$context.integrationStatus",
    "error": "$context.error.message",
    "sourceIp": "$context.identity.sourceIp",
}


class RestApi(Construct):
    """A REST API under the region's own name and the shared one: validated, throttled, logged, traced.

    Access logs need a role that API Gateway has once per account and region; `lifeboat bootstrap` makes it:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: Service,
        function: Function,
        certificate: Certificate,
    ) -> None:
        """Create the API, its stage and its domain names.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The service's part of the description.
            function: What answers every request.
            certificate: Certificate for the region's own name and for the one that failover moves.
        """
        super().__init__(scope, id_)
        self._base = base
        self._spec = spec
        self.api = ApiGatewayRestApi(
            self,
            "api",
            name=base.site.names.of("rest api"),
            body=_document(spec.function, function.resource.invoke_arn),
            put_rest_api_mode="overwrite",
            binary_media_types=list(BINARY_TYPES),
            # The generated name would be a way around the certificate and the failover.
            disable_execute_api_endpoint=True,
            endpoint_configuration=ApiGatewayRestApiEndpointConfiguration(types=["REGIONAL"]),
        )
        permission = function.allow_invoke(
            "api", service="apigateway.amazonaws.com", source_arn=f"{self.api.execution_arn}/*"
        )
        deployment = ApiGatewayDeployment(
            self,
            "deployment",
            rest_api_id=self.api.id,
            # A change of any route makes a new deployment, which is live before the old one goes. The hash is of the
            # function's name: a reference has another text in every synth.
            triggers={"document": hashlib.sha256(_document(spec.function, function.name).encode()).hexdigest()},
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            depends_on=[permission],
        )
        self.stage = self._stage(deployment)
        self._own = self._domain("own", certificate.name, certificate)
        self._shared = self._domain("shared", certificate.shared_name, certificate)
        watch(self, base.pager, self._alarms())

    @cached_property
    def arn(self) -> str:
        """What a firewall is put before."""
        return self.stage.arn

    @cached_property
    def target(self) -> Target:
        """What the shared name's records point to."""
        return Target(name=self._shared.regional_domain_name, zone=self._shared.regional_zone_id)

    @property
    def metrics(self) -> EntryMetrics:
        """What the dashboard shows of it."""
        return EntryMetrics(
            namespace=NAMESPACE,
            dimensions=self._dimensions,
            requests="Count",
            requests_statistic="SampleCount",
            errors={"application": "5XXError"},
        )

    @property
    def _dimensions(self) -> dict[str, str]:
        return {"ApiName": self._base.site.names.of("rest api"), "Stage": STAGE}

    def answer_to(self, zone: Zone, name: str) -> None:
        """Publish the region's own name, which health checks ask and failover never moves."""
        target = Target(name=self._own.regional_domain_name, zone=self._own.regional_zone_id)
        publish_own_name(self, zone, name, target)

    def _stage(self, deployment: ApiGatewayDeployment) -> ApiGatewayStage:
        log_group = CloudwatchLogGroup(
            self,
            "access-logs",
            name=f"/aws/apigateway/{self._base.site.names.of('rest api')}",
            retention_in_days=self._base.site.log_days,
            kms_key_id=self._base.key.arn,
        )
        stage = ApiGatewayStage(
            self,
            "stage",
            rest_api_id=self.api.id,
            deployment_id=deployment.id,
            stage_name=STAGE,
            xray_tracing_enabled=True,
            access_log_settings=ApiGatewayStageAccessLogSettings(
                destination_arn=log_group.arn, format=json.dumps(LOGGED)
            ),
        )
        rate = self._spec.requests_per_second or REQUESTS_PER_SECOND
        ApiGatewayMethodSettings(
            self,
            "settings",
            rest_api_id=self.api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings=ApiGatewayMethodSettingsSettings(
                metrics_enabled=True,
                logging_level="OFF",
                data_trace_enabled=False,
                throttling_rate_limit=rate,
                throttling_burst_limit=2 * rate,
            ),
        )
        return stage

    def _domain(self, label: str, name: str, certificate: Certificate) -> ApiGatewayDomainName:
        domain = ApiGatewayDomainName(
            self,
            f"domain-{label}",
            domain_name=name,
            regional_certificate_arn=certificate.arn,
            security_policy="TLS_1_2",
            endpoint_configuration=ApiGatewayDomainNameEndpointConfiguration(types=["REGIONAL"]),
        )
        ApiGatewayBasePathMapping(
            self,
            f"mapping-{label}",
            api_id=self.api.id,
            domain_name=domain.domain_name,
            stage_name=self.stage.stage_name,
        )
        return domain

    def _alarms(self) -> list[Alarm]:
        return [
            Alarm(
                name="api-5xx",
                means="More than one request in twenty fails in the API or in the application.",
                namespace=NAMESPACE,
                metric="5XXError",
                dimensions=self._dimensions,
                threshold=0.05,
                statistic="Average",
            ),
            Alarm(
                name="api-latency",
                means="One request in a hundred takes more than 80% of the application's time limit.",
                namespace=NAMESPACE,
                metric="Latency",
                dimensions=self._dimensions,
                threshold=0.8 * self._spec.timeout_seconds * 1000,
                statistic="p99",
            ),
        ]


def _document(name: str, uri: str) -> str:
    """Complete the function's OpenAPI document: validate every request, then hand it to the function.

    An operation that brings an integration of its own keeps it, such as a health answer that needs no backend.

    Args:
        name: Folder of the function.
        uri: What API Gateway calls to invoke it.
    """
    document: dict[str, Any] = json.loads((FUNCTIONS / name / "openapi.json").read_text(encoding="utf-8"))
    everything = "everything"
    document["x-amazon-apigateway-request-validators"] = {
        everything: {"validateRequestBody": True, "validateRequestParameters": True}
    }
    document["x-amazon-apigateway-request-validator"] = everything
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": uri,
        "timeoutInMillis": LONGEST_MILLISECONDS,
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.setdefault("x-amazon-apigateway-integration", integration)
    return json.dumps(document, sort_keys=True)
