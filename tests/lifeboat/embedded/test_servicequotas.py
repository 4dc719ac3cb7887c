"""Service Quotas and what Lambda tells of an account: what moto does not do."""

from __future__ import annotations

from tests.lifeboat.embedded.aws import Aws, Check, promises
from tests.lifeboat.embedded.functions import function


def check_values(aws: Aws) -> None:
    asked = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
    found = aws("service-quotas").get_service_quota(**asked)["Quota"]
    assert (found["QuotaName"], found["Value"]) == ("EC2-VPC Elastic IPs", 5.0)
    vpcs = aws("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quota"]
    assert vpcs["Value"] == 5.0  # what moto knows it still answers


def check_account_settings(aws: Aws) -> None:
    region = "eu-north-1"  # nobody else has functions there
    lambda_ = aws("lambda", region)
    name = function(aws, "def handler(event, context): return 1", region=region)
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=30)
    limits = lambda_.get_account_settings()["AccountLimit"]
    assert (limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]) == (1000, 970)


CHECKS: dict[str, Check] = {
    "servicequotas.values": check_values,
    "lambda.account_settings": check_account_settings,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
