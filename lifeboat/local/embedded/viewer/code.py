"""Code at the edge, run as deployed: Lambda@Edge near the viewer, CloudFront functions in Node."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from moto.awslambda.models import lambda_backends
from moto.cloudfront.models import cloudfront_backends
from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from lifeboat.local.embedded import lambda_runtime
from lifeboat.local.embedded.gaps.awslambda import described
from lifeboat.local.embedded.viewer.exchange import Document, EdgeError, Headers
from lifeboat.local.embedded.viewer.headers import violations

RUNNER = Path(__file__).with_name("cloudfront_function.js")
SECONDS = 10.0
"""Node starts anew for every call; CloudFront's own limit of a millisecond cannot be measured like this."""


def run_lambda(arn: str, event: str, cf: Document, near: str) -> Document:
    """Run a version of a function in the region that is near the viewer; return its result.

    Raises:
        EdgeError: It fails, or returns what CloudFront does not accept.
    """
    account, name, version = arn.split(":")[4], arn.split(":")[6], arn.split(":")[7]
    deployed = lambda_backends[account]["us-east-1"].get_function(name, version)
    copied = f"us-east-1.{name}"
    function = dataclasses.replace(
        described(deployed, version), name=copied, region=near, log_group=f"/aws/lambda/{copied}"
    )
    outcome = lambda_runtime.run(function, json.dumps({"Records": [{"cf": cf}]}))
    _write_log(account, near, function.log_group, outcome)
    if outcome.error:
        raise EdgeError(503, f"the Lambda function {name} failed at {event}: {outcome.message}")
    result: Document | None = json.loads(outcome.payload)
    if not isinstance(result, Mapping):
        raise EdgeError(502, f"the Lambda function {name} returned nothing that CloudFront could use")
    _validate(event, cf, result, name)
    return result


def _validate(event: str, cf: Document, result: Document, name: str) -> None:
    is_response = "status" in result
    kind = "response" if event.endswith("response") else "request"
    before: Headers = {} if is_response and kind == "request" else cf[kind].get("headers", {})
    after = result.get("headers", {})
    rules = "viewer-response" if is_response and kind == "request" else event
    problems = list(violations(rules, before, after))
    if not is_response and not str(result.get("uri", "")).startswith("/"):
        problems.append("the uri does not start with a slash")
    if problems:
        raise EdgeError(502, f"the Lambda function {name} returned what is not allowed: {'; '.join(problems)}")


def _write_log(account: str, region: str, group: str, outcome: lambda_runtime.Outcome) -> None:
    logs = logs_backends[account][region]
    logs.ensure_log_group(group)
    logs.create_log_stream(group, outcome.log_stream)
    now = int(unix_time_millis())
    logs.put_log_events(group, outcome.log_stream, [{"timestamp": now, "message": line} for line in outcome.log])


def run_cloudfront_function(arn: str, event: Document) -> Document:
    """Run the published code of a CloudFront function; return its request or response in Lambda@Edge's form.

    Raises:
        EdgeError: It fails, is not there, or there is no Node to run it.
    """
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    function = cloudfront_backends[account]["aws"].functions.get(name)
    node = shutil.which("node")
    if function is None or not function.live or node is None:
        raise EdgeError(503, f"the CloudFront function {name} is not published, or Node is missing")
    order = json.dumps({"code": source(function.live["code"]), "event": _lighter(event)})
    try:
        done = subprocess.run(  # noqa: S603 - the deployed function, in a context of its own
            [node, str(RUNNER)], input=order, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise EdgeError(503, f"the CloudFront function {name} did not end") from None
    if done.returncode:
        raise EdgeError(503, f"the CloudFront function {name} failed: {done.stderr.strip().splitlines()[-1]}")
    return _heavier(json.loads(done.stdout), event)


def source(code: bytes | str) -> str:
    """Return the text of a function as moto keeps it: bytes, or still in the form of the request."""
    if isinstance(code, bytes):
        return code.decode()
    try:
        return base64.b64decode(code, validate=True).decode()
    except ValueError:
        return code


def _lighter(cf: Document) -> Document:
    """Write an event in the form of CloudFront functions.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    request = cf["request"]
    pairs = (pair.partition("=") for pair in request["querystring"].split("&") if pair)
    cookies = (
        pair.strip().partition("=") for h in request["headers"].get("cookie", []) for pair in h["value"].split(";")
    )
    return {
        "version": "1.0",
        "context": cf["config"],
        "viewer": {"ip": request["clientIp"]},
        "request": {
            "method": request["method"],
            "uri": request["uri"],
            "querystring": {name: {"value": value} for name, _, value in pairs},
            "headers": {
                name: {"value": values[0]["value"]} for name, values in request["headers"].items() if name != "cookie"
            },
            "cookies": {name: {"value": value} for name, _, value in cookies if name},
        },
    }


def _heavier(result: Document, cf: Document) -> Document:
    """Read a result back; cookies travel in headers, as they came."""
    names = {each: value["value"] for each, value in result.get("headers", {}).items()}
    headers = {name: [{"key": name.title(), "value": value}] for name, value in names.items()}
    if "statusCode" in result:
        return result | {"headers": headers, "status": str(result["statusCode"])}
    kept = {name: values for name, values in cf["request"]["headers"].items() if name == "cookie"}
    query = "&".join(f"{name}={value['value']}" for name, value in result.get("querystring", {}).items())
    return {"uri": result["uri"], "querystring": query, "headers": headers | kept}
