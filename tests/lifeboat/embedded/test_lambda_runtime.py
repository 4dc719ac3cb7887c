"""A function runs as it would in AWS: its environment, its limits, its errors, its log."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws, eventually
from tests.lifeboat.embedded.functions import function, invoked, zipped

ECHO = "def handler(event, context): return event"


def check_runs(aws: Aws) -> None:
    name = function(aws, ECHO)
    answer = aws("lambda").invoke(FunctionName=name, Payload='{"a": [1, "ä"]}'.encode())
    assert "FunctionError" not in answer
    assert json.loads(answer["Payload"].read()) == {"a": [1, "ä"]}


def test_a_function_sees_its_own_variables_and_nothing_of_the_servers(embedded_aws: Aws) -> None:
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    name = function(embedded_aws, source, Environment={"Variables": {"STAGE": "dev"}}, MemorySize=256)
    seen, _ = invoked(embedded_aws, name)
    assert isinstance(seen, dict)
    told = {key: seen[key] for key in seen if key.startswith("AWS_LAMBDA_FUNCTION") or key == "STAGE"}
    assert told == {
        "STAGE": "dev",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    }
    assert seen["AWS_REGION"] == "us-east-1"
    assert seen["AWS_ENDPOINT_URL"] == embedded_aws.url
    assert not [key for key in seen if key.startswith(("MOTO_", "PYTEST_", "PYTHON", "VIRTUAL_ENV"))]


def test_the_context_tells_who_is_called_and_how_long_it_may_run(embedded_aws: Aws) -> None:
    source = """
        def handler(event, context):
            names = ("aws_request_id", "function_name", "function_version", "memory_limit_in_mb",
                     "invoked_function_arn", "log_group_name", "log_stream_name")
            return {n: getattr(context, n) for n in names} | {"left": context.get_remaining_time_in_millis()}
    """
    name = function(embedded_aws, source)
    client = embedded_aws("lambda")
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    seen, answer = invoked(embedded_aws, name, Qualifier="live")
    assert isinstance(seen, dict)
    assert seen["function_version"] == answer["ExecutedVersion"] == "1"
    assert seen["invoked_function_arn"] == f"arn:aws:lambda:us-east-1:123456789012:function:{name}:live"
    assert seen["log_group_name"] == f"/aws/lambda/{name}"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[1\][0-9a-f]{32}", seen["log_stream_name"])
    assert seen["memory_limit_in_mb"] == "128"
    assert 9_000 < seen["left"] <= 10_000


USES_THE_SDK = """
import boto3, botocore, s3transfer, jmespath, urllib3, dateutil, six
def handler(event, context): return boto3.client("sts").get_caller_identity()["Account"]
"""


def quickest(run: Callable[[], object]) -> float:
    """Return the seconds of the quickest of three runs."""

    def seconds() -> float:
        started = time.monotonic()
        run()
        return time.monotonic() - started

    return min(seconds() for _ in range(3))


def test_the_sdk_is_there_and_costs_no_more_than_in_a_process_of_its_own(embedded_aws: Aws) -> None:
    name = function(embedded_aws, USES_THE_SDK)
    assert invoked(embedded_aws, name)[0] == "123456789012"
    alone = [sys.executable, "-c", f"{USES_THE_SDK}\nassert handler(None, None) == '123456789012'"]
    told = os.environ | {
        "AWS_ENDPOINT_URL": embedded_aws.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    baseline = quickest(lambda: subprocess.run(alone, check=True, env=told))  # noqa: S603 - ours
    assert quickest(lambda: invoked(embedded_aws, name)) < 2 * baseline


@pytest.mark.parametrize("module", ["pydantic", "moto", "lifeboat", "yaml", "requests"])
def test_what_is_not_packaged_cannot_be_imported(embedded_aws: Aws, module: str) -> None:
    name = function(embedded_aws, f"import {module}\ndef handler(event, context): pass")
    payload, answer = invoked(embedded_aws, name)
    assert answer["FunctionError"] == "Unhandled"
    assert isinstance(payload, dict)
    assert payload["errorType"] == "Runtime.ImportModuleError"
    assert payload["errorMessage"] == f"Unable to import module 'app': No module named '{module}'"


def test_an_exception_comes_back_with_its_type_and_the_functions_own_frames(embedded_aws: Aws) -> None:
    source = "def handler(event, context):\n    raise LookupError('no patient ' + event['id'])\n"
    payload, answer = invoked(embedded_aws, function(embedded_aws, source), {"id": "7"})
    assert answer["FunctionError"] == "Unhandled"
    assert isinstance(payload, dict)
    assert (payload["errorType"], payload["errorMessage"]) == ("LookupError", "no patient 7")
    assert len(payload["stackTrace"]) == 1
    assert "line 2, in handler" in payload["stackTrace"][0]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("def other(): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "def handler(e, c): return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: {1, 2} is not JSON serializable",
        ),
        (
            "import os\ndef handler(e, c): os._exit(3)",
            "Runtime.ExitError",
            "Error: Runtime exited with error: exit status 3",
        ),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': invalid syntax"),
    ],
)
def test_each_way_to_fail_has_awss_own_error(embedded_aws: Aws, source: str, kind: str, message: str) -> None:
    payload, answer = invoked(embedded_aws, function(embedded_aws, source))
    assert answer["FunctionError"] == "Unhandled"
    assert isinstance(payload, dict)
    assert payload["errorType"] == kind
    assert message in payload["errorMessage"]


def test_a_function_is_ended_at_its_time_limit(embedded_aws: Aws) -> None:
    name = function(embedded_aws, "import time\ndef handler(e, c): time.sleep(60)", Timeout=1)
    started = time.monotonic()
    payload, answer = invoked(embedded_aws, name, LogType="Tail")
    assert 1 <= time.monotonic() - started < 30  # of the 60 that it would sleep
    assert answer["FunctionError"] == "Unhandled"
    assert isinstance(payload, dict)
    assert re.fullmatch(r"RequestId: \S+ Error: Task timed out after 1\.00 seconds", payload["errorMessage"])
    assert "Task timed out after 1.00 seconds" in base64.b64decode(answer["LogResult"]).decode()


def test_the_log_tail_and_the_log_group_hold_what_the_function_wrote(embedded_aws: Aws) -> None:
    source = """
        import logging, sys
        def handler(event, context):
            print("printed")
            print("to stderr", file=sys.stderr)
            logging.getLogger().error("logged")
    """
    name = function(embedded_aws, source)
    _, answer = invoked(embedded_aws, name, LogType="Tail")
    request = answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-log-result"]
    lines = base64.b64decode(request).decode().splitlines()
    assert re.fullmatch(r"START RequestId: \S+ Version: \$LATEST", lines[0])
    assert {"printed", "to stderr"} <= set(lines)
    assert [line for line in lines if re.fullmatch(r"\[ERROR\]\t\S+Z\t\S+\tlogged", line)]
    assert re.match(r"END RequestId: \S+", lines[-2])
    report = r"REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Mem"
    assert re.match(report, lines[-1])
    events = embedded_aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert [event["message"] for event in events] == lines


def test_the_log_group_of_the_logging_config_is_used_and_json_is_json(embedded_aws: Aws) -> None:
    group = embedded_aws.name("/custom")
    source = "import logging\ndef handler(e, c): logging.getLogger('shop').warning('low %s', 'stock')"
    logging = {"LogFormat": "JSON", "LogGroup": group}
    invoked(embedded_aws, function(embedded_aws, source, LoggingConfig=logging))
    messages = [e["message"] for e in embedded_aws("logs").filter_log_events(logGroupName=group)["events"]]
    record = json.loads(next(message for message in messages if "stock" in message))
    assert {key: record[key] for key in ("level", "message", "logger")} == {
        "level": "WARNING",
        "message": "low stock",
        "logger": "shop",
    }


def test_an_event_that_keeps_failing_ends_in_the_dead_letter_queue(embedded_aws: Aws) -> None:
    sqs = embedded_aws("sqs")
    url = sqs.create_queue(QueueName=embedded_aws.name("dead"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = "def handler(event, context): raise ValueError('no')"
    name = function(embedded_aws, source, DeadLetterConfig={"TargetArn": arn})
    answer = embedded_aws("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"order": 1}')
    assert answer["StatusCode"] == 202

    def receive() -> list[dict[str, object]]:
        found: list[dict[str, object]] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get(
            "Messages", []
        )
        return found

    (message,) = eventually(receive)
    assert json.loads(str(message["Body"])) == {"order": 1}
    attributes = message["MessageAttributes"]
    assert isinstance(attributes, dict)
    assert attributes["ErrorMessage"]["StringValue"] == "no"
    runs = embedded_aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="START RequestId")[
        "events"
    ]
    assert len([event for event in runs if event["message"].startswith("START")]) == 3


def test_an_event_goes_to_the_destination_of_its_outcome(embedded_aws: Aws) -> None:
    sqs, client = embedded_aws("sqs"), embedded_aws("lambda")
    url = sqs.create_queue(QueueName=embedded_aws.name("done"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = function(embedded_aws, ECHO)
    client.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}})
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"order": 2}')
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages", []))
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"] == {"order": 2}


def test_reserved_concurrency_of_0_refuses_every_call_until_it_is_lifted(embedded_aws: Aws) -> None:
    client = embedded_aws("lambda")
    name = function(embedded_aws, ECHO)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName=name)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    client.delete_function_concurrency(FunctionName=name)
    assert invoked(embedded_aws, name, 1)[0] == 1


def test_new_code_is_what_runs_next(embedded_aws: Aws) -> None:
    name = function(embedded_aws, "def handler(e, c): return 'old'")
    assert invoked(embedded_aws, name)[0] == "old"
    code = zipped(app="def handler(e, c): return 'new'")
    embedded_aws("lambda").update_function_code(FunctionName=name, ZipFile=code)
    assert invoked(embedded_aws, name)[0] == "new"


def test_only_python_is_run_and_anything_else_says_so(embedded_aws: Aws) -> None:
    name = function(embedded_aws, "", Runtime="nodejs22.x", Handler="index.handler")
    with pytest.raises(ClientError, match="runs Python functions only"):
        embedded_aws("lambda").invoke(FunctionName=name)


def test_no_function_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    ready, log, mark = tmp_path / "ready", tmp_path / "log", tmp_path / "pid"
    command = [sys.executable, "-m", "lifeboat.local.embedded.server", "--ready-file", str(ready)]
    source = f"""
        import os, pathlib, time
        def handler(event, context):
            pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))
            time.sleep(60)
    """
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:  # noqa: S603 - ours
        aws = Aws(launch.wait_until_ready(process, ready, log))
        aws("lambda").invoke(FunctionName=function(aws, source, Timeout=60), InvocationType="Event")
        assert eventually(lambda: mark.exists() and mark.read_text(encoding="utf-8"))
        process.kill()
    pid = int(mark.read_text(encoding="utf-8"))
    assert eventually(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not is_running(pid), 5)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
