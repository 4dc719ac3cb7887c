"""The census sees whatever is left over, of any service, and nothing that AWS or history put there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws
from tests.lifeboat.embedded.functions import TRUST, zipped

# Makes one thing and returns what removes it again.
Maker = Callable[[Aws], Callable[[], object]]


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """A server of its own: a census counts what everybody left."""
    with launch.running() as url:
        yield Aws(url)


def bucket(aws: Aws) -> Callable[[], object]:
    s3 = aws("s3")
    s3.create_bucket(Bucket="left-over")
    return lambda: s3.delete_bucket(Bucket="left-over")


def vpc(aws: Aws) -> Callable[[], object]:
    ec2 = aws("ec2")
    made = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    return lambda: ec2.delete_vpc(VpcId=made)


def address(aws: Aws) -> Callable[[], object]:
    ec2 = aws("ec2", "us-west-2")
    made = ec2.allocate_address(Domain="vpc")["AllocationId"]
    return lambda: ec2.release_address(AllocationId=made)


def key(aws: Aws) -> Callable[[], object]:
    kms = aws("kms")
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/left", TargetKeyId=made)

    def remove() -> None:
        kms.delete_alias(AliasName="alias/left")
        kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)

    return remove


def queue(aws: Aws) -> Callable[[], object]:
    sqs = aws("sqs")
    url = sqs.create_queue(QueueName="left")["QueueUrl"]
    return lambda: sqs.delete_queue(QueueUrl=url)


def topic(aws: Aws) -> Callable[[], object]:
    sns = aws("sns")
    arn = sns.create_topic(Name="left")["TopicArn"]
    sns.publish(TopicArn=arn, Message="kept as history")
    return lambda: sns.delete_topic(TopicArn=arn)


def role(aws: Aws) -> Callable[[], object]:
    iam = aws("iam")
    iam.create_role(RoleName="left", AssumeRolePolicyDocument=json.dumps(TRUST))
    return lambda: iam.delete_role(RoleName="left")


def policy(aws: Aws) -> Callable[[], object]:
    iam = aws("iam")
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::x"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="left", PolicyDocument=document)["Policy"]["Arn"]
    return lambda: iam.delete_policy(PolicyArn=arn)


def function(aws: Aws) -> Callable[[], object]:
    client = aws("lambda")
    remove_role = role(aws)
    arn = aws("iam").get_role(RoleName="left")["Role"]["Arn"]
    code = {"ZipFile": zipped(app="def handler(e, c): pass")}
    client.create_function(
        FunctionName="left", Role=arn, Runtime="python3.13", Handler="app.handler", Code=code, Publish=True
    )

    def remove() -> None:
        client.delete_function(FunctionName="left")
        remove_role()

    return remove


def log_group(aws: Aws) -> Callable[[], object]:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/left")
    return lambda: logs.delete_log_group(logGroupName="/left")


def saved_query(aws: Aws) -> Callable[[], object]:
    logs = aws("logs")
    made = logs.put_query_definition(name="left", queryString="limit 1")["queryDefinitionId"]
    return lambda: logs.delete_query_definition(queryDefinitionId=made)


def parameter(aws: Aws) -> Callable[[], object]:
    ssm = aws("ssm", "us-west-2")
    ssm.put_parameter(Name="/left", Value="1", Type="String")
    return lambda: ssm.delete_parameter(Name="/left")


def alarm(aws: Aws) -> Callable[[], object]:
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="left", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1,
        Namespace="n", MetricName="m", Period=60, Statistic="Sum",
    )  # fmt: skip
    return lambda: cloudwatch.delete_alarms(AlarmNames=["left"])


def zone(aws: Aws) -> Callable[[], object]:
    route53 = aws("route53")
    made = route53.create_hosted_zone(Name="left.example.com", CallerReference="1")["HostedZone"]["Id"]
    return lambda: route53.delete_hosted_zone(Id=made)


def health_check(aws: Aws) -> Callable[[], object]:
    route53 = aws("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "x.example.com"}
    made = route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]["Id"]
    return lambda: route53.delete_health_check(HealthCheckId=made)


def table(aws: Aws) -> Callable[[], object]:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="left", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )  # fmt: skip
    return lambda: dynamodb.delete_table(TableName="left")


def encrypted_table(aws: Aws) -> Callable[[], object]:
    """A table with encryption: AWS makes a key of its own in the account, which stays."""
    dynamodb = aws("dynamodb", "eu-west-1")
    dynamodb.create_table(
        TableName="sealed",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )
    return lambda: dynamodb.delete_table(TableName="sealed")


def snapshotted_instance(aws: Aws) -> Callable[[], object]:
    """A database that was snapshotted: RDS keeps events about it, which are history."""
    rds, name = aws("rds", "eu-west-1"), {"DBInstanceIdentifier": "seen"}
    rds.create_db_instance(
        **name,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="not-a-secret",
    )
    rds.create_db_snapshot(**name, DBSnapshotIdentifier="kept")

    def remove() -> None:
        rds.delete_db_snapshot(DBSnapshotIdentifier="kept")
        rds.delete_db_instance(**name, SkipFinalSnapshot=True)

    return remove


def cluster(aws: Aws) -> Callable[[], object]:
    rds = aws("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="left", Engine="aurora-postgresql", MasterUsername="admin1",
        MasterUserPassword="not-a-secret",
    )  # fmt: skip
    return lambda: rds.delete_db_cluster(DBClusterIdentifier="left", SkipFinalSnapshot=True)


def secret(aws: Aws) -> Callable[[], object]:
    client = aws("secretsmanager")
    client.create_secret(Name="left", SecretString="x")
    return lambda: client.delete_secret(SecretId="left", ForceDeleteWithoutRecovery=True)


def certificate(aws: Aws) -> Callable[[], object]:
    acm = aws("acm")
    request = {"DomainName": "x.example.com", "ValidationMethod": "DNS", "IdempotencyToken": "once"}
    arn = acm.request_certificate(**request)["CertificateArn"]
    return lambda: acm.delete_certificate(CertificateArn=arn)


MAKERS: dict[str, tuple[Maker, set[tuple[str, str]]]] = {
    "s3": (bucket, {("s3", "aws")}),
    "vpc": (vpc, {("ec2", "us-east-1")}),
    "address": (address, {("ec2", "us-west-2")}),
    "kms": (key, {("kms", "us-east-1")}),
    "sqs": (queue, {("sqs", "us-east-1")}),
    "sns": (topic, {("sns", "us-east-1")}),
    "role": (role, {("iam", "aws")}),
    "policy": (policy, {("iam", "aws")}),
    "lambda": (function, {("lambda", "us-east-1"), ("iam", "aws")}),
    "logs": (log_group, {("logs", "us-east-1")}),
    "query": (saved_query, {("logs", "us-east-1")}),
    "ssm": (parameter, {("ssm", "us-west-2")}),
    "cloudwatch": (alarm, {("cloudwatch", "us-east-1")}),
    "zone": (zone, {("route53", "aws")}),
    "health_check": (health_check, {("route53", "aws")}),
    "dynamodb": (table, {("dynamodb", "us-east-1")}),
    "encrypted_table": (encrypted_table, {("dynamodb", "eu-west-1")}),
    "rds_events": (snapshotted_instance, {("rds", "eu-west-1")}),
    "rds": (cluster, {("rds", "us-east-1")}),
    "secretsmanager": (secret, {("secretsmanager", "us-east-1")}),
    "acm": (certificate, {("acm", "us-east-1")}),
}


def things(aws: Aws) -> list[dict[str, str]]:
    found: list[dict[str, str]] = aws.admin("GET", "census")
    return found


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_left_over_is_seen_until_it_is_deleted(aws: Aws, name: str) -> None:
    make, places = MAKERS[name]
    before = things(aws)
    remove = make(aws)
    seen = [thing for thing in things(aws) if thing not in before]
    assert {(thing["service"], thing["region"]) for thing in seen} == places
    assert seen == sorted(seen, key=lambda thing: tuple(thing.values()))
    remove()
    assert things(aws) == before


def test_what_every_account_has_is_not_counted(aws: Aws) -> None:
    aws("ec2", "eu-west-1").describe_vpcs()
    aws("events", "eu-west-1").list_event_buses()
    aws("iam").list_policies(Scope="AWS")
    aws("cloudwatch").put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    assert aws.admin("GET", "census") == []
