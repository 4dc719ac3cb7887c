"""SQS: what moto does not do."""

from __future__ import annotations

import json

from tests.lifeboat.embedded.aws import Aws, Check, promises


def check_redrive(aws: Aws) -> None:
    sqs = aws("sqs")
    dead = sqs.create_queue(QueueName=aws.name("dead"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":5}}'
    url = sqs.create_queue(QueueName=aws.name("work"), Attributes={"RedrivePolicy": redrive, "Policy": policy})[
        "QueueUrl"
    ]
    allow = '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
    one = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert one == {"RedriveAllowPolicy": allow}
    seen = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (seen["RedrivePolicy"], seen["RedriveAllowPolicy"], seen["Policy"]) == (redrive, allow, policy)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": "", "RedrivePolicy": ""})
    seen = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert {"RedrivePolicy", "RedriveAllowPolicy"}.isdisjoint(seen)


CHECKS: dict[str, Check] = {"sqs.redrive": check_redrive}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
