"""How the function talks to AWS: only to its own region, and never for long."""

from __future__ import annotations

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as NoConnectionError

ATTEMPTS = 2
TIMEOUT_SECONDS = 1.0
"""For connecting, and again for each answer. A store in the same region answers in milliseconds; one that takes
longer is better reported to the client, who can retry, than waited for."""

LONGEST_CALL_SECONDS = ATTEMPTS * 2 * TIMEOUT_SECONDS + 1.0
"""Every attempt connects and answers as late as it may, and botocore waits up to a second between the two."""

_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottlingException",
        "TooManyRequestsException",
    },
)


def bounded(region: str) -> Config:
    """Configure a client for a region with short time-outs and one retry."""
    return Config(
        region_name=region,
        connect_timeout=TIMEOUT_SECONDS,
        read_timeout=TIMEOUT_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )


def is_passing(error: Exception) -> bool:
    """Tell a store that is away for now (no answer, throttled, its own error) from a fault of ours."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error_code(error) in _THROTTLED
    # botocore has no common ancestor for these: no connection, no answer in time, half an answer.
    return isinstance(error, NoConnectionError | HTTPClientError | IncompleteReadError)


def error_code(error: ClientError) -> str:
    """Take AWS's word for what went wrong; empty when it gave none."""
    return error.response.get("Error", {}).get("Code", "")
