"""Lambda: settings that moto loses, and the ones it has no place for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import unquote

from moto.awslambda import urls
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventInvokeConfig, EventSourceMapping, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.core.utils import iso_8601_datetime_with_nanoseconds
from moto.ec2.models import ec2_backends

from lifeboat.local.embedded.gap import Gap

Document = dict[str, object]
Answer = tuple[int, dict[str, str], str]

# Kept as the caller wrote them, and returned so.
KEPT = ("DeadLetterConfig", "LoggingConfig")

# Set when the function is created, ignored by moto when it is updated.
UPDATED = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config"}


def fill_settings() -> None:
    """Keep dead-letter, logging, key, tracing and storage settings through create, update and read."""
    create, update, read = (
        LambdaFunction.__init__,
        LambdaFunction.update_configuration,
        LambdaFunction.get_configuration,
    )

    def init(self: LambdaFunction, account_id: str, spec: Document, region: str, version: str | int = 1) -> None:
        create(self, account_id, spec, region, version)
        self.settings = {key: spec[key] for key in KEPT if spec.get(key)}

    def update_configuration(self: LambdaFunction, changes: Mapping[str, object]) -> Document:
        self.settings = self.settings | {key: changes[key] for key in KEPT if key in changes}
        for key, attribute in UPDATED.items():
            if key in changes:
                setattr(self, attribute, changes[key])
        storage = changes.get("EphemeralStorage")
        if isinstance(storage, dict):
            self.ephemeral_storage = storage["Size"]
        answer: Document = update(self, changes)
        return answer

    def get_configuration(self: LambdaFunction, on_create: bool = False) -> Document:
        logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
        answer: Document = read(self, on_create)
        kept = {key: value for key, value in self.settings.items() if value != {"TargetArn": ""}}
        return answer | kept | {"LoggingConfig": logging | self.settings.get("LoggingConfig", {})}

    LambdaFunction.__init__ = init
    LambdaFunction.update_configuration = update_configuration
    LambdaFunction.get_configuration = get_configuration


def fill_vpc() -> None:
    """Tell the VPC that the function's subnets are in."""

    def vpc_config(self: LambdaFunction) -> Document | None:
        config: Document | None = self._vpc_config
        subnets = config and config.get("SubnetIds")
        if not config or not isinstance(subnets, list) or not subnets:
            return None
        found = ec2_backends[self.account_id][self.region].describe_subnets(subnet_ids=subnets[:1])
        return config | {"VpcId": found[0].vpc_id}

    LambdaFunction.vpc_config = property(vpc_config)


def fill_reserved_concurrency_shown() -> None:
    """Show a reserved concurrency of 0, which moto takes for none."""
    read = LambdaFunction.get_code

    def get_code(self: LambdaFunction) -> Document:
        answer: Document = read(self)
        if self.reserved_concurrency is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": int(self.reserved_concurrency)}
        return answer

    LambdaFunction.get_code = get_code


def fill_event_invoke_config() -> None:
    """Let a second configuration replace the first instead of being kept behind it."""

    def put(self: LambdaBackend, function_name: str, config: Document) -> Document:
        fn = self.get_function(function_name)
        replacement = EventInvokeConfig(fn.function_arn, fn.last_modified, config)
        fn.event_invoke_config[:] = [replacement]
        answer: Document = replacement.response()
        return answer

    LambdaBackend.put_function_event_invoke_config = put


class Provisioned(TypedDict):
    """Provisioned concurrency of one alias or version."""

    count: int
    since: str


class NoProvisionedConcurrencyError(LambdaClientError):  # type: ignore[misc] # moto publishes no types
    """Asked for provisioned concurrency where there is none."""

    code = 404

    def __init__(self) -> None:
        message = "No Provisioned Concurrency Config found for this function"
        super().__init__("ProvisionedConcurrencyConfigNotFoundException", message)


