"""Runs Lambda functions: one isolated process per invocation, with AWS's time limit, errors and log lines.

Knows nothing of moto. What is not imitated: memory limits, concurrency of one environment, warm starts (module state
is fresh at every invocation), and the interpreter, which is the one that runs the embedded AWS.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lifeboat.local.embedded.lambda_code import CodeFolder
from lifeboat.local.embedded.lambda_processes import PROCESSES, launched
from lifeboat.local.embedded.postgres.fleet import FLEET

# Time to load a function before it is called: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
SECONDS_TO_LOAD = 10.0

CODE = CodeFolder()


class UnsupportedRuntimeError(Exception):
    """The function is not for a Python runtime, or comes as a container image."""


def _trusted_databases() -> dict[str, str]:
    """Name the authority of the embedded RDS, as PostgreSQL's own clients take it; empty when there is none."""
    certificate = FLEET.certificate
    return {"PGSSLROOTCERT": str(certificate)} if certificate else {}


@dataclass(frozen=True, kw_only=True)
class Function:
    """One version of a function.

    Attributes:
        name: Function name without qualifier.
        version: `$LATEST` or a number.
        arn: As invoked, qualifier included.
        region: Region it runs in.
        runtime: Such as `python3.13`; empty for a container image.
        handler: `module.function`.
        archive: The deployment package.
        layers: Archives of its layers, first one found first.
        environment: Its own variables.
        memory: Megabytes; told to the function, not enforced.
        timeout: Seconds.
        log_group: Where its log lines go.
        log_format: `Text` or `JSON`.
    """

    name: str
    version: str
    arn: str
    region: str
    runtime: str
    handler: str
    archive: bytes
    layers: tuple[bytes, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128
    timeout: float = 3
    log_group: str = ""
    log_format: str = "Text"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an invocation came to.

    Attributes:
        request_id: AWS request id.
        payload: JSON: the handler's result, or the error document.
        error: Whether the invocation failed.
        log: Lines from START to REPORT.
        log_stream: Name of the stream that the function was told.
    """

    request_id: str
    payload: str
    error: bool
    log: tuple[str, ...]
    log_stream: str

    @property
    def message(self) -> str:
        """The error's message; empty when there was none."""
        return str(json.loads(self.payload).get("errorMessage", "")) if self.error else ""


def end_all() -> None:
    """End every function that is running and forget the unpacked code."""
    PROCESSES.end_all()
    CODE.remove()


def run(function: Function, event: str) -> Outcome:
    """Invoke a function with a JSON event and wait for its end.

    Raises:
        UnsupportedRuntimeError: It is not a Python function.
    """
    check_runtime(function)
    return Invocation(function, event).run()


def check_runtime(function: Function) -> None:
    """See that a function can be run here.

    Raises:
        UnsupportedRuntimeError: It is not a Python function.
    """
    if not function.runtime.startswith("python"):
        what = f"runtime {function.runtime}" if function.runtime else "a container image"
        raise UnsupportedRuntimeError(f"the embedded AWS runs Python functions only; {function.name} is {what}")


class Invocation:
    """One call of one function, in one process."""

    def __init__(self, function: Function, event: str) -> None:
        self._function = function
        self._event = event
        self._request_id = str(uuid.uuid4())
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self._log_stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"
        self._seconds = 0.0
        self._out_of_time = False

    def run(self) -> Outcome:
        """Start the process, wait for its result or its time limit, and collect its log."""
        with tempfile.TemporaryFile() as log:
            read_end, write_end = os.pipe()
            with open(read_end, "rb", buffering=0) as results:  # noqa: PTH123 - a pipe has no path
                process = self._start(log, write_end)
                os.close(write_end)
                result, loaded = self._wait(results)
                # A process that closed its pipe is about to leave; one that ran out of time is not.
                status = PROCESSES.end(process, patience=0 if self._out_of_time else 1)
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").splitlines()
        payload, error, peak = self._judge(result, loaded=loaded, status=status)
        return Outcome(
            request_id=self._request_id,
            payload=payload,
            error=error,
            log=self._framed(lines, payload if error and not result else "", peak),
            log_stream=self._log_stream,
        )

    def _start(self, log: IO[bytes], result_fd: int) -> subprocess.Popen[bytes]:
        folder = CODE.unpacked(self._function.archive)
        order = self._order(folder, result_fd)
        return launched(folder, self._environment(folder), order, log, result_fd)

    def _order(self, folder: Path, result_fd: int) -> dict[str, str]:
        layers = [str(CODE.unpacked(layer) / "python") for layer in self._function.layers]
        return {
            "event": self._event,
            "request_id": self._request_id,
            "invoked_function_arn": self._function.arn,
            "seconds": str(self._function.timeout),
            "task_root": str(folder),
            "import_path": os.pathsep.join([*layers, str(CODE.libraries)]),
            "result_fd": str(result_fd),
        }

    def _environment(self, folder: Path) -> dict[str, str]:
        function = self._function
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": tempfile.gettempdir(),
            **function.environment,
            "_HANDLER": function.handler,
            # Tells its calls from those of everybody else, and of which region it is.
            "AWS_ACCESS_KEY_ID": f"function-{function.region}",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self._log_stream,
            "AWS_LAMBDA_LOG_FORMAT": function.log_format,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(folder),
            "LAMBDA_RUNTIME_DIR": str(CODE.libraries),
            # Not in AWS: the way back to the embedded AWS, and no search for credentials on the machine's network.
            "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            "AWS_EC2_METADATA_DISABLED": "true",
            **_trusted_databases(),
        }

    def _wait(self, results: IO[bytes]) -> tuple[str, bool]:
        """Return the result line (empty when none came in time) and whether the handler was loaded."""
        content = b""
        started = time.monotonic()
        deadline = started + SECONDS_TO_LOAD
        loaded = False
        with selectors.DefaultSelector() as selector:
            selector.register(results, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0 and selector.select(left):
                chunk = results.read(65536)
                if not chunk:
                    break
                content += chunk
                if content.endswith(b"\n") and content.removeprefix(b"ready\n"):
                    break
                if not loaded and content.startswith(b"ready\n"):
                    loaded, started = True, time.monotonic()
                    deadline = started + self._function.timeout
        self._seconds = time.monotonic() - started
        self._out_of_time = time.monotonic() >= deadline
        complete = content.removeprefix(b"ready\n")
        return (complete.decode() if complete.endswith(b"\n") else ""), loaded

    def _judge(self, result: str, *, loaded: bool, status: int) -> tuple[str, bool, int]:
        """Return payload, whether it is an error, and the peak memory in kilobytes."""
        if result:
            document = json.loads(result)
            return str(document["payload"]), bool(document["error"]), int(document["peak_kb"])
        limit = float(self._function.timeout) if loaded else SECONDS_TO_LOAD
        if self._out_of_time:
            kind, message = "Sandbox.Timedout", f"Task timed out after {limit:.2f} seconds"
        elif status:
            kind, message = "Runtime.ExitError", f"Runtime exited with error: exit status {status}"
        else:
            kind, message = "Runtime.ExitError", "Runtime exited without providing a reason"
        error = {"errorType": kind, "errorMessage": f"RequestId: {self._request_id} Error: {message}"}
        return json.dumps(error), True, 0

    def _framed(self, lines: list[str], broken: str, peak_kb: int) -> tuple[str, ...]:
        """Put AWS's own lines around those of the function."""
        request, function = self._request_id, self._function
        milliseconds = self._seconds * 1000
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        ended = [f"{stamp} {request} {json.loads(broken)['errorMessage'].split(' Error: ')[1]}"] if broken else []
        return (
            f"START RequestId: {request} Version: {function.version}",
            *lines,
            *ended,
            f"END RequestId: {request}",
            f"REPORT RequestId: {request}\tDuration: {milliseconds:.2f} ms\t"
            f"Billed Duration: {int(milliseconds) + 1} ms\tMemory Size: {function.memory} MB\t"
            f"Max Memory Used: {peak_kb // 1024} MB",
        )
