"""S3: which requests a bucket policy refuses."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.aws import Aws, promises


def read_back(aws: Aws, *conditions: dict[str, dict[str, str]]) -> bytes:
    """Write and read an object of a bucket that refuses everything under each of the conditions."""
    s3, bucket = aws("s3"), aws.name("policy")
    s3.create_bucket(Bucket=bucket)
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": each,
        }
        for each in conditions
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    return bytes(s3.get_object(Bucket=bucket, Key="key")["Body"].read())


def what_comes_over_tls_is_not_refused(aws: Aws) -> None:
    assert read_back(aws, {"Bool": {"aws:SecureTransport": "false"}}) == b"x"


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}},
    ],
)
def test_a_refusal_whose_condition_holds_is_kept(embedded_aws: Aws, condition: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ClientError) as refusal:
        read_back(embedded_aws, condition)
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


CHECKS = {"s3.policy-conditions": what_comes_over_tls_is_not_refused}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
