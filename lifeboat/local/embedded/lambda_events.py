"""What becomes of asynchronous Lambda invocations: retries, then the dead-letter queue and the destinations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html. Retries follow at once; AWS waits one
minute before the first and two before the second.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lifeboat.local.embedded.lambda_runtime import Outcome

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef


@dataclass(frozen=True, kw_only=True)
class Queued:
    """One event waiting for its function.

    Attributes:
        function_arn: As invoked, qualifier included.
        region: Region of the function.
        event: JSON.
        attempts: How often to try in all; 0 sends the event straight to the destinations of failure.
        dead_letters: ARN of the dead-letter queue or topic. Empty when there is none.
        destinations: ARN for each of `OnSuccess` and `OnFailure` that is set.
    """

    function_arn: str
    region: str
    event: str
    attempts: int
    dead_letters: str
    destinations: Mapping[str, str]


def process(queued: Queued, run: Callable[[], Outcome]) -> None:
    """Run an event in the background, until it succeeds or its attempts are used up."""
    threading.Thread(target=_work, args=(queued, run), daemon=True).start()


def _work(queued: Queued, run: Callable[[], Outcome]) -> None:
    outcome: Outcome | None = None
    problem = "the function's reserved concurrency is 0"
    for _ in range(queued.attempts):
        try:
            outcome = run()
        except Exception as error:  # noqa: BLE001 - whatever stopped it, the event goes where failures go
            problem = str(error)
            continue
        problem = outcome.message
        if not outcome.error:
            break
    failed = outcome is None or outcome.error
    if failed and queued.dead_letters:
        _bury(queued, outcome, problem)
    target = queued.destinations.get("OnFailure" if failed else "OnSuccess")
    if target:
        _send(target, json.dumps(_record(queued, outcome, failed=failed)), {})


def _bury(queued: Queued, outcome: Outcome | None, problem: str) -> None:
    attributes = {
        "RequestID": outcome.request_id if outcome else str(uuid.uuid4()),
        "ErrorCode": "200" if outcome else "429",
        "ErrorMessage": problem[:1024],
    }
    _send(queued.dead_letters, queued.event, attributes)


def _record(queued: Queued, outcome: Outcome | None, *, failed: bool) -> dict[str, object]:
    """Return the document that destinations get."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    function_error = {"functionError": "Unhandled"} if outcome and outcome.error else {}
    return {
        "version": "1.0",
        "timestamp": now,
        "requestContext": {
            "requestId": outcome.request_id if outcome else str(uuid.uuid4()),
            "functionArn": queued.function_arn,
            "condition": "RetriesExhausted" if failed else "Success",
            "approximateInvokeCount": queued.attempts,
        },
        "requestPayload": json.loads(queued.event),
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", **function_error},
        "responsePayload": json.loads(outcome.payload) if outcome else None,
    }


def _send(arn: str, message: str, attributes: Mapping[str, str]) -> None:
    """Send through the front door, so that a dark region gets nothing; what cannot be sent is lost, as in AWS."""
    _, _, service, region, _, name = arn.split(":", 5)
    typed: Mapping[str, MessageAttributeValueTypeDef] = {
        key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()
    }
    session = boto3.Session(region_name=region)
    try:
        if service == "sqs":
            client = session.client("sqs")
            url = client.get_queue_url(QueueName=name)["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=message, MessageAttributes=typed)
        elif service == "sns":
            session.client("sns").publish(TopicArn=arn, Message=message, MessageAttributes=typed)
        elif service == "lambda":
            session.client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=message)
        elif service == "events":
            kind = "Lambda Function Invocation Result"
            session.client("events").put_events(
                Entries=[{"Source": "lambda", "DetailType": kind, "Detail": message, "EventBusName": arn}]
            )
    except (BotoCoreError, ClientError):
        return