def fill_provisioned_concurrency() -> None:
    """Add the operations on provisioned concurrency; it is ready at once."""
    path = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
    urls.url_paths[path] = LambdaResponse.dispatch

    def of(self: LambdaResponse) -> tuple[dict[str, Provisioned], str]:
        qualifier = self._get_param("Qualifier")
        fn = self.backend.get_function(unquote(self.path.rsplit("/", 2)[-2]), qualifier)
        return fn.provisioned, qualifier

    def put(self: LambdaResponse) -> Answer:
        provisioned, qualifier = of(self)
        count = int(self._get_param("ProvisionedConcurrentExecutions"))
        provisioned[qualifier] = {"count": count, "since": iso_8601_datetime_with_nanoseconds()}
        return _provisioned_answer(202, provisioned[qualifier])

    def get(self: LambdaResponse) -> Answer:
        provisioned, qualifier = of(self)
        if qualifier not in provisioned:
            raise NoProvisionedConcurrencyError
        return _provisioned_answer(200, provisioned[qualifier])

    def delete(self: LambdaResponse) -> Answer:
        provisioned, qualifier = of(self)
        provisioned.pop(qualifier, None)
        return 204, {}, ""

    create = LambdaFunction.__init__

    def init(self: LambdaFunction, account_id: str, spec: Document, region: str, version: str | int = 1) -> None:
        create(self, account_id, spec, region, version)
        self.provisioned = {}  # by qualifier; a published version shares it with $LATEST

    LambdaFunction.__init__ = init
    LambdaResponse.put_provisioned_concurrency_config = put
    LambdaResponse.get_provisioned_concurrency_config = get
    LambdaResponse.delete_provisioned_concurrency_config = delete


def _provisioned_answer(status: int, kept: Provisioned) -> Answer:
    body = {
        "RequestedProvisionedConcurrentExecutions": kept["count"],
        "AvailableProvisionedConcurrentExecutions": kept["count"],
        "AllocatedProvisionedConcurrentExecutions": kept["count"],
        "Status": "READY",
        "LastModified": kept["since"],
    }
    return status, {}, json.dumps(body)


def fill_event_source_alias() -> None:
    """Return the alias that an event source mapping was made for, not the version behind it."""
    create, read = EventSourceMapping.__init__, EventSourceMapping.get_configuration

    def init(self: EventSourceMapping, spec: Mapping[str, str]) -> None:
        create(self, spec)
        self.asked_for = spec["FunctionName"]

    def get_configuration(self: EventSourceMapping) -> Document:
        answer: Document = read(self)
        qualified = self.asked_for.startswith("arn:") and self.asked_for.count(":") == 7
        return answer | {"FunctionArn": self.asked_for} if qualified else answer

    EventSourceMapping.__init__ = init
    EventSourceMapping.get_configuration = get_configuration


GAPS = (
    Gap(
        name="lambda.settings",
        missing="Dead-letter queue and logging are lost; key, tracing and storage cannot be changed.",
        matters="Every plan would show the same change again.",
        fill=fill_settings,
    ),
    Gap(
        name="lambda.vpc",
        missing="A function in subnets says that it is in vpc-123abc.",
        matters="Nobody could check that the function is in the network it belongs to.",
        fill=fill_vpc,
    ),
    Gap(
        name="lambda.reserved_zero",
        missing="A reserved concurrency of 0 reads back as none.",
        matters="A fenced writer would look like a free one, and every plan would fence it again.",
        fill=fill_reserved_concurrency_shown,
    ),
    Gap(
        name="lambda.event_invoke_config",
        missing="Changing retries or destinations leaves the first ones in force.",
        matters="Every plan after a change would show it again.",
        fill=fill_event_invoke_config,
    ),
    Gap(
        name="lambda.provisioned_concurrency",
        missing="The operations do not exist.",
        matters="A stack with warm capacity in the standby could not be applied.",
        fill=fill_provisioned_concurrency,
    ),
    Gap(
        name="lambda.event_source_alias",
        missing="A mapping to an alias reads back as a mapping to a version.",
        matters="Every plan would replace the mapping.",
        fill=fill_event_source_alias,
    ),
)
