"""Secrets Manager: rotations that run."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, Client, eventually, promises
from tests.lifeboat.embedded.functions import function

FOUR_STEPS = """
import boto3, os
CLIENT = boto3.client("secretsmanager")
def handler(event, context):
    step, secret, token = event["Step"], event["SecretId"], event["ClientRequestToken"]
    if step == "createSecret":
        stages = ["AWSPENDING"]
        CLIENT.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString="new", VersionStages=stages)
    if step == os.environ.get("FAILS"):
        raise RuntimeError("not today")
    if step == "finishSecret":
        stages = CLIENT.describe_secret(SecretId=secret)["VersionIdsToStages"]
        old = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
        CLIENT.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=old)
"""


def rotated(aws: Aws, **environment: str) -> tuple[Client, str]:
    """Make a secret and have it rotated; return a client and the secret's name."""
    client = aws("secretsmanager")
    name = client.create_secret(Name=aws.name("secret"), SecretString="old")["Name"]
    code = function(aws, FOUR_STEPS, Environment={"Variables": environment})
    arn = aws("lambda").get_function(FunctionName=code)["Configuration"]["FunctionArn"]
    client.rotate_secret(SecretId=name, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
    return client, name


def value(client: Client, name: str) -> str:
    return str(client.get_secret_value(SecretId=name)["SecretString"])


def check_rotation(aws: Aws) -> None:
    client, name = rotated(aws)
    assert eventually(lambda: value(client, name) == "new")
    shown = client.describe_secret(SecretId=name)
    assert (shown["RotationEnabled"], shown["RotationRules"]) == (True, {"AutomaticallyAfterDays": 30})
    assert client.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "old"
    # A rotation that fails leaves the current version alone, and its own one waiting for the next try.
    client, name = rotated(aws, FAILS="testSecret")
    pending = {"SecretId": name, "VersionStage": "AWSPENDING"}
    waiting = client.exceptions.ResourceNotFoundException
    assert eventually(lambda: _value_or_none(client, pending, waiting) == "new")
    assert value(client, name) == "old"


def _value_or_none(client: Client, pending: dict[str, str], missing: type[Exception]) -> str | None:
    try:
        return str(client.get_secret_value(**pending)["SecretString"])
    except missing:
        return None


def test_a_function_that_is_still_busy_with_the_last_rotation_is_waited_for(embedded_aws: Aws) -> None:
    client = embedded_aws("secretsmanager")
    name = client.create_secret(Name=embedded_aws.name("secret"), SecretString="old")["Name"]
    busy = f"import time\n{FOUR_STEPS}        time.sleep(1.5)\n"
    code, functions = function(embedded_aws, busy), embedded_aws("lambda")
    functions.put_function_concurrency(FunctionName=code, ReservedConcurrentExecutions=1)
    arn = functions.get_function(FunctionName=code)["Configuration"]["FunctionArn"]
    first = client.rotate_secret(SecretId=name, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})
    assert eventually(lambda: "AWSCURRENT" in stages(client, name).get(first["VersionId"], ()))
    second = client.rotate_secret(SecretId=name)
    assert second["VersionId"] != first["VersionId"]
    assert eventually(lambda: "AWSCURRENT" in stages(client, name).get(second["VersionId"], ()))


def stages(client: Client, name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    return found


CHECKS: dict[str, Check] = {"secretsmanager.rotation": check_rotation}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
