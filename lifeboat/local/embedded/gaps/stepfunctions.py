"""Step Functions: names of the SDK integration as AWS writes them, and the operations that a deployment asks for."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import datetime

import botocore.session
from botocore.model import Shape
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    ILLEGAL_CUSTOM_ERROR_PREFIX,
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import ExecutionDetails
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.parser.utils import camel_to_snake_case
from moto.stepfunctions.responses import StepFunctionResponse

from lifeboat.local.embedded.gap import Gap

SINGLE = re.compile(r"\$(\.\w+|\[\d+\])*")
"""A path that leads to one value: names and numbers only."""
READ_SECONDS = 10.0
"""Longer than it takes to read a definition."""
WAKE_SECONDS = 2.0
"""Longer than a state that waits needs to notice that it is to stop; one that calls AWS ends with its call."""
ENDS = ("ExecutionAborted", "ExecutionFailed", "ExecutionSucceeded", "ExecutionTimedOut")


def fill_sdk_names() -> None:
    """Take and give members as the SDK for Java spells them: `DbClusterArn`, whatever the API itself says.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """

    def shapes(self: StateTaskServiceAwsSdk) -> tuple[Shape | None, Shape | None]:
        model = botocore.session.get_session().get_service_model(self._get_boto_service_name())
        wanted = self._get_boto_service_action()
        for name in model.operation_names:
            if camel_to_snake_case(name) == wanted:
                operation = model.operation_model(name)
                return operation.input_shape, operation.output_shape
        return None, None

    def take(self: StateTaskServiceAwsSdk, parameters: dict[str, object], *_: object) -> None:
        given = shapes(self)[0]
        if given is not None:
            self._to_boto_request(parameters, given)

    def give(self: StateTaskServiceAwsSdk, response: object, *_: object) -> None:
        shown = shapes(self)[1]
        if shown is not None:
            self._from_boto_response(response, shown)
        _write_times(response)

    StateTaskServiceAwsSdk._normalise_parameters = take
    StateTaskServiceAwsSdk._normalise_response = give
    _spell_errors()


def fill_service_names() -> None:
    """Find the services that botocore calls otherwise than the SDK for Java: `applicationautoscaling`."""
    StateTaskServiceAwsSdk._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES = {
        **StateTaskServiceAwsSdk._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES,
        "applicationautoscaling": "application-autoscaling",
    }


def _write_times(value: object) -> None:
    """Write times as text, in place: answers are JSON."""
    if not isinstance(value, dict | list):
        return
    for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(each, datetime):
            value[key] = each.isoformat().replace("+00:00", "Z")
        else:
            _write_times(each)


def _spell_errors() -> None:
    """Name an error after its service as AWS does: `Ssm.ParameterNotFoundException`."""
    plain = StateTaskServiceAwsSdk._normalise_service_error_name

    def name(service_name: str) -> str:
        found = str(plain(service_name))
        return found[:1].upper() + found[1:]

    StateTaskServiceAwsSdk._normalise_service_error_name = staticmethod(name)


def fill_operations() -> None:
    """Check a definition, and list versions, of which there are none unless they were published."""

    def validate(self: StepFunctionResponse) -> ActionResult:
        try:
            StepFunctionsParserBackend._validate_definition(self._get_param("definition"))
        except AWSError as error:
            complaint = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": str(error)}
            return ActionResult({"result": "FAIL", "diagnostics": [complaint], "truncated": False})
        return ActionResult({"result": "OK", "diagnostics": [], "truncated": False})

    def versions(self: StepFunctionResponse) -> ActionResult:
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        found = [
            {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
            for version in machine.versions.values()
        ]
        return ActionResult({"stateMachineVersions": found})

    StepFunctionResponse.validate_state_machine_definition = validate
    StepFunctionResponse.list_state_machine_versions = versions


def fill_paths() -> None:
    """Give the one value that a path of names and numbers leads to, not a list of it."""
    plain = json_path.extract_json

    def extract_json(path: str, data: object) -> object:
        found = plain(path, data)
        if SINGLE.fullmatch(path) and isinstance(found, list) and not path.endswith("]"):
            matches = json_path.parse(path).find(data)
            return matches[0].value
        return found

    for module in list(sys.modules.values()):
        if getattr(module, "extract_json", None) is plain:
            module.extract_json = extract_json  # type: ignore[attr-defined] # just found there


def fill_context() -> None:
    """Write the start time in the context object as AWS does: ISO 8601 with milliseconds."""
    plain = Execution.get_start_execution_details

    def details(self: Execution) -> ExecutionDetails:
        found = plain(self)
        found.start_time = self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return found

    Execution.get_start_execution_details = details


def fill_causes() -> None:
    """Keep the cause of a task's failure, which moto drops."""

    def send_task_failure(self: StepFunctionResponse) -> EmptyResult:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    StepFunctionResponse.send_task_failure = send_task_failure


