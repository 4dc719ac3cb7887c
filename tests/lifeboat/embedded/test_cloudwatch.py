"""CloudWatch: what moto does not do."""

from __future__ import annotations

import json

import pytest

from lifeboat.local.embedded.alarm_rule import AlarmRule
from tests.lifeboat.embedded.aws import Aws, Check, Client, eventually, promises


def alarm(aws: Aws, **settings: object) -> str:
    name = aws.name("alarm")
    aws("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "Shop",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        | settings
    )
    return name


def state(aws: Aws, name: str) -> str:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = aws("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    return str((found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"])


def inbox(aws: Aws) -> tuple[str, str]:
    """Return the ARN of a topic and the URL of a queue that gets its messages."""
    sqs, sns, name = aws("sqs"), aws("sns"), aws.name("pager")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    attributes = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=attributes)
    return topic, url


def received(sqs: Client, url: str) -> dict[str, object]:
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages", [])) or [{"Body": "{}"}]
    document: dict[str, object] = json.loads(message["Body"])
    return document


def check_first_state(aws: Aws) -> None:
    name = alarm(aws)
    assert state(aws, name) == "INSUFFICIENT_DATA"


def check_actions(aws: Aws) -> None:
    topic, url = inbox(aws)
    name = alarm(aws, AlarmActions=[topic])
    cloudwatch = aws("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="fine")
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    message = received(aws("sqs"), url)
    told = {key: message.get(key) for key in ("AlarmName", "NewStateValue", "NewStateReason", "OldStateValue")}
    assert told == {
        "AlarmName": name,
        "NewStateValue": "ALARM",
        "NewStateReason": "drill",
        "OldStateValue": "OK",
    }
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="again")
    assert "Messages" not in aws("sqs").receive_message(QueueUrl=url)


def check_composite(aws: Aws) -> None:
    topic, url = inbox(aws)
    one, two, both = alarm(aws), alarm(aws), aws.name("composite")
    cloudwatch = aws("cloudwatch")
    rule = f'ALARM("{one}") AND NOT OK({two})'
    cloudwatch.put_composite_alarm(AlarmName=both, AlarmRule=rule, AlarmActions=[topic])
    assert state(aws, both) == "OK"
    cloudwatch.set_alarm_state(AlarmName=one, StateValue="ALARM", StateReason="drill")
    assert state(aws, both) == "ALARM"
    assert received(aws("sqs"), url)["AlarmName"] == both
    cloudwatch.set_alarm_state(AlarmName=two, StateValue="OK", StateReason="fine")
    assert state(aws, both) == "OK"


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ('OK("arn:aws:cloudwatch:us-east-1:123456789012:alarm:b")', True),
        ("ALARM(b) OR ALARM(a) AND OK(b)", True),
        ("(ALARM(b) OR ALARM(a)) AND NOT OK(b)", False),
        ("NOT NOT TRUE AND NOT FALSE", True),
        ("INSUFFICIENT_DATA(missing)", False),
    ],
)
def test_a_rule_binds_not_before_and_before_or(rule: str, *, holds: bool) -> None:
    states: dict[str, str | None] = {"a": "ALARM", "b": "OK"}
    assert AlarmRule(rule, lambda name: states.get(name)).holds() is holds  # noqa: PLW0108 - `get` is overloaded


@pytest.mark.parametrize("rule", ["", "ALARM(a", "ALARM(a) XOR OK(b)", "(TRUE", "MAYBE(a)"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="alarm rule"):
        AlarmRule(rule, lambda _: None).holds()


def check_state_filter(aws: Aws) -> None:
    quiet, loud = alarm(aws), alarm(aws)
    cloudwatch = aws("cloudwatch")
    for name, value in ((quiet, "OK"), (loud, "ALARM")):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason="test")
    found = cloudwatch.describe_alarms(AlarmNamePrefix="alarm-", StateValue="ALARM")["MetricAlarms"]
    names = {each["AlarmName"] for each in found}
    assert loud in names
    assert quiet not in names


CHECKS: dict[str, Check] = {
    "cloudwatch.state_filter": check_state_filter,
    "cloudwatch.first_state": check_first_state,
    "cloudwatch.actions": check_actions,
    "cloudwatch.composite": check_composite,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
