"""Lambda: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, promises
from tests.lifeboat.embedded.functions import function
from tests.lifeboat.embedded.test_lambda_runtime import ECHO, check_runs


def check_settings(aws: Aws) -> None:
    client, queue = aws("lambda"), "arn:aws:sqs:us-east-1:123456789012:dead"
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN", "LogGroup": "/shop"}
    name = function(aws, ECHO, DeadLetterConfig={"TargetArn": queue}, LoggingConfig=logging)
    created = client.get_function_configuration(FunctionName=name)
    assert created["DeadLetterConfig"] == {"TargetArn": queue}
    assert created["LoggingConfig"] == logging
    client.update_function_configuration(
        FunctionName=name,
        DeadLetterConfig={"TargetArn": ""},
        TracingConfig={"Mode": "Active"},
        KMSKeyArn="arn:aws:kms:us-east-1:123456789012:key/k",
        EphemeralStorage={"Size": 1024},
    )
    updated = client.get_function_configuration(FunctionName=name)
    assert "DeadLetterConfig" not in updated
    assert updated["TracingConfig"] == {"Mode": "Active"}
    assert updated["KMSKeyArn"] == "arn:aws:kms:us-east-1:123456789012:key/k"
    assert updated["EphemeralStorage"] == {"Size": 1024}


def check_vpc(aws: Aws) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="function", Description="function")["GroupId"]
    name = function(aws, ECHO, VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]})
    config = aws("lambda").get_function_configuration(FunctionName=name)["VpcConfig"]
    assert (config["VpcId"], config["SubnetIds"], config["SecurityGroupIds"]) == (vpc, [subnet], [group])


def check_reserved_zero(aws: Aws) -> None:
    client, name = aws("lambda"), function(aws, ECHO)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert client.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 0}


def check_event_invoke_config(aws: Aws) -> None:
    client, name = aws("lambda"), function(aws, ECHO)
    for attempts in (2, 0):
        client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=attempts)
    assert client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 0


def check_provisioned_concurrency(aws: Aws) -> None:
    client, name = aws("lambda"), function(aws, ECHO)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client.put_provisioned_concurrency_config(FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2)
    config = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    assert (config["Status"], config["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    try:
        client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    except client.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return
    raise AssertionError("provisioned concurrency is still there after it was deleted")


def check_event_source_alias(aws: Aws) -> None:
    client, name = aws("lambda"), function(aws, ECHO)
    client.publish_version(FunctionName=name)
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = client.create_event_source_mapping(FunctionName=alias, EventSourceArn=queue)["UUID"]
    assert client.get_event_source_mapping(UUID=mapping)["FunctionArn"] == alias


CHECKS: dict[str, Check] = {
    "lambda.runs": check_runs,
    "lambda.settings": check_settings,
    "lambda.vpc": check_vpc,
    "lambda.reserved_zero": check_reserved_zero,
    "lambda.event_invoke_config": check_event_invoke_config,
    "lambda.provisioned_concurrency": check_provisioned_concurrency,
    "lambda.event_source_alias": check_event_source_alias,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