def fill_branch_errors() -> None:
    """Let a Parallel state fail with the error of its branch, whoever named it, so that it can be caught."""

    def named(error_name: str | None) -> ErrorName:
        if error_name is not None and error_name.startswith(ILLEGAL_CUSTOM_ERROR_PREFIX):
            return StatesErrorName.from_name(error_name)
        return CustomErrorName(error_name=error_name)

    branches_decl.CustomErrorName = named


def fill_early_stop() -> None:
    """Stop an execution also while its definition is being read, and in the moments around its first state.

    moto tells a program to stop that is not there yet, does not note the end of one that has not reached a state, and
    wakes whoever waits once: who is only about to wait does so to the end.
    """
    plain = ExecutionWorker.stop

    def stop(self: ExecutionWorker, stop_date: datetime, error: str | None, cause: str | None) -> None:
        _until(lambda: _is_in_a_state(self), READ_SECONDS)
        plain(self, stop_date=stop_date, error=error, cause=cause)
        _until(lambda: _has_ended(self), WAKE_SECONDS)

    ExecutionWorker.stop = stop


def _until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)


def _is_in_a_state(worker: ExecutionWorker) -> bool:
    return worker.env is not None and len(worker.env.event_manager.get_event_history()) > 1  # the first: it started


def _has_ended(worker: ExecutionWorker) -> bool:
    _wake(worker.env)
    return worker.env.event_manager.get_event_history()[-1]["type"] in ENDS


def _wake(env: Environment) -> None:
    env.program_state_event.set()
    env.program_state_event.clear()
    for frame in list(env._frames):
        _wake(frame)


GAPS = (
    Gap(
        name="stepfunctions.sdk-names",
        missing="SDK integrations spell as the API does (DBClusterArn), with times that are no JSON.",
        matters="A state machine that is right for AWS would not find what it asks for.",
        fill=fill_sdk_names,
    ),
    Gap(
        name="stepfunctions.service-names",
        missing="SDK integrations of services with a hyphen in botocore's name fail.",
        matters="A failover could not scale containers.",
        fill=fill_service_names,
    ),
    Gap(
        name="stepfunctions.operations",
        missing="ValidateStateMachineDefinition and ListStateMachineVersions do not exist.",
        matters="A stack with a state machine could neither be planned nor destroyed.",
        fill=fill_operations,
    ),
    Gap(
        name="stepfunctions.paths",
        missing="A path through one element of a list, such as $.list[0].name, leads to a list.",
        matters="A machine could not look into the answers of AWS.",
        fill=fill_paths,
    ),
    Gap(
        name="stepfunctions.context",
        missing="The start time in the context object is no text.",
        matters="A machine that orders failovers by their start would fail in its second state.",
        fill=fill_context,
    ),
    Gap(
        name="stepfunctions.causes",
        missing="SendTaskFailure forgets the cause.",
        matters="A failover would not say why the other region refused.",
        fill=fill_causes,
    ),
    Gap(
        name="stepfunctions.branch-errors",
        missing="An error of Step Functions' own in a branch, such as States.Timeout, ends the execution.",
        matters="A failover that was not confirmed in time would neither give writes back nor release its lock.",
        fill=fill_branch_errors,
    ),
    Gap(
        name="stepfunctions.early-stop",
        missing="StopExecution fails while the definition is read, and stops badly what only begins.",
        matters="Who takes a failover back at once could not.",
        fill=fill_early_stop,
    ),
)
