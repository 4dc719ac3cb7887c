"""The role under which API Gateway writes logs: one setting per account and region, which no stack may own.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_iam import IAMClient

ROLE = "lifeboat-api-logs"
POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ATTEMPTS, PAUSE_SECONDS = 10, 3
"""A new role is known everywhere only after a while; API Gateway refuses it until then."""


def logging_role(apigateway: APIGatewayClient) -> str | None:
    """Return the ARN of the role that a region writes API logs under. None: it has none, and refuses access logs."""
    return apigateway.get_account().get("cloudwatchRoleArn") or None


def give_logging_role(iam: IAMClient, apigateway: APIGatewayClient, partition: str) -> str:
    """Make the role unless it exists, and give it to a region's API Gateway; return the role's id.

    Raises:
        ClientError: AWS refuses.
    """
    try:
        role = iam.get_role(RoleName=ROLE)["Role"]
    except iam.exceptions.NoSuchEntityException:
        role = iam.create_role(
            RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST), Description="Made by lifeboat bootstrap"
        )["Role"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=f"arn:{partition}:iam::aws:policy/{POLICY}")
    offer_role(apigateway, role["Arn"])
    return role["RoleId"]


def offer_role(apigateway: APIGatewayClient, arn: str) -> None:
    """Give a role to API Gateway, again as long as it is too new to be known.

    Raises:
        ClientError: AWS refuses for another reason, or does not come to know the role.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            apigateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "BadRequestException" or attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
