"""Step Functions and EventBridge: what moto does not do."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from tests.lifeboat.embedded.aws import Aws, Check, Client, eventually, promises

ROLE = "arn:aws:iam::123456789012:role/anybody"


def machine(aws: Aws, definition: dict[str, Any], region: str = "us-east-1") -> tuple[Client, str]:
    client = aws("stepfunctions", region)
    arn = client.create_state_machine(name=aws.name("machine"), definition=json.dumps(definition), roleArn=ROLE)
    return client, arn["stateMachineArn"]


def ended(client: Client, execution: str) -> dict[str, Any]:
    """Wait for the end of an execution; plain moto never begins one."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        return None if found["status"] == "RUNNING" else found

    found = eventually(look, 5)
    assert found, f"{execution} still runs"
    return found


def run(client: Client, arn: str) -> dict[str, Any]:
    return ended(client, client.start_execution(stateMachineArn=arn, name=f"run-{time.time_ns()}")["executionArn"])


def task(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return {"StartAt": "Only", "States": {"Only": state}}


def check_sdk_names(aws: Aws) -> None:
    rds, name = aws("rds"), aws.name("cluster")
    rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="root", MasterUserPassword="secret99"
    )
    described = run(
        *machine(aws, task("arn:aws:states:::aws-sdk:rds:describeDBClusters", {"DbClusterIdentifier": name}))
    )
    assert json.loads(described["output"])["DbClusters"][0]["DbClusterIdentifier"] == name
    failed = run(*machine(aws, task("arn:aws:states:::aws-sdk:ssm:getParameter", {"Name": aws.name("/nothing")})))
    assert failed["error"] == "Ssm.ParameterNotFoundException"


def check_service_names(aws: Aws) -> None:
    scaling = "arn:aws:states:::aws-sdk:applicationautoscaling:describeScalableTargets"
    described = run(*machine(aws, task(scaling, {"ServiceNamespace": "ecs", "ResourceIds": [aws.name("nothing")]})))
    assert json.loads(described["output"])["ScalableTargets"] == []


def check_operations(aws: Aws) -> None:
    good = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}
    client, arn = machine(aws, good)
    assert client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"] == []
    assert client.validate_state_machine_definition(definition=json.dumps(good))["result"] == "OK"
    assert client.validate_state_machine_definition(definition='{"StartAt": "Only"}')["result"] == "FAIL"


def check_paths(aws: Aws) -> None:
    note = {"Type": "Pass", "Parameters": {"name.$": "$.list[1].name"}, "Next": "Look"}
    rule = {"Variable": "$.name", "StringEquals": "b", "Next": "Right"}
    look = {"Type": "Choice", "Choices": [rule], "Default": "Wrong"}
    states = {"Note": note, "Look": look, "Right": {"Type": "Succeed"}, "Wrong": {"Type": "Fail"}}
    client, arn = machine(aws, {"StartAt": "Note", "States": states})
    given = json.dumps({"list": [{"name": "a"}, {"name": "b"}]})
    execution = client.start_execution(stateMachineArn=arn, name="run", input=given)["executionArn"]
    assert ended(client, execution)["status"] == "SUCCEEDED"


def check_context(aws: Aws) -> None:
    parameters = {"at.$": "States.Format('{}/1', $$.Execution.StartTime)"}
    note = {"Type": "Pass", "Parameters": parameters, "End": True}
    found = run(*machine(aws, {"StartAt": "Only", "States": {"Only": note}}))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/1", json.loads(found["output"])["at"])


