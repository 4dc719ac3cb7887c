"""What a Route 53 health checker would get from an endpoint of the embedded AWS."""

from __future__ import annotations

from lifeboat.local.embedded import dns, front
from lifeboat.local.embedded.front import Answer, UnreachableError

AGENT = "Amazon-Route53-Health-Check-Service"

__all__ = ["UnreachableError", "ask"]


def ask(*, account: str, host: str, port: int, path: str) -> Answer:
    """Return what an endpoint answers.

    Args:
        account: Account of the health check.
        host: Fully qualified name.
        port: TCP port.
        path: Resource path, with a query behind it where there is one.

    Raises:
        UnreachableError: The name does not resolve, the region is dark, or the target does not answer HTTP.
    """
    plain, _, query = path.partition("?")
    asked = front.Request(
        account=account,
        host=host,
        port=port,
        path=plain,
        query=query,
        headers={"host": host, "user-agent": AGENT},
    )
    return front.serve(asked, dns.resolve(account, host))
