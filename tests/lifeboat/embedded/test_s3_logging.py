"""S3: where access logs may be delivered."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.aws import Aws, promises


def log_to_prefix(aws: Aws, *, allowed: str) -> str:
    """Let the logging service write below a prefix, refuse plain HTTP, and keep a bucket's logs below `s3/web/`."""
    s3 = aws("s3")
    logs, web = aws.name("logs"), aws.name("web")
    for bucket in (logs, web):
        s3.create_bucket(Bucket=bucket)
    arn = f"arn:aws:s3:::{logs}"
    service = {"Service": "logging.s3.amazonaws.com"}
    statements = [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"{arn}/{allowed}*"},
    ]
    s3.put_bucket_policy(Bucket=logs, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    target = {"TargetBucket": logs, "TargetPrefix": "s3/web/"}
    s3.put_bucket_logging(Bucket=web, BucketLoggingStatus={"LoggingEnabled": target})
    return str(s3.get_bucket_logging(Bucket=web)["LoggingEnabled"]["TargetPrefix"])


def a_statement_for_a_wider_prefix_is_enough(aws: Aws) -> None:
    assert log_to_prefix(aws, allowed="s3/") == "s3/web/"


def test_a_statement_for_another_prefix_is_not_enough(embedded_aws: Aws) -> None:
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        log_to_prefix(embedded_aws, allowed="vpc/")


CHECKS = {"s3.logging-policy": a_statement_for_a_wider_prefix_is_enough}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
