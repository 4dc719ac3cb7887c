"""What runs inside the process of one Lambda invocation: loads the handler, calls it, writes its result.

Started as a script by `lambda_runtime`, isolated from the server's interpreter, and therefore standard library only.
It reads one line of JSON from standard input (see `lambda_runtime.order`), writes `ready` to the result pipe when the
handler is loaded, then one line of JSON: `{"error": bool, "payload": any, "peak_kb": int}`. An environment that is kept
does so again for every further line.
"""

from __future__ import annotations

import decimal
import importlib
import json
import logging
import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import NoReturn, TextIO

Json = object
Handler = Callable[[Json, "Context"], Json]


class Failure(Exception):  # noqa: N818 - not an error of this program: what AWS reports about the function
    """An invocation that failed, as AWS tells it to the caller."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.trace = kind, message, trace or []


class Context:
    """The second argument of every handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    identity = None
    client_context = None

    def __init__(self, facts: dict[str, str], seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self.aws_request_id = facts["request_id"]
        self.invoked_function_arn = facts["invoked_function_arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before the function's time limit; 0 when it is over."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class JsonFormatter(logging.Formatter):
    """Log records as objects, for functions whose log format is JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one record as one line."""
        entry = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": getattr(record, "aws_request_id", ""),
        }
        return json.dumps(entry)


def set_up_logging(current: dict[str, str]) -> None:
    """Install the root handler that AWS's Python runtime installs; it stamps the request that `current` names."""

    def stamp(record: logging.LogRecord) -> bool:
        record.aws_request_id = current["request_id"]
        return True

    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(stamp)
    root = logging.getLogger()
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonFormatter())
        root.setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO"))
    else:
        layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        formatter = logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
    root.addHandler(handler)


def load(name: str) -> Handler:
    """Return the handler called `module.function`.

    Raises:
        Failure: The module cannot be imported, or has no such function.
    """
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Failure("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise Failure("Runtime.UserCodeSyntaxError", message) from error
    except Exception as error:
        raise blame(error, error.__traceback__) from error
    handler: Handler | None = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Failure("Runtime.HandlerNotFound", message)
    return handler


def blame(error: BaseException, trace: TracebackType | None) -> Failure:
    """Describe what the function raised, without the frames of this file and of the import system."""
    frames = [
        frame
        for frame in traceback.extract_tb(trace)
        if frame.filename != __file__ and not frame.filename.startswith("<frozen")
    ]
    return Failure(type(error).__name__, str(error), traceback.format_list(frames))


def to_json(value: Json) -> str:
    """Return a handler's result as JSON.

    Raises:
        Failure: It holds something that JSON has no form for.
    """

    def default(item: object) -> float:
        if isinstance(item, decimal.Decimal):
            return float(item)
        raise TypeError(f"{item!r} is not JSON serializable")

    try:
        return json.dumps(value, ensure_ascii=False, default=default)
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def invoke(order: dict[str, str], results: TextIO) -> str:
    """Load and call the handler; return its result as JSON.

    Raises:
        Failure: It could not be loaded, raised, or returned something that is not JSON.
    """
    handler = load(os.environ["_HANDLER"])
    results.write("ready\n")
    results.flush()
    context = Context(order, float(order["seconds"]))
    try:
        result = handler(json.loads(order["event"]), context)
    except Exception as error:
        raise blame(error, error.__traceback__) from error
    return to_json(result)


def end_with_the_server() -> None:
    """End this process as soon as standard input closes, which is when the server is gone."""
    sys.stdin.read()
    os._exit(1)


def report(failure: Failure, request_id: str) -> str:
    """Write the failure to the log as AWS does and return the error payload."""
    payload = {
        "errorMessage": failure.message,
        "errorType": failure.kind,
        "requestId": request_id,
        "stackTrace": failure.trace,
    }
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        sys.stdout.write(json.dumps({"log_level": "ERROR", **payload}) + "\n")
    else:
        head = f"[ERROR] {failure.kind}: {failure.message}\n"
        trace = "Traceback (most recent call last):\n" + "".join(failure.trace) if failure.trace else ""
        sys.stdout.write(head + trace)
    return json.dumps(payload)


def main() -> NoReturn:
    """Run one invocation, or several in a kept environment; end without waiting for what the function left running."""
    order: dict[str, str] = json.loads(sys.stdin.readline())
    is_kept = order.get("kept") == "yes"
    if not is_kept:  # a kept one sees the end of its input when it waits for the next invocation
        threading.Thread(target=end_with_the_server, daemon=True).start()
    with open(int(order["result_fd"]), "w", encoding="utf-8") as results:  # noqa: PTH123 - a pipe has no path
        sys.path[:0] = [order["task_root"]]
        sys.path.extend(order["import_path"].split(os.pathsep))
        current = dict(order)
        set_up_logging(current)
        answer(order, results)
        for line in sys.stdin if is_kept else ():
            order = json.loads(line)
            current.update(order)
            answer(order, results)
    os._exit(0)  # as AWS freezes the environment: threads of the function do not run on


def answer(order: dict[str, str], results: TextIO) -> None:
    """Run one invocation and write its result."""
    error = False
    try:
        payload = invoke(order, results)
    except Failure as failure:
        error = True
        payload = report(failure, order["request_id"])
    sys.stdout.flush()
    sys.stderr.flush()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results.write(json.dumps({"error": error, "payload": payload, "peak_kb": peak}) + "\n")
    results.flush()


if __name__ == "__main__":
    main()