def check_causes(aws: Aws) -> None:
    queue = aws("sqs").create_queue(QueueName=aws.name("asked"))["QueueUrl"]
    client, arn = machine(
        aws,
        task(
            "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken",
            {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
        ),
    )
    execution = client.start_execution(stateMachineArn=arn, name="run")["executionArn"]
    asked = eventually(lambda: aws("sqs").receive_message(QueueUrl=queue).get("Messages"), 5)
    assert asked
    client.send_task_failure(taskToken=asked[0]["Body"], error="No", cause="It is late")
    assert ended(client, execution)["cause"] == "It is late"


def check_branch_errors(aws: Aws) -> None:
    queue = aws("sqs").create_queue(QueueName=aws.name("unheard"))["QueueUrl"]
    resource = "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken"
    waiting = task(resource, {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"})
    waiting["States"]["Only"]["TimeoutSeconds"] = 1
    catch = {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "Caught"}
    both = {"Type": "Parallel", "Branches": [waiting], "Catch": [catch], "End": True}
    client, arn = machine(aws, {"StartAt": "Both", "States": {"Both": both, "Caught": {"Type": "Succeed"}}})
    found = run(client, arn)
    assert found["status"] == "SUCCEEDED", found.get("cause")
    assert json.loads(found["output"])["error"]["Error"] == "States.Timeout"


def check_early_stop(aws: Aws) -> None:
    def waiting(number: int) -> dict[str, Any]:
        waits = {f"Wait {at}": {"Type": "Wait", "Seconds": 60, "Next": f"Wait {at + 1}"} for at in range(number)}
        return {"StartAt": "Wait 0", "States": {**waits, f"Wait {number}": {"Type": "Succeed"}}}

    client, arn = machine(aws, waiting(500))  # long enough to be read when the call comes
    plain = json.dumps(waiting(1))
    brief = client.create_state_machine(name=aws.name("brief"), definition=plain, roleArn=ROLE)["stateMachineArn"]
    for number, each in enumerate([arn, *[brief] * 5]):  # the brief one is about to enter its first state
        execution = client.start_execution(stateMachineArn=each, name=str(number))["executionArn"]
        client.stop_execution(executionArn=execution)
        assert ended(client, execution)["status"] == "ABORTED"
        events = client.get_execution_history(executionArn=execution)["events"]
        assert (events[0]["type"], events[-1]["type"]) == ("ExecutionStarted", "ExecutionAborted")


def check_targets(aws: Aws) -> None:
    here, there = "us-east-1", "eu-west-1"
    states, arn = machine(aws, {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}, there)
    bus = aws.name("bus")
    arns = {region: aws("events", region).create_event_bus(Name=bus)["EventBusArn"] for region in (here, there)}
    for region, target in ((here, arns[there]), (there, arn)):
        events = aws("events", region)
        events.put_rule(Name="pass", EventBusName=bus, EventPattern=json.dumps({"detail": {"to": [there]}}))
        events.put_targets(Rule="pass", EventBusName=bus, Targets=[{"Id": "on", "Arn": target, "RoleArn": ROLE}])

    def send(number: int) -> None:
        entry = {"EventBusName": bus, "Source": "test", "DetailType": "Test"}
        details = [{"to": there, "number": number}, {"to": "nobody", "number": number}]
        aws("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)} for detail in details])

    def heard() -> list[int]:
        executions = states.list_executions(stateMachineArn=arn)["executions"]
        inputs = [states.describe_execution(executionArn=each["executionArn"])["input"] for each in executions]
        return sorted(json.loads(each)["detail"]["number"] for each in inputs)

    send(1)
    assert eventually(heard) == [1]
    aws.admin("PUT", f"dark/{there}")
    try:
        send(2)
    finally:
        aws.admin("DELETE", f"dark/{there}")
    assert eventually(lambda: heard() == [1, 2]), heard()


def check_third_bus(aws: Aws) -> None:
    """See that the second bus hears of an event and the third does not, in three regions and in one."""
    for regions in (("us-east-1", "eu-west-1", "eu-central-1"), ("us-east-1",) * 3):
        buses = [(region, aws.name("bus")) for region in regions]
        arns = [aws("events", region).create_event_bus(Name=bus)["EventBusArn"] for region, bus in buses]
        queues = [aws("sqs", region).create_queue(QueueName=bus)["QueueUrl"] for region, bus in buses]
        for (region, bus), on in zip(buses, [*arns[1:], None], strict=True):
            here = {"Id": "here", "Arn": f"arn:aws:sqs:{region}:123456789012:{bus}"}
            targets = [here, *([{"Id": "on", "Arn": on, "RoleArn": ROLE}] if on else [])]
            aws("events", region).put_rule(Name="all", EventBusName=bus, EventPattern='{"source": ["test"]}')
            aws("events", region).put_targets(Rule="all", EventBusName=bus, Targets=targets)
        entry = {"EventBusName": buses[0][1], "Source": "test", "DetailType": "Test", "Detail": "{}"}
        aws("events", regions[0]).put_events(Entries=[entry])
        heard = [
            "Messages" in aws("sqs", region).receive_message(QueueUrl=queue)
            for (region, _bus), queue in zip(buses, queues, strict=True)
        ]
        assert heard == [True, True, False], regions


CHECKS: dict[str, Check] = {
    "stepfunctions.sdk-names": check_sdk_names,
    "stepfunctions.service-names": check_service_names,
    "stepfunctions.operations": check_operations,
    "stepfunctions.paths": check_paths,
    "stepfunctions.context": check_context,
    "stepfunctions.causes": check_causes,
    "stepfunctions.branch-errors": check_branch_errors,
    "stepfunctions.early-stop": check_early_stop,
    "events.targets": check_targets,
    "events.third_bus": check_third_bus,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
