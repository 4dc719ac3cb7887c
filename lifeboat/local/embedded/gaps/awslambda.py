"""Lambda: functions really run, synchronously and asynchronously, within their concurrency."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import TypedDict
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend
from moto.core.utils import unix_time_millis
from moto.logs.exceptions import ResourceAlreadyExistsException

from lifeboat.local.embedded import lambda_events, lambda_runtime, lambda_warm
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.lambda_runtime import Function, Outcome, UnsupportedRuntimeError

Headers = MutableMapping[str, str]

LOG_TAIL_BYTES = 4096


class EventChoices(TypedDict, total=False):
    """A function's own choices for asynchronous invocations, as its caller wrote them."""

    MaximumRetryAttempts: int
    DestinationConfig: dict[str, dict[str, str]]


class TooManyRequestsError(LambdaClientError):  # type: ignore[misc] # moto publishes no types
    """The function's reserved concurrency is used up."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


class InvalidRuntimeError(LambdaClientError):  # type: ignore[misc] # moto publishes no types
    """The embedded AWS cannot run this function."""

    code = 502

    def __init__(self, message: str) -> None:
        super().__init__("InvalidRuntimeException", message)


class Concurrency:
    """How many invocations of each function run now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def slot(self, name: str, limit: int | None) -> Iterator[None]:
        """Hold one of the function's slots; no limit without reserved concurrency.

        Raises:
            TooManyRequestsError: All slots are taken.
        """
        with self._lock:
            if limit is not None and self._running[name] >= limit:
                raise TooManyRequestsError
            self._running[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[name] -= 1


CONCURRENCY = Concurrency()


def latest_of(fn: LambdaFunction) -> LambdaFunction:
    """Return `$LATEST` of a function: what is set for the whole function is kept there."""
    return get_backend(fn.account_id, fn.region).get_function(fn.function_name, None)


def described(fn: LambdaFunction, qualifier: str | None) -> Function:
    """Return what the runtime needs to know of moto's function."""
    backend = get_backend(fn.account_id, fn.region)
    logging = getattr(fn, "settings", {}).get("LoggingConfig", {})
    arn = latest_of(fn).function_arn
    layers = (backend.layers_versions_by_arn(layer["Arn"]) for layer in fn.layers)
    return Function(
        name=fn.function_name,
        version="$LATEST" if fn is latest_of(fn) else str(fn.version),
        arn=f"{arn}:{qualifier}" if qualifier else arn,
        region=fn.region,
        runtime=fn.run_time or "",
        handler=fn.handler or "",
        archive=getattr(fn, "code_bytes", b""),
        layers=tuple(layer.code_bytes for layer in layers if layer),
        environment=fn.environment_vars,
        memory=int(fn.memory_size),
        timeout=float(fn.timeout),
        log_group=logging.get("LogGroup") or f"/aws/lambda/{fn.function_name}",
        log_format=logging.get("LogFormat", "Text"),
    )


def write_log(fn: LambdaFunction, function: Function, outcome: Outcome) -> None:
    """Put an invocation's lines into its log group, which AWS too creates when it is missing."""
    logs = fn.logs_backend
    logs.ensure_log_group(function.log_group)
    with suppress(ResourceAlreadyExistsException):  # a kept environment goes on with its stream
        logs.create_log_stream(function.log_group, outcome.log_stream)
    now = int(unix_time_millis())
    events = [{"timestamp": now, "message": line} for line in outcome.log]
    logs.put_log_events(function.log_group, outcome.log_stream, events)


def run(fn: LambdaFunction, qualifier: str | None, event: str) -> Outcome:
    """Run one invocation to its end, within the function's reserved concurrency.

    Raises:
        TooManyRequestsError: The reserved concurrency is used up.
        InvalidRuntimeError: It is not a Python function.
    """
    function = described(fn, qualifier)
    reserved = latest_of(fn).reserved_concurrency
    name = f"{fn.account_id}/{fn.region}/{fn.function_name}"
    try:
        with CONCURRENCY.slot(name, None if reserved is None else int(reserved)):
            run_once = lambda_warm.run if lambda_warm.WARMTH.is_on else lambda_runtime.run
            outcome = run_once(function, event)
    except UnsupportedRuntimeError as error:
        raise InvalidRuntimeError(str(error)) from error
    write_log(fn, function, outcome)
    return outcome


def run_later(fn: LambdaFunction, qualifier: str | None, event: str) -> None:
    """Queue an asynchronous invocation: retries and destinations are the function's own."""
    latest = latest_of(fn)
    configured: list[EventChoices] = [config.config for config in latest.event_invoke_config]
    choices = configured[0] if configured else EventChoices()
    queued = lambda_events.Queued(
        function_arn=described(fn, qualifier).arn,
        region=fn.region,
        event=event,
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html: 0 sends straight to the queue
        attempts=0 if latest.reserved_concurrency == 0 else 1 + choices.get("MaximumRetryAttempts", 2),
        dead_letters=latest.settings.get("DeadLetterConfig", {}).get("TargetArn", ""),
        destinations={
            kind: target["Destination"]
            for kind, target in choices.get("DestinationConfig", {}).items()
            if target.get("Destination")
        },
    )
    lambda_events.process(queued, lambda: run(fn, qualifier, event))


def invoke(fn: LambdaFunction, qualifier: str | None, body: str | bytes, request: Headers, response: Headers) -> str:
    """Answer the Invoke operation; an event that is not given is an empty object."""
    event = (body.decode("utf-8") if isinstance(body, bytes) else body) or "{}"
    kind = request.get("X-Amz-Invocation-Type") or request.get("x-amz-invocation-type") or "RequestResponse"
    if kind == "DryRun":
        return ""
    if kind == "Event":
        run_later(fn, qualifier, event)
        return ""
    outcome = run(fn, qualifier, event)
    response["x-amz-executed-version"] = described(fn, qualifier).version
    tail = "\n".join(outcome.log).encode()[-LOG_TAIL_BYTES:]
    response["x-amz-log-result"] = base64.b64encode(tail + b"\n").decode()
    if outcome.error:
        response["x-amz-function-error"] = "Unhandled"
    return outcome.payload


def invoke_by_service(fn: LambdaFunction, body: str, request: Headers, response: Headers) -> str:
    """Answer a service that calls a function inside moto, for example an event source mapping."""
    return invoke(fn, None, body, request, response)


def invoke_by_name(  # noqa: PLR0917 - moto's signature
    backend: LambdaBackend,
    function_name: str,
    qualifier: str | None,
    body: str | bytes,
    headers: Headers,
    response_headers: Headers,
) -> bytes:
    """Answer Invoke for a name or ARN, whose own qualifier wins."""
    name = function_name.rsplit(":function:", 1)[-1]
    qualifier = name.split(":")[1] if ":" in name else qualifier
    fn = backend.get_function(function_name, qualifier)
    payload = invoke(fn, qualifier, body, headers, response_headers).encode()
    response_headers["Content-Length"] = str(len(payload))
    return payload


def answer_invoke(request: LambdaResponse) -> tuple[int, dict[str, str], bytes]:
    """Answer the Invoke request with its qualifier, which moto looks for under a name that clients do not use."""
    name, headers = unquote(request.path.rsplit("/", 2)[-2]), dict[str, str]()
    qualifier = request._get_param("Qualifier")
    payload = request.backend.invoke(name, qualifier, request.body, request.headers, headers)
    if request.headers.get("X-Amz-Log-Type") != "Tail":
        headers.pop("x-amz-log-result", None)
    status = {"Event": 202, "DryRun": 204}.get(request.headers.get("X-Amz-Invocation-Type", ""), 200)
    return status, headers | {"content-type": "application/json", "status": str(status)}, payload


def fill_runs() -> None:
    """Run functions in processes instead of containers."""
    LambdaResponse.invoke = answer_invoke
    LambdaFunction.invoke = invoke_by_service
    LambdaBackend.invoke = invoke_by_name


GAPS = (
    Gap(
        name="lambda.runs",
        missing="Invoking needs Docker; events go nowhere when they fail; reserved concurrency is never applied.",
        matters="Rotation, health endpoints, dead-letter queues and fencing would be deployed without being tried.",
        fill=fill_runs,
    ),
)
