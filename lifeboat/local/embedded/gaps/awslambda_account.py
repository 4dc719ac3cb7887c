"""Lambda: the limits and the use of an account in a region."""

from __future__ import annotations

import json

from moto.awslambda import urls
from moto.awslambda.models import lambda_backends
from moto.awslambda.responses import LambdaResponse

from lifeboat.local.embedded.gap import Gap

CONCURRENCY = 1000
"""What AWS gives to begin with: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def fill_account_settings() -> None:
    """Answer GetAccountSettings from the functions that are there."""
    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/account-settings/?$"] = LambdaResponse.dispatch

    def get_account_settings(self: LambdaResponse) -> tuple[int, dict[str, str], str]:
        functions = list(lambda_backends[self.current_account][self.region].list_functions())
        reserved = sum(int(function.reserved_concurrency or 0) for function in functions)
        limit = {
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY - reserved,
            "TotalCodeSize": 80530636800,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
        }
        answer = {"AccountLimit": limit, "AccountUsage": {"FunctionCount": len(functions), "TotalCodeSize": 0}}
        return 200, {}, json.dumps(answer)

    LambdaResponse.get_account_settings = get_account_settings


GAPS = (
    Gap(
        name="lambda.account_settings",
        missing="GetAccountSettings does not exist.",
        matters="Nobody could see before a failover that the standby may not grow to full size.",
        fill=fill_account_settings,
    ),
)
