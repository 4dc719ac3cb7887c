"""Where a construct stands: the region's facts that every construct needs, in one small value."""

from __future__ import annotations

from dataclasses import dataclass

from deployments.naming import Names


@dataclass(frozen=True, kw_only=True)
class Site:
    """One region of one system in one account.

    Attributes:
        names: Physical names of the system.
        region: AWS region.
        account: Account id, a Terraform expression known at plan time.
        partition: AWS partition, a Terraform expression (`aws`, `aws-cn`, `aws-us-gov`).
        protected: Whether data is kept on destroy: deletion protection, final snapshots, no forced destroy.
        log_days: Days that CloudWatch keeps logs.
    """

    names: Names
    region: str
    account: str
    partition: str
    protected: bool
    log_days: int

    def arn(self, service: str, resource: str) -> str:
        """Write the ARN of something of this region and account that is known by name only."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Write the ARN of something of this account that belongs to no region."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"
